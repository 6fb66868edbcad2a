// Triangular systems with many right-hand sides: halves are solved in turn, with a matrix product between them.

import type { Tools } from './tools.js'

/** A triangular matrix inside an array; strides let it be read transposed. */
export interface Triangle {
  readonly data: Float64Array
  /** Not read-only: one object serves all matrices of a batch. */
  at: number
  readonly row: number
  readonly column: number
  readonly lower: boolean
  readonly unit: boolean
}

/** Rows of right-hand sides inside an array. */
export interface Rows {
  readonly data: Float64Array
  at: number
  readonly stride: number
  readonly columns: number
}

/** Largest system solved by substitution alone. */
const DIRECT = 32
/** Fewer right-hand sides than this gain nothing from a packed product. */
const NARROW = 4

/** Solves `a x = b` in place of b; a is `[n, n]`. */
export function solveTriangular(tools: Tools, a: Triangle, n: number, b: Rows): void {
  if (b.columns === 1) solveVector(a, n, b)
  else if (n <= DIRECT || b.columns < NARROW) substitute(a, n, b)
  else solveByHalves(tools, a, n, b)
}

function solveByHalves(tools: Tools, a: Triangle, n: number, b: Rows): void {
  const half = n >> 1
  const low = { ...a, at: a.at + half * (a.row + a.column) }
  const below = { ...b, at: b.at + half * b.stride }
  if (a.lower) {
    solveTriangular(tools, a, half, b)
    subtractProduct(tools, a, [half, 0], [n - half, half], b, below)
    solveTriangular(tools, low, n - half, below)
  } else {
    solveTriangular(tools, low, n - half, below)
    subtractProduct(tools, a, [0, half], [half, n - half], below, b)
    solveTriangular(tools, a, half, b)
  }
}

/** `to -= a[block] from`. */
function subtractProduct(
  { gemm }: Tools,
  a: Triangle,
  [row, column]: readonly [number, number],
  [m, k]: readonly [number, number],
  from: Rows,
  to: Rows,
): void {
  gemm({
    m,
    n: from.columns,
    k,
    alpha: -1,
    a: a.data,
    aOffset: a.at + row * a.row + column * a.column,
    aStrides: [a.row, a.column],
    b: from.data,
    bOffset: from.at,
    bStrides: [from.stride, 1],
    c: to.data,
    cOffset: to.at,
    cStride: to.stride,
  })
}

function substitute({ data, at, row, column, lower, unit }: Triangle, n: number, b: Rows): void {
  const { data: x, at: start, stride, columns } = b
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step
    const target = start + i * stride
    const first = lower ? 0 : i + 1
    const last = lower ? i : n
    let k = first
    for (; k + 1 < last; k += 2) {
      const f = data[at + i * row + k * column]
      const g = data[at + i * row + (k + 1) * column]
      const source = start + k * stride
      for (let c = 0; c < columns; c++) x[target + c] -= f * x[source + c] + g * x[source + stride + c]
    }
    if (k < last) {
      const f = data[at + i * row + k * column]
      const source = start + k * stride
      for (let c = 0; c < columns; c++) x[target + c] -= f * x[source + c]
    }
    if (unit) continue
    const pivot = data[at + i * (row + column)]
    for (let c = 0; c < columns; c++) x[target + c] /= pivot
  }
}

/** One right-hand side: by rows, or by columns where those are contiguous. */
function solveVector(
  { data, at, row, column, lower, unit }: Triangle,
  n: number,
  { data: x, at: start, stride }: Rows,
): void {
  for (let step = 0; step < n; step++) {
    const i = lower ? step : n - 1 - step
    const target = start + i * stride
    if (column === 1) {
      let total = x[target]
      const line = at + i * row
      if (lower) for (let k = 0; k < i; k++) total -= data[line + k] * x[start + k * stride]
      else for (let k = i + 1; k < n; k++) total -= data[line + k] * x[start + k * stride]
      x[target] = unit ? total : total / data[line + i]
    } else {
      const line = at + i * column
      if (!unit) x[target] /= data[line + i * row]
      const value = x[target]
      if (lower) for (let k = i + 1; k < n; k++) x[start + k * stride] -= value * data[line + k * row]
      else for (let k = 0; k < i; k++) x[start + k * stride] -= value * data[line + k * row]
    }
  }
}
