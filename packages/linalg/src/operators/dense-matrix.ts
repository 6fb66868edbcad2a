// The matrix of an operator, column by column: for tests, and for sizes where a factorisation is cheaper.

import { eye, type Tensor, transpose, vmap } from '@adjoint/core'
import { asOperator } from './elementary.js'
import type { MatrixLike } from './linear-operator.js'

/**
 * The matrix `[m, n]` that an operator stands for; it is applied to all unit vectors at once.
 *
 * @example
 * denseMatrix(diagonalOperator(tensor([1, 2])))   // [[1, 0], [0, 2]]
 */
export function denseMatrix(a: MatrixLike): Tensor {
  const { shape, dtype, apply, applyTranspose } = asOperator('denseMatrix', a)
  const [m, n] = shape
  if (m < n) return vmap(applyTranspose)(eye(m, m, { dtype }))
  return transpose(vmap(apply)(eye(n, n, { dtype })))
}
