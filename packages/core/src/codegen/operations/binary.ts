// What the scalar operations of two operands mean: for reference rules, and for kernels that are interpreted.
// Integers may leave their range, or be fractions: storing wraps them, towards zero.

import { type DType, isInteger } from '../../dtype.js'

export const add = (a: number, b: number) => a + b
export const sub = (a: number, b: number) => a - b
export const mul = (a: number, b: number, operand: DType) => (isInteger(operand) ? Math.imul(a, b) : a * b)
export const div = (a: number, b: number) => a / b
export const rem = (a: number, b: number) => a % b
export const max = (a: number, b: number) => Math.max(a, b)
export const min = (a: number, b: number) => Math.min(a, b)
export const atan2 = Math.atan2
export const and = (a: number, b: number) => a & b
export const or = (a: number, b: number) => a | b
export const xor = (a: number, b: number) => a ^ b
export const shiftLeft = (a: number, b: number) => (isOut(b) ? 0 : a << b)
export const shiftRight = (a: number, b: number, operand: DType) =>
  operand === 'int32' ? a >> (isOut(b) ? 31 : b) : isOut(b) ? 0 : a >>> b

/** IEEE 754 pow: 1 to any power is 1, also NaN and infinite ones, where JavaScript says NaN. */
export function pow(a: number, b: number): number {
  return a === 1 || (a === -1 && (b === Infinity || b === -Infinity)) ? 1 : a ** b
}

/** Whether a shift pushes everything out, where JavaScript would start again from 0. */
function isOut(by: number): boolean {
  return by >>> 0 > 31
}
