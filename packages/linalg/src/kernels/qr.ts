// Householder QR: panels of columns are reduced one by one, and each panel's reflectors applied at once to the rest.
// G. Golub, C. Van Loan, Matrix Computations, 4th edition, section 5.2.

import { applyBlock, applyReflector, BLOCK, blockTools, makeReflector, type Reflectors } from './reflectors.js'
import type { Tools } from './tools.js'

/**
 * Reduces a `[m, n]` to upper trapezoidal form in place; below the diagonal it is left with arbitrary numbers.
 *
 * @returns the reflectors, as many as the smaller side
 */
export function reduceQr(tools: Tools, a: Float64Array, at: number, m: number, n: number, v: Reflectors): void {
  const { count } = v
  const work = tools.scratch(n)
  if (count <= BLOCK) {
    reducePanel(a, at, m, n, 0, count, n, v, work)
    return
  }
  const blocks = blockTools(tools, n)
  for (let j = 0; j < count; j += BLOCK) {
    const end = Math.min(j + BLOCK, count)
    reducePanel(a, at, m, n, j, end, end, v, work)
    applyBlock(blocks, v, j, end - j, true, { data: a, at: at + j * n + end, stride: n, columns: n - end })
  }
}

/** Reduces columns `from` to `to`, applying each reflector up to column `last`. */
function reducePanel(
  a: Float64Array,
  at: number,
  m: number,
  n: number,
  from: number,
  to: number,
  last: number,
  { data: v, stride, tau }: Reflectors,
  work: Float64Array,
): void {
  for (let j = from; j < to; j++) {
    const row = j * stride
    for (let i = 0; i < j; i++) v[row + i] = 0
    for (let i = j; i < m; i++) v[row + i] = a[at + i * n + j]
    a[at + j * n + j] = makeReflector(v, row + j, m - j, tau, j)
    applyReflector(v, row + j, tau[j], a, at + j * n + j + 1, n, m - j, last - j - 1, work)
  }
}

/** The order of columns in which each has the largest part outside the span of those before it. */
export function pivotOrder(
  tools: Tools,
  a: Float64Array,
  at: number,
  m: number,
  n: number,
  order: Int32Array,
  out: number,
): void {
  const work = tools.scratch(n)
  const norms = tools.scratch(n)
  const v = tools.scratch(m)
  const tau = tools.scratch(1)
  for (let j = 0; j < n; j++) order[out + j] = j
  for (let k = 0; k < Math.min(m, n); k++) {
    columnNorms(a, at, m, n, k, norms)
    let best = k
    for (let j = k + 1; j < n; j++) if (norms[j] > norms[best]) best = j
    swapColumns(a, at, m, n, k, best)
    const kept = order[out + k]
    order[out + k] = order[out + best]
    order[out + best] = kept
    for (let i = k; i < m; i++) v[i] = a[at + i * n + k]
    makeReflector(v, k, m - k, tau, 0)
    applyReflector(v, k, tau[0], a, at + k * n + k + 1, n, m - k, n - k - 1, work)
  }
}

/** Squares of what is left of each column below row k: computed anew, where updates would cancel. */
function columnNorms(a: Float64Array, at: number, m: number, n: number, k: number, norms: Float64Array): void {
  norms.fill(0, k, n)
  for (let i = k; i < m; i++) {
    const row = at + i * n
    for (let j = k; j < n; j++) norms[j] += a[row + j] * a[row + j]
  }
}

function swapColumns(a: Float64Array, at: number, m: number, n: number, x: number, y: number): void {
  if (x === y) return
  for (let i = 0; i < m; i++) {
    const row = at + i * n
    const kept = a[row + x]
    a[row + x] = a[row + y]
    a[row + y] = kept
  }
}
