// Exponentials, logarithms, trigonometric and hyperbolic functions, element by element.

import * as binary from '../primitives/binary.js'
import * as unary from '../primitives/unary.js'
import { composed } from '../temporaries.js'
import type { Tensor, TensorLike } from '../tensor.js'
import { add, div, mul, neg, sqrt, sub } from './arithmetic.js'
import { apply1, apply2 } from './operands.js'

/**
 * e to the x. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for dtypes it is not defined on
 * @example
 * exp(tensor([0, 1]))   // [1, 2.718...]
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
 * The angle of the point (x, y), from -pi to pi. Shapes broadcast.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `backend-mismatch`
 * @example
 * atan2(tensor(1), tensor(1))   // 0.785..., pi / 4
 */
export function atan2(a: TensorLike, b: TensorLike): Tensor {
  return apply2('atan2', binary.atan2Primitive, a, b)
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
 * The tangent of x radians.
 *
 * @example
 * tan(tensor(0))   // 0
 */
export function tan(x: TensorLike): Tensor {
  return composed([x], () => div(sin(x), cos(x)))
}

/**
 * The angle from -pi/2 to pi/2 whose sine is x.
 *
 * @example
 * asin(tensor(1))   // 1.570..., pi / 2
 */
export function asin(x: TensorLike): Tensor {
  return composed([x], () => atan2(x, sqrt(mul(sub(1, x), add(1, x)))))
}

/**
 * The angle from 0 to pi whose cosine is x.
 *
 * @example
 * acos(tensor(1))   // 0
 */
export function acos(x: TensorLike): Tensor {
  return composed([x], () => atan2(sqrt(mul(sub(1, x), add(1, x))), x))
}

/**
 * The angle from -pi/2 to pi/2 whose tangent is x.
 *
 * @example
 * atan(tensor(1))   // 0.785..., pi / 4
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
  return composed([x], () => mul(0.5, sub(expm1(x), expm1(neg(x)))))
}

/**
 * Hyperbolic cosine.
 *
 * @example
 * cosh(tensor(0))   // 1
 */
export function cosh(x: TensorLike): Tensor {
  return composed([x], () => mul(0.5, add(exp(x), exp(neg(x)))))
}

/**
 * Inverse hyperbolic tangent, on (-1, 1).
 *
 * @example
 * atanh(tensor(0))   // 0
 */
export function atanh(x: TensorLike): Tensor {
  return composed([x], () => mul(0.5, sub(log1p(x), log1p(neg(x)))))
}
