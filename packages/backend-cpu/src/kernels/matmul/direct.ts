// Matrix products without packing: small ones, matrix times vector, and integers.

import { isContiguous } from '../../loops/offsets.js'
import type { Operand, Target } from './operands.js'

/** `c += alpha * a b` element by element: what is too small to be worth packing. */
export function directProduct(a: Operand, b: Operand, c: Target, alpha: number): void {
  const { data: x, outer: rows, inner: xs } = a
  const { data: y, outer: columns, inner: ys } = b
  const z = c.data
  for (let i = 0; i < rows.length; i++) {
    const row = a.base + rows[i]
    const out = c.base + i * c.stride
    for (let j = 0; j < columns.length; j++) {
      const column = b.base + columns[j]
      let sum = 0
      for (let p = 0; p < xs.length; p++) sum += x[row + xs[p]] * y[column + ys[p]]
      z[out + j] += alpha * sum
    }
  }
}

/** `c += alpha * a b` in wrapping 32-bit integers, signed or not: the low bits are the same. */
export function integerProduct(a: Operand, b: Operand, c: Target, alpha: number): void {
  const { data: x, outer: rows, inner: xs } = a
  const { data: y, outer: columns, inner: ys } = b
  const z = c.data
  for (let i = 0; i < rows.length; i++) {
    const row = a.base + rows[i]
    const out = c.base + i * c.stride
    for (let p = 0; p < xs.length; p++) {
      const scale = Math.imul(alpha, x[row + xs[p]])
      const line = b.base + ys[p]
      for (let j = 0; j < columns.length; j++) z[out + j] = (z[out + j] + Math.imul(scale, y[line + columns[j]])) | 0
    }
  }
}

/** `c[at(i)] += alpha * a x`, with `step` elements between results; `sums` is scratch of one number per row. */
export function matrixVector(
  a: Operand,
  x: Float64Array,
  c: Target,
  step: number,
  alpha: number,
  sums: Float64Array,
): void {
  if (isContiguous(a.inner)) for (let i = 0; i < sums.length; i++) sums[i] = dotRow(a, a.base + a.outer[i], x)
  else sumColumns(a, x, sums)
  for (let i = 0; i < sums.length; i++) c.data[c.base + i * step] += alpha * sums[i]
}

/** Four partial sums, so that additions do not wait for each other. */
function dotRow({ data }: Operand, row: number, x: Float64Array): number {
  const whole = x.length & ~3
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let p = 0; p < whole; p += 4) {
    s0 += data[row + p] * x[p]
    s1 += data[row + p + 1] * x[p + 1]
    s2 += data[row + p + 2] * x[p + 2]
    s3 += data[row + p + 3] * x[p + 3]
  }
  for (let p = whole; p < x.length; p++) s0 += data[row + p] * x[p]
  return s0 + s1 + (s2 + s3)
}

/** Walks the matrix along its columns, which is its memory order when rows are not contiguous. */
function sumColumns({ data, base, outer, inner }: Operand, x: Float64Array, sums: Float64Array): void {
  const neighbours = isContiguous(outer)
  sums.fill(0)
  for (let p = 0; p < x.length; p++) {
    const scale = x[p]
    const column = base + inner[p]
    if (neighbours) for (let i = 0; i < sums.length; i++) sums[i] += scale * data[column + i]
    else for (let i = 0; i < sums.length; i++) sums[i] += scale * data[column + outer[i]]
  }
}
