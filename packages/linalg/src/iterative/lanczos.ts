// Lanczos: an orthonormal basis of the Krylov space of a symmetric matrix, in which the matrix is tridiagonal.
// C. Lanczos, An Iteration Method for the Solution of the Eigenvalue Problem, 1950; B. N. Parlett, The Symmetric
// Eigenvalue Problem, 1980, on reorthogonalisation.

import {
  add,
  arange,
  cast,
  div,
  dynamicSlice,
  dynamicUpdate,
  gt,
  reshape,
  scan,
  slice,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '@adjoint/core'
import { asSquareOperator } from '../operators/elementary.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { checkCount } from './options.js'
import { type StartOptions, startVector } from './start.js'
import { inner, orthogonalize, vectorNorm } from './vectors.js'

/** A partial tridiagonalisation `A Q = Q T + residual`. */
export interface LanczosResult {
  /** Orthonormal columns Q, `[n, k]`; columns after an early end are 0. */
  readonly basis: Tensor
  /** Diagonal of T, `[k]`. */
  readonly diagonal: Tensor
  /** Entries of T beside the diagonal, `[k - 1]`. */
  readonly offDiagonal: Tensor
  /** What is left over: the norm of `A Q - Q T`, in its last column, `[]`. */
  readonly residualNorm: Tensor
  /** Columns before the space was exhausted: k, or less, int32. */
  readonly steps: Tensor
}

/**
 * k steps of Lanczos with full reorthogonalisation, so that the basis is orthonormal to rounding. One product per step.
 * Derivatives go through the steps.
 *
 * @param a - `[n, n]` or an operator, symmetric
 * @param k - steps, from 1 to n
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { diagonal, offDiagonal } = lanczos(tensor([[2, 1], [1, 3]]), 2, { start: tensor([1, 0]) })   // [2, 3], [1]
 */
export function lanczos(a: MatrixLike, k: number, options: StartOptions = {}): LanczosResult {
  const operator = asSquareOperator('lanczos', a)
  const [, n] = operator.shape
  checkCount('lanczos', 'k', k, n)
  const start = startVector('lanczos', operator, options)
  const { dtype, backend } = start
  const first = div(start, vectorNorm(start))
  const rows = dynamicUpdate(zeros([k + 1, n], { dtype, backend }), reshape(first, [1, n]), [0, 0])
  const { carry, ys } = scan(
    (basis: Tensor, i: Tensor) => {
      const v = reshape(dynamicSlice(basis, [i, 0], [1, n]), [n])
      const product = operator.apply(v)
      const { rest, size } = orthogonalize(basis, product)
      return [dynamicUpdate(basis, reshape(rest, [1, n]), [add(i, 1), 0]), { alpha: inner(v, product), size }] as const
    },
    rows,
    arange(0, k, 1, { dtype: 'int32', backend }),
  )
  const { alpha, size } = ys
  return {
    basis: transpose(slice(carry, [0, k])),
    diagonal: alpha,
    offDiagonal: slice(size, [0, k - 1]),
    residualNorm: slice(size, k - 1),
    steps: add(sum(cast(gt(slice(size, [0, k - 1]), 0), 'int32')), 1),
  }
}
