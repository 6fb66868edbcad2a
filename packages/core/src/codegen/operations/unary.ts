// What the scalar operations of one operand mean: for reference rules, and for kernels that are interpreted.
// Integers may leave their range: storing wraps them.

import type { DType } from '../../dtype.js'

export const neg = (a: number) => -a
export const abs = Math.abs
export const sign = Math.sign
export const floor = Math.floor
export const ceil = Math.ceil
export const exp = Math.exp
export const expm1 = Math.expm1
export const log = Math.log
export const log1p = Math.log1p
export const sqrt = Math.sqrt
export const sin = Math.sin
export const cos = Math.cos
export const tanh = Math.tanh
export const logistic = (a: number) => 1 / (1 + Math.exp(-a))
export const not = (a: number, _: number, operand: DType) => (operand === 'bool' ? 1 - a : ~a)

/** The nearest integer, halves to the even one. */
export function round(a: number): number {
  const below = Math.floor(a)
  const rest = a - below
  if (rest !== 0.5) return rest < 0.5 ? below : Math.ceil(a)
  return below % 2 === 0 ? below : below + 1
}
