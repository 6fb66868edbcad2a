// LU with partial pivoting by halves of the columns: factor the left, solve and update the right, factor what remains.
// S. Toledo, Locality of Reference in LU Decomposition with Partial Pivoting, SIAM J. Matrix Anal. Appl. 1997.

import type { Tools } from './tools.js'
import { solveTriangular } from './triangular.js'

/** Widest panel factored column by column. */
const DIRECT = 16
/** Up to this width a whole matrix is. */
const SMALL = 32

/**
 * Replaces a `[m, n]` by its factors; `pivots` are the rows swapped with rows 0, 1, ...
 *
 * @returns 0, or one more than the place of the first pivot that is zero
 */
export function factorLu(
  tools: Tools,
  a: Float64Array,
  at: number,
  m: number,
  n: number,
  pivots: Int32Array,
  out: number,
): number {
  const k = Math.min(m, n)
  const info =
    n <= SMALL ? factorDirect(a, at, m, n, 0, k, pivots, out) : factorColumns(tools, a, at, m, n, 0, k, pivots, out)
  if (n > k) finish(tools, a, at, k, n, [0, k], [k, n])
  return info
}

/** Columns `from` to `to` of the matrix, rows from `from` on. Whole rows are swapped, so that all columns stay in step. */
function factorColumns(
  tools: Tools,
  a: Float64Array,
  at: number,
  m: number,
  stride: number,
  from: number,
  to: number,
  pivots: Int32Array,
  out: number,
): number {
  if (to - from <= DIRECT) return factorDirect(a, at, m, stride, from, to, pivots, out)
  const middle = (from + to) >> 1
  const first = factorColumns(tools, a, at, m, stride, from, middle, pivots, out)
  finish(tools, a, at, m, stride, [from, middle], [middle, to])
  const second = factorColumns(tools, a, at, m, stride, middle, to, pivots, out)
  return first === 0 ? second : first
}

/** Brings columns of `right` up to date with the factored columns `left`. */
function finish(
  tools: Tools,
  a: Float64Array,
  at: number,
  m: number,
  stride: number,
  [from, middle]: readonly [number, number],
  [start, end]: readonly [number, number],
): void {
  const corner = at + from * stride
  const columns = end - start
  const triangle = { data: a, at: corner + from, row: stride, column: 1, lower: true, unit: true }
  solveTriangular(tools, triangle, middle - from, { data: a, at: corner + start, stride, columns })
  if (middle >= m) return
  const low = at + middle * stride
  if (columns === 1 || m - middle === 1) {
    subtractThin(a, low + from, corner + start, low + start, [m - middle, columns, middle - from], stride)
    return
  }
  tools.gemm({
    m: m - middle,
    n: columns,
    k: middle - from,
    alpha: -1,
    a,
    aOffset: low + from,
    aStrides: [stride, 1],
    b: a,
    bOffset: corner + start,
    bStrides: [stride, 1],
    c: a,
    cOffset: low + start,
    cStride: stride,
  })
}

function subtractThin(
  a: Float64Array,
  left: number,
  right: number,
  target: number,
  [m, n, k]: readonly [number, number, number],
  stride: number,
): void {
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const f = a[left + i * stride + p]
      for (let j = 0; j < n; j++) a[target + i * stride + j] -= f * a[right + p * stride + j]
    }
  }
}

function factorDirect(
  a: Float64Array,
  at: number,
  m: number,
  stride: number,
  from: number,
  to: number,
  pivots: Int32Array,
  out: number,
): number {
  let info = 0
  for (let j = from; j < to; j++) {
    const best = largestBelow(a, at, m, stride, j)
    pivots[out + j] = best
    const row = at + j * stride
    if (best !== j) swapRows(a, row, at + best * stride, stride)
    const pivot = a[row + j]
    if (pivot === 0) {
      if (info === 0) info = j + 1
      continue
    }
    for (let i = j + 1; i < m; i++) {
      const other = at + i * stride
      const factor = a[other + j] / pivot
      a[other + j] = factor
      if (factor === 0) continue
      for (let k = j + 1; k < to; k++) a[other + k] -= factor * a[row + k]
    }
  }
  return info
}

function largestBelow(a: Float64Array, at: number, m: number, stride: number, j: number): number {
  let best = j
  let size = -1
  for (let i = j; i < m; i++) {
    const here = Math.abs(a[at + i * stride + j])
    if (here > size) {
      size = here
      best = i
    }
  }
  return best
}

function swapRows(a: Float64Array, x: number, y: number, count: number): void {
  for (let k = 0; k < count; k++) {
    const kept = a[x + k]
    a[x + k] = a[y + k]
    a[y + k] = kept
  }
}
