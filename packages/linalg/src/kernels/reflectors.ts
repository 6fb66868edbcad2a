// Householder reflectors I - tau v v^T, held as rows v; many at a time in compact WY form, by matrix products.
// R. Schreiber, C. Van Loan, A Storage-Efficient WY Representation for Products of Householder Transformations, SISSC 1989.

import type { Tools } from './tools.js'

/** Reflectors applied at a time. */
export const BLOCK = 32

/** Rows of reflectors: row j is v_j, zero before place `j + first`, where it is 1. */
export interface Reflectors {
  readonly data: Float64Array
  readonly stride: number
  readonly first: number
  readonly count: number
  /** Length of each v. */
  readonly length: number
  readonly tau: Float64Array
}

/**
 * Turns x into the vector of the reflector that maps it to `beta` times the first unit vector.
 *
 * @returns beta; `tau[j]` is set, to 0 where x is already there
 */
export function makeReflector(x: Float64Array, at: number, count: number, tau: Float64Array, j: number): number {
  let scale = 0
  for (let i = at + 1; i < at + count; i++) scale = Math.max(scale, Math.abs(x[i]))
  const alpha = x[at]
  x[at] = 1
  tau[j] = 0
  if (scale === 0) return alpha
  scale = Math.max(scale, Math.abs(alpha))
  let total = 0
  for (let i = at + 1; i < at + count; i++) {
    const value = x[i] / scale
    total += value * value
  }
  const head = alpha / scale
  const size = Math.sqrt(head * head + total)
  const beta = head >= 0 ? -size : size
  tau[j] = (beta - head) / beta
  const factor = 1 / (head - beta) / scale
  for (let i = at + 1; i < at + count; i++) x[i] *= factor
  return beta * scale
}

/** `c -= tau v (v^T c)` for `rows` rows of c of length `columns`; `work` holds one row. */
export function applyReflector(
  v: Float64Array,
  vAt: number,
  tau: number,
  c: Float64Array,
  at: number,
  stride: number,
  rows: number,
  columns: number,
  work: Float64Array,
): void {
  if (tau === 0) return
  for (let j = 0; j < columns; j++) work[j] = c[at + j]
  let i = 1
  for (; i + 1 < rows; i += 2) {
    const f = v[vAt + i]
    const g = v[vAt + i + 1]
    const row = at + i * stride
    for (let j = 0; j < columns; j++) work[j] += f * c[row + j] + g * c[row + stride + j]
  }
  for (; i < rows; i++) {
    const f = v[vAt + i]
    const row = at + i * stride
    for (let j = 0; j < columns; j++) work[j] += f * c[row + j]
  }
  for (let j = 0; j < columns; j++) work[j] *= tau
  for (i = 0; i < rows; i++) {
    const f = v[vAt + i]
    const row = at + i * stride
    for (let j = 0; j < columns; j++) c[row + j] -= f * work[j]
  }
}

/** Replaces q by the first `columns` columns of H_0 H_1 ... ; q is `[length, columns]`. */
export function accumulate(tools: Tools, v: Reflectors, q: Float64Array, at: number, columns: number): void {
  const { data, stride, first, count, length, tau } = v
  q.fill(0, at, at + length * columns)
  for (let i = 0; i < Math.min(length, columns); i++) q[at + i * columns + i] = 1
  if (count <= BLOCK) {
    const work = tools.scratch(columns)
    for (let j = count - 1; j >= 0; j--) {
      const p = j + first
      // Columns before p are still those of the identity.
      const from = Math.min(p, columns)
      applyReflector(
        data,
        j * stride + p,
        tau[j],
        q,
        at + p * columns + from,
        columns,
        length - p,
        columns - from,
        work,
      )
    }
    return
  }
  const blocks = blockTools(tools, columns)
  for (let j = BLOCK * Math.floor((count - 1) / BLOCK); j >= 0; j -= BLOCK) {
    const block = Math.min(BLOCK, count - j)
    const p = j + first
    applyBlock(blocks, v, j, block, false, { data: q, at: at + p * columns + p, stride: columns, columns: columns - p })
  }
}

