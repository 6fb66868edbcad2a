// The root of a monotone concave function by Newton's method with limited steps, kept in a bracket.

/** @param f - value and slope; the slope keeps its sign */
export function solveConcave(start: number, f: (y: number) => readonly [value: number, slope: number]): number {
  let [low, high] = [-Infinity, Infinity]
  let y = start
  for (let i = 0; i < 100; i++) {
    const [value, slope] = f(y)
    if (value === 0) return y
    if (value > 0 === slope > 0) high = y
    else low = y
    const step = -value / slope
    let next = y + Math.max(-4, Math.min(4, Number.isNaN(step) ? 0 : step))
    if (!(next > low && next < high)) next = Number.isFinite(low + high) ? (low + high) / 2 : next
    if (Math.abs(next - y) <= 2 ** -52 * Math.abs(y) + 1e-17 || (Math.abs(next - y) < 1e-9 && i > 50)) return next
    y = next
  }
  return y
}
