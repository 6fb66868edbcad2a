// The matrix of an operator: for tests, and for sizes where a factorisation is cheaper.

import type { Tensor } from '@adjoint/core'
import { asOperator } from './elementary.js'
import type { MatrixLike } from './linear-operator.js'

/**
 * The matrix `[m, n]` that an operator stands for. Where the operator does not know it, it is applied to all unit vectors at
 * once.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * denseMatrix(diagonalOperator(tensor([1, 2])))   // [[1, 0], [0, 2]]
 */
export function denseMatrix(a: MatrixLike): Tensor {
  return asOperator('denseMatrix', a).dense()
}
