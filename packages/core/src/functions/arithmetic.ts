// Arithmetic, element by element. Binary functions broadcast as NumPy does; numbers take the dtype of the tensor they meet.

import * as binary from '../primitives/binary.js'
import * as unary from '../primitives/unary.js'
import { composed } from '../temporaries.js'
import type { Tensor, TensorLike } from '../tensor.js'
import { and, gt, lt, ne, where } from './logic.js'
import { apply1, apply2, operand, operands } from './operands.js'

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
 * max(x, 0), with gradient 0 at 0.
 *
 * @example
 * relu(tensor([-1, 2]))   // [0, 2]
 */
export function relu(x: TensorLike): Tensor {
  return composed([x], () => where(gt(x, 0), x, 0))
}

/**
 * x kept between two bounds. Shapes broadcast.
 *
 * @example
 * clip(tensor([-1, 2, 9]), 0, 5)   // [0, 2, 5]
 */
export function clip(x: TensorLike, low: TensorLike, high: TensorLike): Tensor {
  return composed([x, low, high], () => minimum(maximum(x, low), high))
}

/**
 * The remainder of a / b with the sign of b, as in Python. Shapes broadcast.
 *
 * @example
 * mod(tensor([5, -5]), 3)   // [2, 1]
 */
export function mod(a: TensorLike, b: TensorLike): Tensor {
  return composed([a, b], () => {
    const [x, y] = operands('mod', [a, b])
    const rest = rem(x, y)
    return where(and(ne(rest, 0), ne(lt(rest, 0), lt(y, 0))), add(rest, y), rest)
  })
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
