// Element-wise functions. Binary ones broadcast as NumPy does; numbers take the dtype of the tensor they meet.

import { bind1 } from '../bind.js'
import type { DType } from '../dtype.js'
import { DTYPES } from '../dtype.js'
import { AdjointError } from '../error.js'
import type { Primitive } from '../primitive.js'
import * as binary from '../primitives/binary.js'
import * as compare from '../primitives/compare.js'
import { bitcastPrimitive, castPrimitive, selectPrimitive, stopGradientPrimitive } from '../primitives/convert.js'
import * as unary from '../primitives/unary.js'
import type { Tensor, TensorLike } from '../tensor.js'
import { operand, operands } from './operands.js'

function apply1(name: string, primitive: Primitive, x: TensorLike): Tensor {
  return bind1(primitive, [operand(name, x)])
}

function apply2(name: string, primitive: Primitive, a: TensorLike, b: TensorLike): Tensor {
  return bind1(primitive, operands(name, [a, b]))
}

/**
 * -x. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * neg(tensor([1, -2]))   // [-1, 2]
 */
export function neg(x: TensorLike): Tensor {
  return apply1('neg', unary.negPrimitive, x)
}

/**
 * |x|. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * abs(tensor([1, -2]))   // [1, 2]
 */
export function abs(x: TensorLike): Tensor {
  return apply1('abs', unary.absPrimitive, x)
}

/**
 * -1, 0 or 1; the sign of x. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * sign(tensor([3, -2, 0]))   // [1, -1, 0]
 */
export function sign(x: TensorLike): Tensor {
  return apply1('sign', unary.signPrimitive, x)
}

/**
 * The greatest integer not above x. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * floor(tensor([1.5, -1.5]))   // [1, -2]
 */
export function floor(x: TensorLike): Tensor {
  return apply1('floor', unary.floorPrimitive, x)
}

/**
 * The least integer not below x. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * ceil(tensor([1.5, -1.5]))   // [2, -1]
 */
export function ceil(x: TensorLike): Tensor {
  return apply1('ceil', unary.ceilPrimitive, x)
}

/**
 * The nearest integer, halves to the even one. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * round(tensor([0.5, 1.5]))   // [0, 2]
 */
export function round(x: TensorLike): Tensor {
  return apply1('round', unary.roundPrimitive, x)
}

/**
 * e to the x. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * exp(tensor([0, 1]))   // [1, 2.718]
 */
export function exp(x: TensorLike): Tensor {
  return apply1('exp', unary.expPrimitive, x)
}

/**
 * exp(x) - 1, exact near 0. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * expm1(tensor(1e-8))   // 1e-8
 */
export function expm1(x: TensorLike): Tensor {
  return apply1('expm1', unary.expm1Primitive, x)
}

/**
 * The natural logarithm; NaN below 0, -Infinity at 0. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * log(tensor([1, Math.E]))   // [0, 1]
 */
export function log(x: TensorLike): Tensor {
  return apply1('log', unary.logPrimitive, x)
}

/**
 * log(1 + x), exact near 0. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * log1p(tensor(1e-8))   // 1e-8
 */
export function log1p(x: TensorLike): Tensor {
  return apply1('log1p', unary.log1pPrimitive, x)
}

/**
 * The square root; NaN below 0. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * sqrt(tensor([4, 9]))   // [2, 3]
 */
export function sqrt(x: TensorLike): Tensor {
  return apply1('sqrt', unary.sqrtPrimitive, x)
}

/**
 * The sine of x radians. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * sin(tensor(Math.PI / 2))   // 1
 */
export function sin(x: TensorLike): Tensor {
  return apply1('sin', unary.sinPrimitive, x)
}

/**
 * The cosine of x radians. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * cos(tensor(0))   // 1
 */
export function cos(x: TensorLike): Tensor {
  return apply1('cos', unary.cosPrimitive, x)
}

/**
 * The hyperbolic tangent. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * tanh(tensor(0))   // 0
 */
export function tanh(x: TensorLike): Tensor {
  return apply1('tanh', unary.tanhPrimitive, x)
}

/**
 * 1 / (1 + exp(-x)); also known as `sigmoid`. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * logistic(tensor(0))   // 0.5
 */
export function logistic(x: TensorLike): Tensor {
  return apply1('logistic', unary.logisticPrimitive, x)
}

/**
 * a + b. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * add(tensor([1, 2]), 3)   // [4, 5]
 */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return apply2('add', binary.addPrimitive, a, b)
}

/**
 * a - b. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * sub(tensor([1, 2]), 3)   // [-2, -1]
 */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return apply2('sub', binary.subPrimitive, a, b)
}

/**
 * a b, element by element. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * mul(tensor([1, 2]), 3)   // [3, 6]
 */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return apply2('mul', binary.mulPrimitive, a, b)
}

/**
 * a / b; integers divide towards zero. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * div(tensor([1, 2]), 4)   // [0.25, 0.5]
 */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return apply2('div', binary.divPrimitive, a, b)
}

