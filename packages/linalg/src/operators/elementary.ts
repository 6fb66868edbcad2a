// The operators that others are built of: a matrix, a diagonal, the identity.

import {
  AdjointError,
  abs,
  any,
  div,
  eq,
  expandDims,
  eye,
  full,
  isTensor,
  log,
  matmul,
  mul,
  prod,
  sign,
  sum,
  type Tensor,
  where,
  zeros,
} from '@adjoint/core'
import { eyeLike } from '../checks.js'
import {
  describeValue,
  isLinearOperator,
  type LinearOperator,
  linearOperator,
  type MatrixLike,
} from './linear-operator.js'

/**
 * A matrix as an operator.
 *
 * @param a - `[m, n]`, float
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * matrixOperator(tensor([[1, 2], [3, 4]])).apply(tensor([1, 1]))   // [3, 7]
 */
export function matrixOperator(a: Tensor): LinearOperator {
  const dtype = floatOf('matrixOperator', a, 2)
  const [m, n] = a.shape
  return linearOperator({
    shape: [m, n],
    dtype,
    apply: (x) => matmul(a, x),
    applyTranspose: (y) => matmul(y, a),
    dense: () => a,
  })
}

/**
 * The diagonal matrix of a vector.
 *
 * @param diagonal - `[n]`, float
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * diagonalOperator(tensor([2, 3])).apply(tensor([1, 1]))   // [2, 3]
 */
export function diagonalOperator(diagonal: Tensor): LinearOperator {
  const dtype = floatOf('diagonalOperator', diagonal, 1)
  const [n] = diagonal.shape
  const apply = (x: Tensor) => mul(diagonal, x)
  return linearOperator({
    shape: [n, n],
    dtype,
    apply,
    applyTranspose: apply,
    dense: () => mul(eyeLike(diagonal, n), expandDims(diagonal, 0)),
    solve: (b) => unlessSingular(diagonal, div(b, diagonal)),
    slogdet: () => ({ sign: prod(sign(diagonal)), logAbsDet: sum(log(abs(diagonal))) }),
  })
}

/** @internal A solution, or NaN where a pivot is zero and so the matrix singular. */
export function unlessSingular(pivots: Tensor, x: Tensor): Tensor {
  return where(any(eq(pivots, 0)), Number.NaN, x)
}

/**
 * The identity on vectors `[n]`.
 *
 * @example
 * identityOperator(2).apply(tensor([5, 6]))   // [5, 6]
 */
export function identityOperator(
  n: number,
  { dtype = 'float32' }: { readonly dtype?: 'float32' | 'float64' } = {},
): LinearOperator {
  const same = (x: Tensor) => x
  return linearOperator({
    shape: [n, n],
    dtype,
    apply: same,
    applyTranspose: same,
    dense: () => eye(n, n, { dtype }),
    solve: same,
    slogdet: () => ({ sign: full([], 1, { dtype }), logAbsDet: zeros([], { dtype }) }),
  })
}

/** @internal The operator of a matrix; operators stay what they are. */
export function asOperator(fn: string, a: MatrixLike): LinearOperator {
  if (isLinearOperator(a)) return a
  floatOf(fn, a, 2)
  return matrixOperator(a)
}

/** @internal The operator of a square matrix. */
export function asSquareOperator(fn: string, a: MatrixLike): LinearOperator {
  const operator = asOperator(fn, a)
  const [m, n] = operator.shape
  if (m === n) return operator
  throw new AdjointError('shape-mismatch', { fn, given: `a matrix [${m}, ${n}]`, expected: 'a square matrix' })
}

/** @internal The dtype of a float tensor with so many axes. */
export function floatOf(fn: string, x: unknown, ndim: number): 'float32' | 'float64' {
  const float = isTensor(x) && (x.dtype === 'float32' || x.dtype === 'float64')
  if (float && x.ndim === ndim) return x.dtype as 'float32' | 'float64'
  throw new AdjointError(isTensor(x) && !float ? 'dtype-mismatch' : 'shape-mismatch', {
    fn,
    given: describeValue(x),
    expected: `a float tensor with ${ndim} ${ndim === 1 ? 'axis' : 'axes'}`,
    fix: ndim === 2 ? 'Pass a matrix [m, n] or a linearOperator; batches go through vmap' : undefined,
  })
}
