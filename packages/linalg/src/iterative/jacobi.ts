// Jacobi preconditioning: the diagonal stands for the matrix.
// C. G. J. Jacobi, Ueber eine neue Auflösungsart der bei der Methode der kleinsten Quadrate vorkommenden lineären
// Gleichungen, 1845.

import { div, ne, type Tensor, where } from '@adjoint/core'
import { floatOf } from '../operators/elementary.js'
import { type LinearOperator, linearOperator } from '../operators/linear-operator.js'
import { diagonalOf } from './diagonal.js'

/**
 * Division by the diagonal. Zeros on it count as ones.
 *
 * @param a - a matrix `[n, n]`, or its diagonal `[n]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const a = tensor([[4, 1], [1, 100]])
 * conjugateGradient(a, tensor([1, 2]), { preconditioner: jacobi(a) })
 */
export function jacobi(a: Tensor): LinearOperator {
  const vector = a.ndim === 1
  const dtype = floatOf('jacobi', a, vector ? 1 : 2)
  const diagonal = vector ? a : diagonalOf('jacobi', a)
  const divisor = where(ne(diagonal, 0), diagonal, 1)
  const apply = (x: Tensor) => div(x, divisor)
  return linearOperator({ shape: [a.shape[0], a.shape[0]], dtype, apply, applyTranspose: apply })
}
