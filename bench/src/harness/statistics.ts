// Order statistics of small samples.

/** The q-quantile, linear between the two nearest values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = q * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/** The largest difference of two results, relative to the largest entry of the first. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let worst = 0
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs(a[i] - b[i])
    worst = Math.max(worst, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap)
    largest = Math.max(largest, Math.abs(a[i]))
  }
  return largest === 0 ? worst : worst / largest
}
