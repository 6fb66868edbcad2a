// Jacobians, Hessians and Gauss-Newton matrices as operators: products by forward and reverse mode, no matrix.
// B. A. Pearlmutter, Fast Exact Multiplication by the Hessian, 1994; N. N. Schraudolph, Fast Curvature
// Matrix-Vector Products, 2002.

import { AdjointError, grad, linearize, type Tensor, vjp } from '@adjoint/core'
import { floatOf } from './elementary.js'
import { describeValue, type LinearOperator, linearOperator } from './linear-operator.js'

/**
 * The Jacobian of a function at a point. f: `[n]` -> `[m]`. The function is linearized once; a product repeats only the
 * linear part.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch` unless f maps a float vector to another
 * @example
 * jacobianOperator((x: Tensor) => x.square(), tensor([1, 2])).apply(tensor([1, 1]))   // [2, 4]
 */
export function jacobianOperator(f: (x: Tensor) => Tensor, x: Tensor): LinearOperator {
  const dtype = floatOf('jacobianOperator', x, 1)
  const { value, push } = linearize(f, x)
  if (floatOf('jacobianOperator', value, 1) !== dtype) throw otherDType('jacobianOperator', x, value)
  const { pull } = vjp(f, x)
  return linearOperator({
    shape: [value.shape[0], x.shape[0]],
    dtype,
    apply: (v) => push(v),
    applyTranspose: (w) => pull(w)[0],
  })
}

/**
 * The Hessian of a scalar function at a point, symmetric: forward over reverse mode. f: `[n]` -> `[]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch` unless x is a float vector; `non-scalar-loss`
 * @example
 * hessianOperator((x: Tensor) => x.pow(3).sum(), tensor([1, 2])).apply(tensor([1, 1]))   // [6, 12]
 */
export function hessianOperator(f: (x: Tensor) => Tensor, x: Tensor): LinearOperator {
  const dtype = floatOf('hessianOperator', x, 1)
  const [n] = x.shape
  const { push } = linearize(grad(f), x)
  const apply = (v: Tensor) => push(v)
  return linearOperator({ shape: [n, n], dtype, apply, applyTranspose: apply })
}

/**
 * The Gauss-Newton matrix Jᵀ H J of `loss(model(x))`: J the Jacobian of the model, H the Hessian of the loss. Positive
 * semidefinite for a convex loss. For least squares H is the identity, which is the default.
 *
 * @param model - `[n]` -> `[m]`
 * @param x - `[n]`
 * @param loss - `[m]` -> `[]`. @defaultValue half the sum of squares
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch` unless the model maps a float vector to another
 * @example
 * gaussNewtonOperator((x: Tensor) => x.square(), tensor([1, 2])).apply(tensor([1, 1]))   // [4, 16]
 */
export function gaussNewtonOperator(
  model: (x: Tensor) => Tensor,
  x: Tensor,
  loss?: (y: Tensor) => Tensor,
): LinearOperator {
  const jacobian = jacobianOperator(model, x)
  const curvature = loss === undefined ? null : hessianOperator(loss, model(x))
  const [, n] = jacobian.shape
  const apply = (v: Tensor) => {
    const pushed = jacobian.apply(v)
    return jacobian.applyTranspose(curvature === null ? pushed : curvature.apply(pushed))
  }
  return linearOperator({ shape: [n, n], dtype: jacobian.dtype, apply, applyTranspose: apply })
}

function otherDType(fn: string, x: Tensor, y: Tensor): AdjointError {
  return new AdjointError('dtype-mismatch', {
    fn,
    given: `a function from ${describeValue(x)} to ${describeValue(y)}`,
    expected: 'one dtype on both sides',
  })
}
