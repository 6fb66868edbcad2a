// Cholesky by halves: factor the first, solve the panel below it, update the rest with its product.
// F. Gustavson, Recursion Leads to Automatic Variable Blocking for Dense Linear-Algebra Algorithms, IBM JRD 1997.

import type { Tools } from './tools.js'

/** Largest block factored row by row. */
const DIRECT = 32
/** Largest diagonal block updated as a full square. */
const SQUARE = 64

/**
 * Replaces the lower triangle by its factor, rows `stride` apart; what is above the diagonal is overwritten.
 *
 * @returns 0, or the order of the leading minor that is not positive definite
 */
export function factorCholesky(tools: Tools, a: Float64Array, at: number, n: number, stride: number): number {
  if (n <= DIRECT) return factorDirect(a, at, n, stride)
  const half = n >> 1
  const below = at + half * stride
  const info = factorCholesky(tools, a, at, half, stride)
  if (info !== 0) return info
  solvePanel(tools, a, at, half, below, n - half, stride)
  updateSquare(tools, a, below, below + half, n - half, half, stride)
  const rest = factorCholesky(tools, a, below + half, n - half, stride)
  return rest === 0 ? 0 : rest + half
}

function factorDirect(a: Float64Array, at: number, n: number, stride: number): number {
  for (let i = 0; i < n; i++) {
    const row = at + i * stride
    let pivot = a[row + i]
    for (let j = 0; j < i; j++) {
      const other = at + j * stride
      let total = a[row + j]
      for (let k = 0; k < j; k++) total -= a[row + k] * a[other + k]
      const value = total / a[other + j]
      a[row + j] = value
      pivot -= value * value
    }
    if (!(pivot > 0)) return i + 1
    a[row + i] = Math.sqrt(pivot)
  }
  return 0
}

/** `x l^T = b` in place of the `m` rows at `x`. */
function solvePanel(tools: Tools, a: Float64Array, l: number, n: number, x: number, m: number, stride: number): void {
  if (n <= DIRECT) {
    solvePanelDirect(a, l, n, x, m, stride)
    return
  }
  const half = n >> 1
  solvePanel(tools, a, l, half, x, m, stride)
  subtract(tools, a, x, l + half * stride, x + half, [m, n - half, half], stride)
  solvePanel(tools, a, l + half * (stride + 1), n - half, x + half, m, stride)
}

/** Four rows at a time, so that their sums do not wait for each other. */
function solvePanelDirect(a: Float64Array, l: number, n: number, x: number, m: number, stride: number): void {
  let i = 0
  for (; i + 3 < m; i += 4) {
    const x0 = x + i * stride
    const x1 = x0 + stride
    const x2 = x1 + stride
    const x3 = x2 + stride
    for (let j = 0; j < n; j++) {
      const row = l + j * stride
      let s0 = a[x0 + j]
      let s1 = a[x1 + j]
      let s2 = a[x2 + j]
      let s3 = a[x3 + j]
      for (let k = 0; k < j; k++) {
        const f = a[row + k]
        s0 -= f * a[x0 + k]
        s1 -= f * a[x1 + k]
        s2 -= f * a[x2 + k]
        s3 -= f * a[x3 + k]
      }
      const pivot = a[row + j]
      a[x0 + j] = s0 / pivot
      a[x1 + j] = s1 / pivot
      a[x2 + j] = s2 / pivot
      a[x3 + j] = s3 / pivot
    }
  }
  for (; i < m; i++) {
    const own = x + i * stride
    for (let j = 0; j < n; j++) {
      const row = l + j * stride
      let total = a[own + j]
      for (let k = 0; k < j; k++) total -= a[row + k] * a[own + k]
      a[own + j] = total / a[row + j]
    }
  }
}

/** `c -= x x^T` on and below the diagonal of c; x are `n` rows of length `k`. */
function updateSquare(tools: Tools, a: Float64Array, x: number, c: number, n: number, k: number, stride: number): void {
  if (n <= SQUARE) {
    subtract(tools, a, x, x, c, [n, n, k], stride)
    return
  }
  const half = n >> 1
  const low = x + half * stride
  updateSquare(tools, a, x, c, half, k, stride)
  subtract(tools, a, low, x, c + half * stride, [n - half, half, k], stride)
  updateSquare(tools, a, low, c + half * (stride + 1), n - half, k, stride)
}

/** `c -= x y^T`, all three inside one array. */
function subtract(
  { gemm }: Tools,
  a: Float64Array,
  x: number,
  y: number,
  c: number,
  [m, n, k]: readonly [number, number, number],
  stride: number,
): void {
  gemm({
    m,
    n,
    k,
    alpha: -1,
    a,
    aOffset: x,
    aStrides: [stride, 1],
    b: a,
    bOffset: y,
    bStrides: [1, stride],
    c: a,
    cOffset: c,
    cStride: stride,
  })
}
