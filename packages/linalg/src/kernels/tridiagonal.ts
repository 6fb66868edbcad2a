// A symmetric matrix reduced to tridiagonal form by reflectors; each pass over the triangle applies the last one and
// multiplies with the next, as in G. Howell et al., Cache Efficient Bidiagonalization Using BLAS 2.5 Operators, 2008.

import { makeReflector, type Reflectors } from './reflectors.js'
import type { Tools } from './tools.js'

/**
 * Reduces the lower triangle of a `[n, n]`, which is overwritten. Reflector j acts on rows from j + 1 on.
 *
 * @param d - the diagonal, `[n]`
 * @param e - below it, `[n - 1]`
 */
export function reduceTridiagonal(
  tools: Tools,
  a: Float64Array,
  n: number,
  d: Float64Array,
  e: Float64Array,
  reflectors: Reflectors,
): void {
  const { data, tau } = reflectors
  let v = tools.scratch(n)
  let w = tools.scratch(n)
  let next = tools.scratch(n)
  let product = tools.scratch(n)
  v.fill(0)
  w.fill(0)
  for (let k = 0; k < n; k++) {
    for (let i = k; i < n; i++) next[i] = a[i * n + k] - v[i] * w[k] - w[i] * v[k]
    d[k] = next[k]
    if (k === n - 1) return
    e[k] = makeReflector(next, k + 1, n - k - 1, tau, k)
    const row = k * n
    for (let i = 0; i <= k; i++) data[row + i] = 0
    for (let i = k + 1; i < n; i++) data[row + i] = next[i]
    for (let i = k + 1; i < n; i++) product[i] = 0
    updateAndMultiply(a, n, k + 1, v, w, next, product)
    let overlap = 0
    for (let i = k + 1; i < n; i++) {
      product[i] *= tau[k]
      overlap += product[i] * next[i]
    }
    const half = (tau[k] * overlap) / 2
    for (let i = k + 1; i < n; i++) product[i] -= half * next[i]
    ;[v, next] = [next, v]
    ;[w, product] = [product, w]
  }
}

/** `a -= v w^T + w v^T`, then `product = a x`, over rows and columns from `from` on; two rows at a time. */
function updateAndMultiply(
  a: Float64Array,
  n: number,
  from: number,
  v: Float64Array,
  w: Float64Array,
  x: Float64Array,
  product: Float64Array,
): void {
  let i = from
  if ((n - from) % 2 === 1) {
    const value = a[i * n + i] - 2 * v[i] * w[i]
    a[i * n + i] = value
    product[i] = value * x[i]
    i++
  }
  for (; i < n; i += 2) {
    const row = i * n
    const low = row + n
    const v0 = v[i]
    const v1 = v[i + 1]
    const w0 = w[i]
    const w1 = w[i + 1]
    const x0 = x[i]
    const x1 = x[i + 1]
    let s0 = 0
    let s1 = 0
    for (let j = from; j < i; j++) {
      const vj = v[j]
      const wj = w[j]
      const xj = x[j]
      const t0 = a[row + j] - v0 * wj - w0 * vj
      const t1 = a[low + j] - v1 * wj - w1 * vj
      a[row + j] = t0
      a[low + j] = t1
      s0 += t0 * xj
      s1 += t1 * xj
      product[j] += t0 * x0 + t1 * x1
    }
    const a00 = a[row + i] - 2 * v0 * w0
    const a10 = a[low + i] - v1 * w0 - w1 * v0
    const a11 = a[low + i + 1] - 2 * v1 * w1
    a[row + i] = a00
    a[low + i] = a10
    a[low + i + 1] = a11
    product[i] = s0 + a00 * x0 + a10 * x1
    product[i + 1] = s1 + a10 * x0 + a11 * x1
  }
}
