// Singular values: bidiagonal form, then implicit QR; tall matrices are reduced by QR first.
// G. Golub, C. Reinsch, Singular Value Decomposition and Least Squares Solutions, Numerische Mathematik 1970.

import { reduceBidiagonal } from './bidiagonal.js'
import { type DelayedRotations, delayedRotations, discardedRotations } from './delayed-rotations.js'
import { reduceQr } from './qr.js'
import { accumulate, applyBlock, BLOCK, blockTools, type Reflectors } from './reflectors.js'
import type { Tools } from './tools.js'

const EPS = 2 ** -52
/** Steps for each singular value before giving up; two are usual. */
const PATIENCE = 60
/** Matrices taller than this many times their width are reduced to a square first. */
const TALL = 1.6

/** Where the results go; `u` and `vt` are null where only values are wanted. */
export interface SvdTarget {
  readonly s: Float64Array
  readonly sAt: number
  readonly u: Float64Array | null
  readonly uAt: number
  readonly vt: Float64Array | null
  readonly vtAt: number
}

/**
 * The singular value decomposition of a `[m, n]`, m >= n, with entries near 1 in size; a is overwritten.
 *
 * @returns 0, or how many elements above the diagonal did not converge
 */
export function singularValues(tools: Tools, a: Float64Array, m: number, n: number, target: SvdTarget): number {
  if (m <= TALL * n) return squareSvd(tools, a, m, n, target)
  const v = reflectors(tools, n, m, 0)
  reduceQr(tools, a, 0, m, n, v)
  for (let i = 1; i < n; i++) a.fill(0, i * n, i * n + i)
  const { u, uAt } = target
  const info = squareSvd(tools, a, n, n, target)
  if (u === null) return info
  u.fill(0, uAt + n * n, uAt + m * n)
  applyAll(tools, v, u, uAt, n)
  return info
}

function reflectors(tools: Tools, count: number, length: number, first: number): Reflectors {
  return { data: tools.scratch(count * length), stride: length, first, count, length, tau: tools.scratch(count) }
}

/** `q = H_0 H_1 ... q` for q with `columns` columns. */
function applyAll(tools: Tools, v: Reflectors, q: Float64Array, at: number, columns: number): void {
  const blocks = blockTools(tools, columns)
  for (let j = BLOCK * Math.floor((v.count - 1) / BLOCK); j >= 0; j -= BLOCK) {
    const panel = { data: q, at: at + j * columns, stride: columns, columns }
    applyBlock(blocks, v, j, Math.min(BLOCK, v.count - j), false, panel)
  }
}

function squareSvd(
  tools: Tools,
  a: Float64Array,
  m: number,
  n: number,
  { s, sAt, u, uAt, vt, vtAt }: SvdTarget,
): number {
  const d = tools.scratch(n)
  const e = tools.scratch(n)
  const left = reflectors(tools, n, m, 0)
  const right = reflectors(tools, Math.max(n - 1, 0), n, 1)
  reduceBidiagonal(tools, a, m, n, d, e, left, right)
  const rows = u === null || vt === null ? null : vectorRows(tools, a, m, n, left, right)
  const info = implicitQr(d, e, n, { rows, width: [m, n], ...rotationsOf(tools, rows, m, n) })
  const order = descending(d, n, tools.scratch(n))
  for (let j = 0; j < n; j++) {
    const from = order[j]
    s[sAt + j] = Math.abs(d[from])
    if (rows === null || u === null || vt === null) continue
    const sign = d[from] < 0 ? -1 : 1
    for (let i = 0; i < m; i++) u[uAt + i * n + j] = rows.u[from * m + i]
    for (let i = 0; i < n; i++) vt[vtAt + j * n + i] = sign * rows.v[from * n + i]
  }
  return info
}

interface VectorRows {
  readonly u: Float64Array
  readonly v: Float64Array
}

/** The transposes of both orthogonal factors of the bidiagonal form, whose rows the rotations mix. */
function vectorRows(
  tools: Tools,
  a: Float64Array,
  m: number,
  n: number,
  left: Reflectors,
  right: Reflectors,
): VectorRows {
  accumulate(tools, left, a, 0, n)
  // The reflectors are done with: their space takes the transposes.
  const u = left.data
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) u[j * m + i] = a[i * n + j]
  accumulate(tools, right, a, 0, n)
  const v = tools.scratch(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) v[j * n + i] = a[i * n + j]
  return { u, v }
}

interface Work {
  readonly rows: VectorRows | null
  readonly width: readonly [number, number]
  readonly left: DelayedRotations
  readonly right: DelayedRotations
}

function rotationsOf(tools: Tools, rows: VectorRows | null, m: number, n: number): Pick<Work, 'left' | 'right'> {
  if (rows === null) return { left: discardedRotations(tools, n), right: discardedRotations(tools, n) }
  return { left: delayedRotations(tools, rows.u, n, m, 'down'), right: delayedRotations(tools, rows.v, n, n, 'down') }
}

/** Diagonalises the upper bidiagonal (d, e); values may come out negative. */
function implicitQr(d: Float64Array, e: Float64Array, n: number, work: Work): number {
  const info = diagonalise(d, e, n, work)
  work.left.flush()
  work.right.flush()
  return info
}