/** Work space for applying blocks to up to `columns` columns. */
export interface BlockTools extends Tools {
  readonly t: Float64Array
  readonly gram: Float64Array
  readonly w: Float64Array
}

/** The tools with work space for `applyBlock`. */
export function blockTools(tools: Tools, columns: number): BlockTools {
  return {
    ...tools,
    t: tools.scratch(BLOCK * BLOCK),
    gram: tools.scratch(BLOCK * BLOCK),
    w: tools.scratch(2 * BLOCK * columns),
  }
}

/** What a block is applied to: rows from the first row that it changes. */
export interface Panel {
  readonly data: Float64Array
  readonly at: number
  readonly stride: number
  readonly columns: number
}

/** `c = (I - V T V^T) c` for reflectors `j` to `j + block`, or with T transposed. */
export function applyBlock(
  { gemm, t, gram, w }: BlockTools,
  { data, stride, first, length, tau }: Reflectors,
  j: number,
  block: number,
  transposed: boolean,
  c: Panel,
): void {
  if (c.columns <= 0) return
  const at = j * stride + j + first
  const rows = length - j - first
  const { columns } = c
  const cells = block * columns
  if (block === 1 || columns === 1 || rows === 1) {
    for (let s = 0; s < block; s++) {
      const i = transposed ? s : block - 1 - s
      applyReflector(
        data,
        at + i * (stride + 1),
        tau[j + i],
        c.data,
        c.at + i * c.stride,
        c.stride,
        rows - i,
        columns,
        w,
      )
    }
    return
  }
  formT(gemm, data, at, stride, block, rows, tau.subarray(j, j + block), t, gram)
  w.fill(0, 0, 2 * cells)
  const product = { m: block, n: columns, alpha: 1, cStride: columns, c: w, b: c.data }
  gemm({
    ...product,
    k: rows,
    a: data,
    aOffset: at,
    aStrides: [stride, 1],
    bOffset: c.at,
    bStrides: [c.stride, 1],
    cOffset: 0,
  })
  const tStrides: [number, number] = transposed ? [1, block] : [block, 1]
  gemm({
    ...product,
    k: block,
    a: t,
    aOffset: 0,
    aStrides: tStrides,
    b: w,
    bOffset: 0,
    bStrides: [columns, 1],
    cOffset: cells,
  })
  gemm({
    m: rows,
    n: columns,
    k: block,
    alpha: -1,
    a: data,
    aOffset: at,
    aStrides: [1, stride],
    b: w,
    bOffset: cells,
    bStrides: [columns, 1],
    c: c.data,
    cOffset: c.at,
    cStride: c.stride,
  })
}

/** The upper triangular T `[block, block]` of H_0 H_1 ... = I - V T V^T. */
function formT(
  gemm: Tools['gemm'],
  v: Float64Array,
  at: number,
  stride: number,
  block: number,
  rows: number,
  tau: Float64Array,
  t: Float64Array,
  gram: Float64Array,
): void {
  gram.fill(0, 0, block * block)
  t.fill(0, 0, block * block)
  gemm({
    m: block,
    n: block,
    k: rows,
    alpha: 1,
    a: v,
    aOffset: at,
    aStrides: [stride, 1],
    b: v,
    bOffset: at,
    bStrides: [1, stride],
    c: gram,
    cOffset: 0,
    cStride: block,
  })
  for (let j = 0; j < block; j++) {
    t[j * block + j] = tau[j]
    for (let i = 0; i < j; i++) {
      let total = 0
      for (let k = i; k < j; k++) total += t[i * block + k] * gram[k * block + j]
      t[i * block + j] = -tau[j] * total
    }
  }
}
