// Toeplitz systems in n^2 operations, by vectors that solve ever larger leading systems for unit vectors.
// N. Levinson, The Wiener RMS Error Criterion in Filter Design and Prediction, 1947; W. Trench, 1964.

import type { Tools } from './tools.js'

/** The parts of one system `toeplitz(column, row) x = b` inside arrays. */
export interface ToeplitzSystem {
  readonly column: Float64Array
  readonly row: Float64Array
  readonly at: number
  readonly n: number
  /** `[n, columns]`: b, replaced by x. */
  readonly x: Float64Array
  readonly xAt: number
  readonly columns: number
}

/** Solves in place; false where a leading minor vanishes. */
export function solveLevinson(tools: Tools, { column, row, at, n, x, xAt, columns }: ToeplitzSystem): boolean {
  if (n === 0) return true
  const head = column[at]
  if (head === 0) return false
  const forward = tools.scratch(n)
  const backward = tools.scratch(n)
  forward[0] = 1 / head
  backward[0] = 1 / head
  for (let c = 0; c < columns; c++) x[xAt + c] /= head
  for (let k = 1; k < n; k++) {
    let below = 0
    let above = 0
    for (let i = 0; i < k; i++) {
      below += column[at + k - i] * forward[i]
      above += row[at + i + 1] * backward[i]
    }
    const rest = 1 - below * above
    if (rest === 0) return false
    // Both grow by one place: forward at its end, backward at its beginning.
    let shifted = 0
    for (let i = 0; i <= k; i++) {
      const own = i < k ? forward[i] : 0
      const moved = shifted
      shifted = i < k ? backward[i] : 0
      forward[i] = (own - below * moved) / rest
      backward[i] = (moved - above * own) / rest
    }
    for (let c = 0; c < columns; c++) {
      let reached = 0
      for (let i = 0; i < k; i++) reached += column[at + k - i] * x[xAt + i * columns + c]
      const missing = x[xAt + k * columns + c] - reached
      x[xAt + k * columns + c] = 0
      for (let i = 0; i <= k; i++) x[xAt + i * columns + c] += missing * backward[i]
    }
  }
  return true
}
