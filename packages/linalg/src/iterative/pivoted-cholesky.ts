// Pivoted Cholesky factorisation, stopped early: a low-rank approximation, and a preconditioner made of it.
// H. Harbrecht, M. Peters, R. Schneider, On the Low-Rank Approximation by the Pivoted Cholesky Decomposition, 2012.

import {
  add,
  arange,
  argMax,
  div,
  eq,
  expandDims,
  eye,
  gt,
  matmul,
  maximum,
  mul,
  scan,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type TensorLike,
  take,
  transpose,
  where,
  zeros,
} from '@adjoint/core'
import { cholesky, choleskySolve } from '../factorisations/index.js'
import { floatOf } from '../operators/elementary.js'
import { type LinearOperator, linearOperator } from '../operators/linear-operator.js'
import { diagonalOf } from './diagonal.js'
import { checkCount } from './options.js'
import { epsilon } from './vectors.js'

/** What `pivotedCholesky` returns. */
export interface PivotedCholesky {
  /** L with `a ≈ L Lᵀ`, `[n, rank]`; columns after the matrix is exhausted are 0. */
  readonly factor: Tensor
  /** Rows in the order they were chosen, int32 `[rank]`. */
  readonly pivots: Tensor
  /** Trace of what is left, `a - L Lᵀ`, `[]`. */
  readonly error: Tensor
}

/**
 * The first columns of a Cholesky factorisation of a symmetric positive semidefinite matrix that always takes the largest
 * remaining diagonal entry: a low-rank approximation that reads `rank` columns of `a`, and its diagonal.
 *
 * @param a - `[n, n]`
 * @param rank - columns, from 1 to n
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { factor, error } = pivotedCholesky(tensor([[1, 2], [2, 4]]), 1)   // [[1], [2]], 0
 */
export function pivotedCholesky(a: Tensor, rank: number): PivotedCholesky {
  floatOf('pivotedCholesky', a, 2)
  const diagonal = diagonalOf('pivotedCholesky', a)
  const [n] = a.shape
  checkCount('pivotedCholesky', 'rank', rank, n)
  const columns = arange(0, rank, 1, { dtype: 'int32', backend: a.backend })
  const rounding = mul(sum(diagonal), 4 * epsilon(a))
  const { carry, ys } = scan(
    ({ factor, left }: { factor: Tensor; left: Tensor }, k: Tensor) => {
      const pivot = argMax(left)
      const largest = take(left, pivot)
      const sound = gt(largest, rounding)
      const rest = sub(take(a, pivot, 1), matmul(factor, take(factor, pivot)))
      const column = where(sound, div(rest, sqrt(where(sound, largest, 1))), 0)
      return [
        {
          factor: where(eq(expandDims(columns, 0), k), expandDims(column, 1), factor),
          left: maximum(sub(left, square(column)), 0),
        },
        pivot,
      ] as const
    },
    { factor: zeros([n, rank], { dtype: a.dtype, backend: a.backend }), left: diagonal },
    columns,
  )
  return { factor: carry.factor, pivots: ys, error: sum(carry.left) }
}

/**
 * The inverse of `L Lᵀ + noise I`, for systems with a kernel matrix plus noise: L from `pivotedCholesky`.
 *
 * J. Gardner, G. Pleiss, D. Bindel, K. Weinberger, A. Wilson, GPyTorch: Blackbox Matrix-Matrix Gaussian Process
 * Inference, 2018.
 *
 * @param a - `[n, n]`, symmetric positive semidefinite, without the noise
 * @param rank - columns of L
 * @param noise - what the system adds to the diagonal, above 0
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const kernel = tensor([[1, 0.9], [0.9, 1]])
 * const system = addOperators(kernel, scaleOperator(identityOperator(2), 0.1))
 * conjugateGradient(system, tensor([1, 2]), { preconditioner: lowRankPreconditioner(kernel, 1, 0.1) })
 */
export function lowRankPreconditioner(a: Tensor, rank: number, noise: TensorLike): LinearOperator {
  const dtype = floatOf('lowRankPreconditioner', a, 2)
  const { factor } = pivotedCholesky(a, rank)
  const [n] = a.shape
  // Woodbury: (L Lᵀ + s I)⁻¹ = (I - L (Lᵀ L + s I)⁻¹ Lᵀ) / s.
  const unit = eye(rank, rank, { dtype, backend: a.backend })
  const { l } = cholesky(add(matmul(transpose(factor), factor), mul(unit, noise)))
  const apply = (x: Tensor) => div(sub(x, matmul(factor, choleskySolve(l, matmul(transpose(factor), x)))), noise)
  return linearOperator({ shape: [n, n], dtype, apply, applyTranspose: apply })
}
