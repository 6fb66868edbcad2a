// Tridiagonal systems by Gaussian elimination with partial pivoting, which fills one more diagonal.
// G. Golub, C. Van Loan, Matrix Computations, 2013, section 4.3.

import { allFinite, type Tools } from './tools.js'

/** The parts of one system inside arrays; all of it is overwritten. */
export interface TridiagonalSystem {
  /** `[n - 1]` */
  readonly lower: Float64Array
  /** `[n]` */
  readonly diagonal: Float64Array
  /** `[n - 1]` */
  readonly upper: Float64Array
  readonly n: number
  /** `[n, columns]`: b, replaced by x. */
  readonly x: Float64Array
  readonly at: number
  readonly columns: number
}

/** Solves in place; false where the matrix is singular, or not finite. */
export function solveTridiagonal(tools: Tools, system: TridiagonalSystem): boolean {
  const { lower, diagonal, upper, n } = system
  if (![lower, upper].every((side) => allFinite(side, 0, Math.max(0, n - 1))) || !allFinite(diagonal, 0, n))
    return false
  const second = tools.scratch(n)
  for (let i = 0; i < n - 1; i++) eliminate(system, i, second)
  for (let i = 0; i < n; i++) if (diagonal[i] === 0) return false
  for (let i = n - 1; i >= 0; i--) substitute(system, i, second)
  return true
}

/** Removes the entry below pivot i, with the larger of the two rows on top. */
function eliminate(
  { lower, diagonal, upper, n, x, at, columns }: TridiagonalSystem,
  i: number,
  second: Float64Array,
): void {
  const top = at + i * columns
  const swap = Math.abs(lower[i]) > Math.abs(diagonal[i])
  second[i] = 0
  if (!swap) {
    const factor = diagonal[i] === 0 ? 0 : lower[i] / diagonal[i]
    diagonal[i + 1] -= factor * upper[i]
    for (let c = top; c < top + columns; c++) x[c + columns] -= factor * x[c]
    return
  }
  const factor = diagonal[i] / lower[i]
  diagonal[i] = lower[i]
  const beside = diagonal[i + 1]
  diagonal[i + 1] = upper[i] - factor * beside
  upper[i] = beside
  if (i < n - 2) {
    second[i] = upper[i + 1]
    upper[i + 1] *= -factor
  }
  for (let c = top; c < top + columns; c++) {
    const kept = x[c]
    x[c] = x[c + columns]
    x[c + columns] = kept - factor * x[c]
  }
}

function substitute({ diagonal, upper, n, x, at, columns }: TridiagonalSystem, i: number, second: Float64Array): void {
  const row = at + i * columns
  for (let c = row; c < row + columns; c++) {
    let rest = x[c]
    if (i < n - 1) rest -= upper[i] * x[c + columns]
    if (i < n - 2) rest -= second[i] * x[c + 2 * columns]
    x[c] = rest / diagonal[i]
  }
}
