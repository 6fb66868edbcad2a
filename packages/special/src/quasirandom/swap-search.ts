// Lowers the centred discrepancy of a design by swaps within columns, each update in O(n) (R. Jin, W. Chen, A. Sudjianto,
// An Efficient Algorithm for Constructing Optimal Design of Computer Experiments, 2005).

import type { HostGenerator } from '@adjoint/core/random'

/** A design at least as good; the given one stays. */
export function swapSearch(points: ArrayLike<number>, n: number, d: number, generator: HostGenerator, swaps: number) {
  const x = Float64Array.from(points)
  const single = Float64Array.from({ length: n }, (_, i) => singleTerm(x, i, d))
  const pairs = Float64Array.from({ length: n * n }, (_, k) => pairTerm(x, Math.floor(k / n), k % n, d))
  const row = (i: number) => {
    let sum = 0
    for (let k = 0; k < n; k++) sum += pairs[i * n + k]
    return sum
  }
  for (let step = 0; step < swaps; step++) {
    const [i, j, c] = [generator.integer(n), generator.integer(n), generator.integer(d)]
    if (i === j) continue
    // Rows i and j appear twice in the double sum, their meetings with each other and themselves once.
    const cost = () => {
      const meetings = pairs[i * n + i] + pairs[j * n + j] + 2 * pairs[i * n + j]
      return (2 * (row(i) + row(j)) - meetings) / (n * n) - (2 / n) * (single[i] + single[j])
    }
    const exchange = () => {
      ;[x[i * d + c], x[j * d + c]] = [x[j * d + c], x[i * d + c]]
      for (const r of [i, j]) {
        single[r] = singleTerm(x, r, d)
        for (let k = 0; k < n; k++) pairs[r * n + k] = pairs[k * n + r] = pairTerm(x, r, k, d)
      }
    }
    const before = cost()
    exchange()
    if (cost() > before) exchange()
  }
  return x
}

function singleTerm(x: Float64Array, i: number, d: number): number {
  let product = 1
  for (let c = 0; c < d; c++) {
    const z = Math.abs(x[i * d + c] - 0.5)
    product *= 1 + z / 2 - (z * z) / 2
  }
  return product
}

function pairTerm(x: Float64Array, i: number, k: number, d: number): number {
  let product = 1
  for (let c = 0; c < d; c++) {
    const [a, b] = [x[i * d + c], x[k * d + c]]
    product *= 1 + Math.abs(a - 0.5) / 2 + Math.abs(b - 0.5) / 2 - Math.abs(a - b) / 2
  }
  return product
}
