// The matrix exponential by scaling and squaring of Padé approximants.
// N. Higham, The Scaling and Squaring Method for the Matrix Exponential Revisited, SIAM J. Matrix Anal. Appl. 2005.

import { factorLu } from './lu.js'
import { allFinite, type Tools } from './tools.js'
import { solveTriangular } from './triangular.js'

/** Degrees with the largest 1-norm each is exact to double precision for, and the coefficients of the numerator. */
const PADE: readonly { readonly bound: number; readonly b: readonly number[] }[] = [
  { bound: 1.495585217958292e-2, b: [120, 60, 12, 1] },
  { bound: 2.53939833006323e-1, b: [30240, 15120, 3360, 420, 30, 1] },
  { bound: 9.504178996162932e-1, b: [17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1] },
  {
    bound: 2.097847961257068,
    b: [17643225600, 8821612800, 2075673600, 302702400, 30270240, 2162160, 110880, 3960, 90, 1],
  },
]
const LAST = {
  bound: 5.371920351148152,
  b: [
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
    670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
  ],
}

/** Writes the exponential of a `[n, n]` to `out`; a is overwritten. */
export function exponential(tools: Tools, a: Float64Array, n: number, out: Float64Array, at: number): void {
  const size = n * n
  if (n === 1) out[at] = Math.exp(a[0])
  else if (!allFinite(a, 0, size)) out.fill(NaN, at, at + size)
  else if (n > 1) out.set(scaledAndSquared(tools, a, n).subarray(0, size), at)
}

function scaledAndSquared(tools: Tools, a: Float64Array, n: number): Float64Array {
  const size = n * n
  const norm = oneNorm(a, n)
  const low = PADE.find(({ bound }) => norm <= bound)
  const squarings = low !== undefined || norm <= LAST.bound ? 0 : Math.ceil(Math.log2(norm / LAST.bound))
  if (squarings > 0) for (let i = 0; i < size; i++) a[i] *= 2 ** -squarings
  const [even, odd] = low === undefined ? degreeThirteen(tools, a, n) : lowDegree(tools, a, n, low.b)
  let x = tools.scratch(size)
  let spare = tools.scratch(size)
  for (let i = 0; i < size; i++) {
    x[i] = even[i] + odd[i]
    even[i] -= odd[i]
  }
  solveInPlace(tools, even, x, n)
  for (let s = 0; s < squarings; s++) {
    multiply(tools, x, x, spare, n)
    ;[x, spare] = [spare, x]
  }
  return x
}

function oneNorm(a: Float64Array, n: number): number {
  let largest = 0
  for (let j = 0; j < n; j++) {
    let total = 0
    for (let i = 0; i < n; i++) total += Math.abs(a[i * n + j])
    largest = Math.max(largest, total)
  }
  return largest
}

/** Even and odd part of the numerator, from powers of the square. */
function lowDegree(tools: Tools, a: Float64Array, n: number, b: readonly number[]): [Float64Array, Float64Array] {
  const squares = multiply(tools, a, a, tools.scratch(n * n), n)
  const even = diagonal(tools, n, b[0])
  const inner = diagonal(tools, n, b[1])
  let power = squares
  for (let k = 2; k < b.length; k += 2) {
    if (k > 2) power = multiply(tools, power, squares, tools.scratch(n * n), n)
    addScaled(even, power, b[k])
    addScaled(inner, power, b[k + 1])
  }
  return [even, multiply(tools, a, inner, tools.scratch(n * n), n)]
}

function degreeThirteen(tools: Tools, a: Float64Array, n: number): [Float64Array, Float64Array] {
  const { b } = LAST
  const space = () => tools.scratch(n * n)
  const a2 = multiply(tools, a, a, space(), n)
  const a4 = multiply(tools, a2, a2, space(), n)
  const a6 = multiply(tools, a4, a2, space(), n)
  const half = (first: number): Float64Array => {
    const high = diagonal(tools, n, 0)
    addScaled(high, a6, b[first + 12])
    addScaled(high, a4, b[first + 10])
    addScaled(high, a2, b[first + 8])
    const sum = multiply(tools, a6, high, space(), n)
    addScaled(sum, a6, b[first + 6])
    addScaled(sum, a4, b[first + 4])
    addScaled(sum, a2, b[first + 2])
    for (let i = 0; i < n; i++) sum[i * (n + 1)] += b[first]
    return sum
  }
  const even = half(0)
  return [even, multiply(tools, a, half(1), space(), n)]
}

function diagonal(tools: Tools, n: number, value: number): Float64Array {
  const out = tools.scratch(n * n)
  out.fill(0, 0, n * n)
  for (let i = 0; i < n; i++) out[i * (n + 1)] = value
  return out
}

function addScaled(out: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < out.length; i++) out[i] += factor * x[i]
}

function multiply({ gemm }: Tools, a: Float64Array, b: Float64Array, c: Float64Array, n: number): Float64Array {
  c.fill(0, 0, n * n)
  gemm({
    m: n,
    n,
    k: n,
    alpha: 1,
    a,
    aOffset: 0,
    aStrides: [n, 1],
    b,
    bOffset: 0,
    bStrides: [n, 1],
    c,
    cOffset: 0,
    cStride: n,
  })
  return c
}

function solveInPlace(tools: Tools, a: Float64Array, x: Float64Array, n: number): void {
  const pivots = new Int32Array(n)
  factorLu(tools, a, 0, n, n, pivots, 0)
  for (let i = 0; i < n; i++) {
    if (pivots[i] === i) continue
    for (let j = 0; j < n; j++) {
      const kept = x[i * n + j]
      x[i * n + j] = x[pivots[i] * n + j]
      x[pivots[i] * n + j] = kept
    }
  }
  const rows = { data: x, at: 0, stride: n, columns: n }
  const triangle = { data: a, at: 0, row: n, column: 1 }
  solveTriangular(tools, { ...triangle, lower: true, unit: true }, n, rows)
  solveTriangular(tools, { ...triangle, lower: false, unit: false }, n, rows)
}