function diagonalise(d: Float64Array, e: Float64Array, n: number, work: Work): number {
  let largest = 0
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(d[i]), Math.abs(e[i]))
  const tiny = EPS * EPS * largest
  let steps = 0
  let high = n - 1
  while (high > 0) {
    for (let i = 0; i < high; i++) {
      if (Math.abs(e[i]) <= EPS * (Math.abs(d[i]) + Math.abs(d[i + 1])) + tiny) e[i] = 0
    }
    if (e[high - 1] === 0) {
      high--
      continue
    }
    let low = high - 1
    while (low > 0 && e[low - 1] !== 0) low--
    if (steps++ > PATIENCE * n) return countNonzero(e, n)
    const zero = zeroWithin(d, low, high, tiny)
    if (zero >= 0) chaseZero(d, e, low, high, zero, work)
    else qrStep(d, e, low, high, work)
  }
  return 0
}

/** Where the diagonal vanishes; -1 if nowhere. */
function zeroWithin(d: Float64Array, low: number, high: number, tiny: number): number {
  for (let i = low; i <= high; i++) {
    if (Math.abs(d[i]) > tiny) continue
    d[i] = 0
    return i
  }
  return -1
}

/** A zero on the diagonal splits the block: its row (or, for the last one, its column) is rotated away. */
function chaseZero(d: Float64Array, e: Float64Array, low: number, high: number, zero: number, work: Work): void {
  work.left.flush()
  work.right.flush()
  if (zero === high) chaseColumn(d, e, low, high, work)
  else chaseRow(d, e, zero, high, work)
}

function chaseColumn(d: Float64Array, e: Float64Array, low: number, high: number, { rows, width }: Work): void {
  let f = e[high - 1]
  e[high - 1] = 0
  for (let j = high - 1; j >= low && f !== 0; j--) {
    const r = Math.sqrt(d[j] * d[j] + f * f)
    const c = d[j] / r
    const s = f / r
    d[j] = r
    if (j > low) {
      f = -s * e[j - 1]
      e[j - 1] *= c
    }
    if (rows !== null) rotatePair(rows.v, width[1], j, high, c, s)
  }
}

function chaseRow(d: Float64Array, e: Float64Array, zero: number, high: number, { rows, width }: Work): void {
  let f = e[zero]
  e[zero] = 0
  for (let j = zero + 1; j <= high && f !== 0; j++) {
    const r = Math.sqrt(d[j] * d[j] + f * f)
    const c = d[j] / r
    const s = f / r
    d[j] = r
    f = -s * e[j]
    e[j] *= c
    if (rows !== null) rotatePair(rows.u, width[0], j, zero, c, s)
  }
}

function rotatePair(z: Float64Array, width: number, j: number, k: number, c: number, s: number): void {
  for (let i = 0; i < width; i++) {
    const x = z[j * width + i]
    const y = z[k * width + i]
    z[j * width + i] = c * x + s * y
    z[k * width + i] = c * y - s * x
  }
}

/** One implicit step with the shift of the trailing 2 x 2 of the product that lies nearer to its last entry. */
function qrStep(d: Float64Array, e: Float64Array, low: number, high: number, rotations: Work): void {
  const [left, right] = [rotations.left.next(), rotations.right.next()]
  const scale = Math.max(
    Math.abs(d[high]),
    Math.abs(d[high - 1]),
    Math.abs(e[high - 1]),
    Math.abs(d[low]),
    Math.abs(e[low]),
  )
  const last = d[high] / scale
  const before = d[high - 1] / scale
  const between = e[high - 1] / scale
  const first = d[low] / scale
  const mean = ((before + last) * (before - last) + between * between) / 2
  const cross = last * between * (last * between)
  const root = Math.sqrt(mean * mean + cross)
  const shift = cross === 0 ? 0 : cross / (mean < 0 ? mean - root : mean + root)
  let f = (first + last) * (first - last) + shift
  let g = first * (e[low] / scale)
  for (let j = low; j < high; j++) {
    let r = Math.sqrt(f * f + g * g)
    let c = r === 0 ? 1 : f / r
    let s = r === 0 ? 0 : g / r
    right.c[j] = c
    right.s[j] = s
    if (j > low) e[j - 1] = r
    f = c * d[j] + s * e[j]
    e[j] = c * e[j] - s * d[j]
    g = s * d[j + 1]
    d[j + 1] *= c
    r = Math.sqrt(f * f + g * g)
    c = r === 0 ? 1 : f / r
    s = r === 0 ? 0 : g / r
    left.c[j] = c
    left.s[j] = s
    d[j] = r
    f = c * e[j] + s * d[j + 1]
    d[j + 1] = c * d[j + 1] - s * e[j]
    g = s * e[j + 1]
    e[j + 1] *= c
  }
  e[high - 1] = f
  rotations.left.push(low, high)
  rotations.right.push(low, high)
}

/** Places of the sizes in descending order, by insertion: what QR leaves is nearly sorted. */
function descending(d: Float64Array, n: number, order: Float64Array): Float64Array {
  for (let i = 0; i < n; i++) {
    const size = Math.abs(d[i])
    let j = i
    for (; j > 0 && Math.abs(d[order[j - 1]]) < size; j--) order[j] = order[j - 1]
    order[j] = i
  }
  return order
}

function countNonzero(e: Float64Array, n: number): number {
  let count = 0
  for (let i = 0; i < n; i++) if (e[i] !== 0) count++
  return count
}