/**
 * The remainder of a / b with the sign of a, as JavaScript's `%`. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * rem(tensor([5, -5]), 3)   // [2, -2]
 */
export function rem(a: TensorLike, b: TensorLike): Tensor {
  return apply2('rem', binary.remPrimitive, a, b)
}

/**
 * The greater of a and b; NaN wins, ties share the gradient. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * maximum(tensor([1, 5]), 3)   // [3, 5]
 */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return apply2('maximum', binary.maxPrimitive, a, b)
}

/**
 * The lesser of a and b; NaN wins, ties share the gradient. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * minimum(tensor([1, 5]), 3)   // [1, 3]
 */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return apply2('minimum', binary.minPrimitive, a, b)
}

/**
 * The angle of the point (x, y), from -pi to pi. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * atan2(tensor(1), tensor(1))   // pi / 4
 */
export function atan2(a: TensorLike, b: TensorLike): Tensor {
  return apply2('atan2', binary.atan2Primitive, a, b)
}

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
  return not(eq(a, b))
}

/**
 * x * x.
 *
 * @example
 * square(tensor([2, 3]))   // [4, 9]
 */
export function square(x: TensorLike): Tensor {
  return mul(x, x)
}

/**
 * 1 / x.
 *
 * @example
 * reciprocal(tensor([2, 4]))   // [0.5, 0.25]
 */
export function reciprocal(x: TensorLike): Tensor {
  return div(1, x)
}

/**
 * 1 / (1 + exp(-x)).
 *
 * @example
 * sigmoid(tensor(0))   // 0.5
 */
export function sigmoid(x: TensorLike): Tensor {
  return logistic(x)
}

/**
 * max(x, 0), with gradient 0 at 0.
 *
 * @example
 * relu(tensor([-1, 2]))   // [0, 2]
 */
export function relu(x: TensorLike): Tensor {
  return where(gt(x, 0), x, 0)
}

/**
 * x kept between two bounds. Shapes broadcast.
 *
 * @example
 * clip(tensor([-1, 2, 9]), 0, 5)   // [0, 2, 5]
 */
export function clip(x: TensorLike, low: TensorLike, high: TensorLike): Tensor {
  return minimum(maximum(x, low), high)
}

/**
 * The remainder of a / b with the sign of b, as in Python. Shapes broadcast.
 *
 * @example
 * mod(tensor([5, -5]), 3)   // [2, 1]
 */
export function mod(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = operands('mod', [a, b])
  const rest = rem(x, y)
  return where(and(ne(rest, 0), ne(lt(rest, 0), lt(y, 0))), add(rest, y), rest)
}

/**
 * The tangent of x radians.
 *
 * @example
 * tan(tensor(0))   // 0
 */
export function tan(x: TensorLike): Tensor {
  return div(sin(x), cos(x))
}

/**
 * The angle from -pi/2 to pi/2 whose sine is x.
 *
 * @example
 * asin(tensor(1))   // pi / 2
 */
export function asin(x: TensorLike): Tensor {
  return atan2(x, sqrt(mul(sub(1, x), add(1, x))))
}

/**
 * The angle from 0 to pi whose cosine is x.
 *
 * @example
 * acos(tensor(1))   // 0
 */
export function acos(x: TensorLike): Tensor {
  return atan2(sqrt(mul(sub(1, x), add(1, x))), x)
}

/**
 * The angle from -pi/2 to pi/2 whose tangent is x.
 *
 * @example
 * atan(tensor(1))   // pi / 4
 */
export function atan(x: TensorLike): Tensor {
  return atan2(x, 1)
}

/**
 * Hyperbolic sine.
 *
 * @example
 * sinh(tensor(0))   // 0
 */
export function sinh(x: TensorLike): Tensor {
  return mul(0.5, sub(expm1(x), expm1(neg(x))))
}

/**
 * Hyperbolic cosine.
 *
 * @example
 * cosh(tensor(0))   // 1
 */
export function cosh(x: TensorLike): Tensor {
  return mul(0.5, add(exp(x), exp(neg(x))))
}

/**
 * Inverse hyperbolic tangent, on (-1, 1).
 *
 * @example
 * atanh(tensor(0))   // 0
 */
export function atanh(x: TensorLike): Tensor {
  return mul(0.5, sub(log1p(x), log1p(neg(x))))
}

/**
 * a to the power b. Shapes broadcast; a negative base with a fractional exponent is NaN.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * pow(tensor([2, 3]), 2)   // [4, 9]
 */
export function pow(a: TensorLike, b: TensorLike): Tensor {
  if (b === 2) return square(a)
  if (b === 1) return operand('pow', a)
  if (b === 0.5) return sqrt(a)
  return apply2('pow', binary.powPrimitive, a, b)
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
  return lt(abs(x), Infinity)
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
  if (!DTYPES.includes(dtype)) {
    throw new AdjointError('invalid-argument', { fn: 'cast', given: `dtype '${dtype}'`, expected: DTYPES.join(', ') })
  }
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
