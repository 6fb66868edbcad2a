// A matrix reduced to upper bidiagonal form by reflectors from both sides; one pass over the rest applies the last pair and
// multiplies with the next left one. G. Howell et al., Cache Efficient Bidiagonalization Using BLAS 2.5 Operators, 2008.

import { makeReflector, type Reflectors } from './reflectors.js'
import type { Tools } from './tools.js'

/**
 * Reduces a `[m, n]`, m >= n, which is overwritten. Left reflector j acts on rows from j on, right reflector j on columns
 * from j + 1 on.
 *
 * @param d - the diagonal, `[n]`
 * @param e - above it, `[n]`, the last one 0
 */
export function reduceBidiagonal(
  tools: Tools,
  a: Float64Array,
  m: number,
  n: number,
  d: Float64Array,
  e: Float64Array,
  left: Reflectors,
  right: Reflectors,
): void {
  const x = tools.scratch(n) // a^T times the left vector
  const y = tools.scratch(m) // a times the right vector
  for (let k = 0; k < n; k++) {
    const row = k * left.stride
    const v = left.data
    for (let i = 0; i < k; i++) v[row + i] = 0
    for (let i = k; i < m; i++) v[row + i] = a[i * n + k]
    d[k] = makeReflector(v, row + k, m - k, left.tau, k)
    e[k] = 0
    if (k === n - 1) return
    multiplyTransposed(a, m, n, k, v, row, x)
    for (let j = k + 1; j < n; j++) x[j] *= left.tau[k]
    const line = k * right.stride
    const u = right.data
    for (let j = 0; j <= k; j++) u[line + j] = 0
    for (let j = k + 1; j < n; j++) u[line + j] = a[k * n + j] - x[j]
    e[k] = makeReflector(u, line + k + 1, n - k - 1, right.tau, k)
    let overlap = 0
    for (let j = k + 1; j < n; j++) overlap += x[j] * u[line + j]
    multiply(a, m, n, k + 1, u, line, y)
    for (let i = k + 1; i < m; i++) y[i] = right.tau[k] * (y[i] - v[row + i] * overlap)
    update(a, m, n, k + 1, v, row, x, y, u, line)
  }
}

/** `x = a^T v` over columns after k, rows from k on; four rows at a time. */
function multiplyTransposed(
  a: Float64Array,
  m: number,
  n: number,
  k: number,
  v: Float64Array,
  row: number,
  x: Float64Array,
): void {
  x.fill(0, k + 1, n)
  let i = k
  for (; i + 3 < m; i += 4) {
    const f0 = v[row + i]
    const f1 = v[row + i + 1]
    const f2 = v[row + i + 2]
    const f3 = v[row + i + 3]
    const r0 = i * n
    const r1 = r0 + n
    const r2 = r1 + n
    const r3 = r2 + n
    for (let j = k + 1; j < n; j++) x[j] += f0 * a[r0 + j] + f1 * a[r1 + j] + f2 * a[r2 + j] + f3 * a[r3 + j]
  }
  for (; i < m; i++) {
    const f = v[row + i]
    for (let j = k + 1; j < n; j++) x[j] += f * a[i * n + j]
  }
}

/** `y = a u` over rows and columns from `from` on; four rows at a time, so that their sums do not wait for each other. */
function multiply(
  a: Float64Array,
  m: number,
  n: number,
  from: number,
  u: Float64Array,
  line: number,
  y: Float64Array,
): void {
  let i = from
  for (; i + 3 < m; i += 4) {
    const r0 = i * n
    const r1 = r0 + n
    const r2 = r1 + n
    const r3 = r2 + n
    let s0 = 0
    let s1 = 0
    let s2 = 0
    let s3 = 0
    for (let j = from; j < n; j++) {
      const f = u[line + j]
      s0 += f * a[r0 + j]
      s1 += f * a[r1 + j]
      s2 += f * a[r2 + j]
      s3 += f * a[r3 + j]
    }
    y[i] = s0
    y[i + 1] = s1
    y[i + 2] = s2
    y[i + 3] = s3
  }
  for (; i < m; i++) {
    let total = 0
    for (let j = from; j < n; j++) total += u[line + j] * a[i * n + j]
    y[i] = total
  }
}

/** `a -= v x^T + y u^T` over rows and columns from `from` on; two rows at a time. */
function update(
  a: Float64Array,
  m: number,
  n: number,
  from: number,
  v: Float64Array,
  row: number,
  x: Float64Array,
  y: Float64Array,
  u: Float64Array,
  line: number,
): void {
  let i = from
  for (; i + 1 < m; i += 2) {
    const r0 = i * n
    const r1 = r0 + n
    const v0 = v[row + i]
    const v1 = v[row + i + 1]
    const y0 = y[i]
    const y1 = y[i + 1]
    for (let j = from; j < n; j++) {
      const f = x[j]
      const g = u[line + j]
      a[r0 + j] -= v0 * f + y0 * g
      a[r1 + j] -= v1 * f + y1 * g
    }
  }
  if (i < m) for (let j = from; j < n; j++) a[i * n + j] -= v[row + i] * x[j] + y[i] * u[line + j]
}
