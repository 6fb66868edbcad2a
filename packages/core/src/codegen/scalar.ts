// Small builders of scalar expressions; index arithmetic folds its constants.

import type { DType } from '../dtype.js'
import type { BinaryOp, Scalar } from './ir.js'

/** An int32 constant. */
export function int(value: number): Scalar {
  return { op: 'const', value, dtype: 'int32' }
}

/** A constant of any dtype. */
export function constant(value: number, dtype: DType): Scalar {
  return { op: 'const', value, dtype }
}

/** A variable in scope. */
export function variable(name: string, dtype: DType = 'int32'): Scalar {
  return { op: 'variable', name, dtype }
}

/** A binary operation in the dtype of its operands. */
export function binary(op: BinaryOp, a: Scalar, b: Scalar): Scalar {
  return { op, args: [a, b], dtype: a.dtype }
}

/** `a + b` of indices. */
export function plus(a: Scalar, b: Scalar): Scalar {
  if (isConst(a, 0)) return b
  return isConst(b, 0) ? a : binary('add', a, b)
}

/** `a * n` of indices. */
export function times(a: Scalar, n: number): Scalar {
  if (n === 0) return int(0)
  return n === 1 ? a : binary('mul', a, int(n))
}

function isConst(x: Scalar, value: number): boolean {
  return x.op === 'const' && x.value === value
}
