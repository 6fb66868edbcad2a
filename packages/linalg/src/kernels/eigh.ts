// Eigenvalues of symmetric matrices: tridiagonal form, then implicit QL with Wilkinson's shift.
// A. Dubrulle, R. Martin, J. Wilkinson, The Implicit QL Algorithm, Numerische Mathematik 1968.

import { type DelayedRotations, delayedRotations, discardedRotations } from './delayed-rotations.js'
import { accumulate } from './reflectors.js'
import type { Sweep } from './rotations.js'
import type { Tools } from './tools.js'
import { reduceTridiagonal } from './tridiagonal.js'

const EPS = 2 ** -52
/** Steps for one eigenvalue before giving up; two are usual. */
const PATIENCE = 50

/**
 * Eigenvalues in ascending order and, unless `vectors` is null, eigenvectors as its columns.
 *
 * @param a - the lower triangle of a symmetric `[n, n]` with entries near 1 in size; overwritten
 * @returns 0, or how many off-diagonal elements did not converge
 */
export function symmetricEigen(
  tools: Tools,
  a: Float64Array,
  n: number,
  values: Float64Array,
  valuesAt: number,
  vectors: Float64Array | null,
  vectorsAt: number,
): number {
  const d = tools.scratch(n)
  const e = tools.scratch(n)
  const count = Math.max(n - 1, 0)
  const v = { data: tools.scratch(count * n), stride: n, first: 1, count, length: n, tau: tools.scratch(count) }
  reduceTridiagonal(tools, a, n, d, e, v)
  const z = vectors === null ? null : a
  if (z !== null) {
    accumulate(tools, v, z, 0, n)
    transposeInPlace(z, n)
  }
  const rotations = z === null ? discardedRotations(tools, n) : delayedRotations(tools, z, n, n, 'up')
  const info = implicitQl(d, e, n, rotations)
  const order = ascending(d, n, tools.scratch(n))
  for (let j = 0; j < n; j++) {
    values[valuesAt + j] = d[order[j]]
    if (z === null || vectors === null) continue
    const row = order[j] * n
    for (let i = 0; i < n; i++) vectors[vectorsAt + i * n + j] = z[row + i]
  }
  return info
}

function transposeInPlace(z: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const kept = z[i * n + j]
      z[i * n + j] = z[j * n + i]
      z[j * n + i] = kept
    }
  }
}

/** Sizes are near 1, so that squares neither overflow nor matter when they vanish. */
function implicitQl(d: Float64Array, e: Float64Array, n: number, rotations: DelayedRotations): number {
  if (n > 0) e[n - 1] = 0
  let info = 0
  for (let low = 0; low < n && info === 0; low++) {
    for (let step = 0; ; step++) {
      let high = low
      while (high < n - 1 && Math.abs(e[high]) > EPS * (Math.abs(d[high]) + Math.abs(d[high + 1]))) high++
      if (high === low) break
      if (step === PATIENCE) {
        info = countNonzero(e, n)
        break
      }
      rotations.push(chase(d, e, low, high, rotations.next()), high)
    }
  }
  rotations.flush()
  return info
}

/** One implicit QL step on rows `low` to `high`; returns the first row that it rotated. */
function chase(d: Float64Array, e: Float64Array, low: number, high: number, { c: cs, s: sn }: Sweep): number {
  const lean = (d[low + 1] - d[low]) / (2 * e[low])
  const root = Math.sqrt(lean * lean + 1)
  let g = d[high] - d[low] + e[low] / (lean + (lean >= 0 ? root : -root))
  let s = 1
  let c = 1
  let p = 0
  for (let i = high - 1; i >= low; i--) {
    const f = s * e[i]
    const b = c * e[i]
    const r = Math.sqrt(f * f + g * g)
    e[i + 1] = r
    if (r === 0) {
      d[i + 1] -= p
      e[high] = 0
      return i + 1
    }
    s = f / r
    c = g / r
    g = d[i + 1] - p
    const t = (d[i] - g) * s + 2 * c * b
    p = s * t
    d[i + 1] = g + p
    g = c * t - b
    cs[i] = c
    sn[i] = -s
  }
  d[low] -= p
  e[low] = g
  e[high] = 0
  return low
}

/** Places of the numbers in ascending order, by insertion: what QL leaves is nearly sorted. */
function ascending(d: Float64Array, n: number, order: Float64Array): Float64Array {
  for (let i = 0; i < n; i++) {
    let j = i
    for (; j > 0 && d[order[j - 1]] > d[i]; j--) order[j] = order[j - 1]
    order[j] = i
  }
  return order
}

function countNonzero(e: Float64Array, n: number): number {
  let count = 0
  for (let i = 0; i < n; i++) if (e[i] !== 0) count++
  return count
}
