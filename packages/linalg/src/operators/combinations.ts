// Sums, products, multiples, transposes and Kronecker products of operators: again operators.

import { AdjointError, add, matmul, mul, reshape, type Tensor, type TensorLike, transpose, vmap } from '@adjoint/core'
import { asOperator } from './elementary.js'
import { type LinearOperator, linearOperator, type MatrixLike } from './linear-operator.js'

/**
 * A + B + ...: all of one shape and dtype.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * addOperators(identityOperator(2), diagonalOperator(tensor([1, 2]))).apply(tensor([1, 1]))   // [2, 3]
 */
export function addOperators(...terms: readonly [MatrixLike, ...MatrixLike[]]): LinearOperator {
  const operators = terms.map((term) => asOperator('addOperators', term))
  const [first] = operators
  const { shape, dtype } = first
  for (const other of operators) match('addOperators', first, other, String(other.shape) === String(shape))
  return linearOperator({
    shape,
    dtype,
    apply: (x) => operators.map((a) => a.apply(x)).reduce((u, v) => add(u, v)),
    applyTranspose: (y) => operators.map((a) => a.applyTranspose(y)).reduce((u, v) => add(u, v)),
  })
}

/**
 * The product A B ...: the last factor is applied first.
 *
 * @throws AdjointError `shape-mismatch` when inner sizes differ, `dtype-mismatch`
 * @example
 * const a = tensor([[1, 2], [3, 4]])
 * multiplyOperators(a, diagonalOperator(tensor([1, 10]))).apply(tensor([1, 1]))   // [21, 43]
 */
export function multiplyOperators(...factors: readonly [MatrixLike, ...MatrixLike[]]): LinearOperator {
  const operators = factors.map((factor) => asOperator('multiplyOperators', factor))
  return operators.reduce((a, b) => {
    match('multiplyOperators', a, b, a.shape[1] === b.shape[0])
    return linearOperator({
      shape: [a.shape[0], b.shape[1]],
      dtype: a.dtype,
      apply: (x) => a.apply(b.apply(x)),
      applyTranspose: (y) => b.applyTranspose(a.applyTranspose(y)),
    })
  })
}

/**
 * A number times an operator.
 *
 * @param factor - a number or a scalar tensor, which gets gradients
 * @example
 * scaleOperator(identityOperator(2), 3).apply(tensor([1, 2]))   // [3, 6]
 */
export function scaleOperator(a: MatrixLike, factor: TensorLike): LinearOperator {
  const { shape, dtype, apply, applyTranspose } = asOperator('scaleOperator', a)
  return linearOperator({
    shape,
    dtype,
    apply: (x) => mul(apply(x), factor),
    applyTranspose: (y) => mul(applyTranspose(y), factor),
  })
}

/**
 * Aᵀ.
 *
 * @example
 * transposeOperator(tensor([[1, 2], [3, 4]])).apply(tensor([1, 1]))   // [4, 6]
 */
export function transposeOperator(a: MatrixLike): LinearOperator {
  const { shape, dtype, apply, applyTranspose } = asOperator('transposeOperator', a)
  return linearOperator({ shape: [shape[1], shape[0]], dtype, apply: applyTranspose, applyTranspose: apply })
}

/**
 * The Kronecker product: the matrix of blocks `a[i, j] B`. A `[m, n]` and B `[p, q]` give `[m p, n q]`, never formed:
 * one product costs n with B and p with A.
 *
 * @throws AdjointError `dtype-mismatch`
 * @example
 * kroneckerOperator(tensor([[1, 2], [3, 4]]), identityOperator(2)).apply(tensor([1, 0, 0, 1]))   // [1, 2, 3, 4]
 */
export function kroneckerOperator(a: MatrixLike, b: MatrixLike): LinearOperator {
  const [left, right] = [asOperator('kroneckerOperator', a), asOperator('kroneckerOperator', b)]
  match('kroneckerOperator', left, right, true)
  const [[m, n], [p, q]] = [left.shape, right.shape]
  // With x as the rows of X, (A kron B) x is A X Bᵀ.
  const sandwich = (x: Tensor, outer: (v: Tensor) => Tensor, inner: (v: Tensor) => Tensor) =>
    reshape(transpose(vmap(outer)(transpose(vmap(inner)(x)))), [-1])
  return linearOperator({
    shape: [m * p, n * q],
    dtype: left.dtype,
    apply: (x) => sandwich(reshape(x, [n, q]), left.apply, right.apply),
    applyTranspose: (y) => sandwich(reshape(y, [m, p]), left.applyTranspose, right.applyTranspose),
  })
}

/**
 * U Vᵀ, of few columns; symmetric positive semidefinite with `v` left out.
 *
 * @param u - `[m, k]`
 * @param v - `[n, k]`. @defaultValue u
 * @example
 * lowRankOperator(tensor([[1], [2]])).apply(tensor([1, 1]))   // [3, 6]
 */
export function lowRankOperator(u: Tensor, v: Tensor = u): LinearOperator {
  const [left, right] = [asOperator('lowRankOperator', u), asOperator('lowRankOperator', v)]
  match('lowRankOperator', left, right, left.shape[1] === right.shape[1])
  return linearOperator({
    shape: [left.shape[0], right.shape[0]],
    dtype: left.dtype,
    apply: (x) => matmul(u, matmul(x, v)),
    applyTranspose: (y) => matmul(v, matmul(y, u)),
  })
}

function match(fn: string, a: LinearOperator, b: LinearOperator, fits: boolean): void {
  if (fits && a.dtype === b.dtype) return
  throw new AdjointError(fits ? 'dtype-mismatch' : 'shape-mismatch', {
    fn,
    given: [a, b].map(({ shape, dtype }) => `${dtype}[${shape.join(', ')}]`).join(' and '),
    expected: 'operators whose sizes fit and whose dtypes are the same',
    fix: fits ? 'cast() the tensors that they are made of' : undefined,
  })
}
