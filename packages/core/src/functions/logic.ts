// Comparisons, logic, choice and conversion, element by element.

import { bind1 } from '../bind.js'
import { checkDType, type DType } from '../dtype.js'
import * as binary from '../primitives/binary.js'
import * as compare from '../primitives/compare.js'
import { bitcastPrimitive, castPrimitive, selectPrimitive, stopGradientPrimitive } from '../primitives/convert.js'
import * as unary from '../primitives/unary.js'
import { composed } from '../temporaries.js'
import type { Tensor, TensorLike } from '../tensor.js'
import { abs } from './arithmetic.js'
import { apply1, apply2, operand, operands } from './operands.js'

/**
 * Logical and of bools, bitwise of integers. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * and(tensor([true, true]), tensor([true, false]))   // [true, false]
 */
export function and(a: TensorLike, b: TensorLike): Tensor {
  return apply2('and', binary.andPrimitive, a, b)
}

/**
 * Logical or of bools, bitwise of integers. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * or(tensor([true, false]), tensor([false, false]))   // [true, false]
 */
export function or(a: TensorLike, b: TensorLike): Tensor {
  return apply2('or', binary.orPrimitive, a, b)
}

/**
 * Logical exclusive or of bools, bitwise of integers. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * xor(tensor([true, true]), tensor([true, false]))   // [false, true]
 */
export function xor(a: TensorLike, b: TensorLike): Tensor {
  return apply2('xor', binary.xorPrimitive, a, b)
}

/**
 * Bits of a moved left by b. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * shiftLeft(tensor([1, 2], { dtype: 'int32' }), 3)   // [8, 16]
 */
export function shiftLeft(a: TensorLike, b: TensorLike): Tensor {
  return apply2('shiftLeft', binary.shiftLeftPrimitive, a, b)
}

/**
 * Bits of a moved right by b; int32 keeps its sign. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * shiftRight(tensor([8, 16], { dtype: 'int32' }), 3)   // [1, 2]
 */
export function shiftRight(a: TensorLike, b: TensorLike): Tensor {
  return apply2('shiftRight', binary.shiftRightPrimitive, a, b)
}

/**
 * a = b, as bool. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * eq(tensor([1, 2]), 2)   // [false, true]
 */
export function eq(a: TensorLike, b: TensorLike): Tensor {
  return apply2('eq', compare.eqPrimitive, a, b)
}

/**
 * a < b, as bool. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * lt(tensor([1, 2]), 2)   // [true, false]
 */
export function lt(a: TensorLike, b: TensorLike): Tensor {
  return apply2('lt', compare.ltPrimitive, a, b)
}

/**
 * a <= b, as bool. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * le(tensor([1, 3]), 2)   // [true, false]
 */
export function le(a: TensorLike, b: TensorLike): Tensor {
  return apply2('le', compare.lePrimitive, a, b)
}

/**
 * a > b, as bool. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * gt(tensor([1, 3]), 2)   // [false, true]
 */
export function gt(a: TensorLike, b: TensorLike): Tensor {
  return apply2('gt', compare.ltPrimitive, b, a)
}

/**
 * a >= b, as bool. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * ge(tensor([1, 2]), 2)   // [false, true]
 */
export function ge(a: TensorLike, b: TensorLike): Tensor {
  return apply2('ge', compare.lePrimitive, b, a)
}

/**
 * a != b, as bool; NaN differs from everything. Shapes broadcast.
 *
 * @example
 * ne(tensor([1, 2]), 2)   // [true, false]
 */
export function ne(a: TensorLike, b: TensorLike): Tensor {
  return composed([a, b], () => not(eq(a, b)))
}

/**
 * Logical not of bools, bitwise of integers.
 *
 * @example
 * not(tensor([true, false]))   // [false, true]
 */
export function not(x: Tensor): Tensor {
  return apply1('not', unary.notPrimitive, x)
}

/**
 * Whether elements are NaN, as bool.
 *
 * @example
 * isNaN(tensor([NaN, 1]))   // [true, false]
 */
export function isNaN(x: Tensor): Tensor {
  return ne(x, x)
}

/**
 * Whether elements are neither NaN nor infinite, as bool.
 *
 * @example
 * isFinite(tensor([NaN, 1, Infinity]))   // [false, true, false]
 */
export function isFinite(x: Tensor): Tensor {
  return composed([x], () => lt(abs(x), Infinity))
}

/**
 * `onTrue` where the condition holds, else `onFalse`. Shapes broadcast; the gradient flows only into the chosen branch.
 *
 * @param condition - bool tensor
 * @throws AdjointError `dtype-mismatch` when the condition is not bool or the branches differ
 * @example
 * where(tensor([true, false]), tensor([1, 2]), 0)   // [1, 0]
 */
export function where(condition: Tensor, onTrue: TensorLike, onFalse: TensorLike): Tensor {
  return bind1(selectPrimitive, [operand('where', condition), ...operands('where', [onTrue, onFalse])])
}

/**
 * The same values in another dtype: floats to integers towards zero, anything to bool by being non-zero.
 *
 * @throws AdjointError `invalid-argument` for an unknown dtype; `dtype-unsupported` when the backend lacks it
 * @example
 * cast(tensor([1.7, -1.7]), 'int32')   // [1, -1]
 */
export function cast(x: TensorLike, dtype: DType): Tensor {
  checkDType('cast', dtype)
  const from = operand('cast', x)
  return from.dtype === dtype && !from.weak ? from : bind1(castPrimitive, [from], { dtype })
}

/**
 * The same 32 bits read as another dtype (float32, int32, uint32).
 *
 * @example
 * bitcast(tensor([1]), 'uint32')   // [0x3f800000]
 */
export function bitcast(x: Tensor, dtype: DType): Tensor {
  return bind1(bitcastPrimitive, [x], { dtype })
}

/**
 * The identity, through which no gradient flows.
 *
 * @example
 * grad((x: Tensor) => x.mul(stopGradient(x)))(tensor(3))   // 3, not 6
 */
export function stopGradient(x: Tensor): Tensor {
  return bind1(stopGradientPrimitive, [x])
}
