// The pseudoinverse and least squares, by the singular value decomposition.
// Derivative: G. Golub, V. Pereyra, The Differentiation of Pseudo-Inverses and Nonlinear Least Squares Problems, SINUM 1973.

import {
  add,
  cast,
  customJvp,
  expandDims,
  gt,
  matmul,
  max,
  mul,
  reciprocal,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from '@adjoint/core'
import { requireMatrixOf, requireRightHandSide, sameBatch, transposed, withVectors } from '../checks.js'
import { svd, svdvals } from '../factorisations/svd.js'
import type { MatrixLike } from '../operators/linear-operator.js'

/** Options that say which singular values count as zero. */
export interface RankOptions {
  /** Those up to this part of the largest. @defaultValue the larger side times the unit roundoff of the dtype */
  readonly rtol?: number
}

/** @internal Which singular values of `[..., m, n]` count. */
function significant(s: Tensor, [m, n]: readonly number[], rtol: number | undefined): Tensor {
  const unit = s.dtype === 'float64' ? 2 ** -52 : 2 ** -23
  return gt(s, mul(largestOf(s), rtol ?? Math.max(m, n) * unit))
}

function largestOf(s: Tensor): Tensor {
  return s.shape[s.ndim - 1] === 0 ? sum(s, -1, { keepDims: true }) : max(s, -1, { keepDims: true })
}

/**
 * The rank: how many singular values count. `[..., m, n]` -> int32 `[...]`; 0 where an entry is not finite
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * matrixRank(tensor([[1, 2], [2, 4]]))   // 1
 */
export function matrixRank(a: MatrixLike, { rtol }: RankOptions = {}): Tensor {
  const matrix = requireMatrixOf('matrixRank', a)
  return sum(cast(significant(svdvals(matrix), matrix.shape.slice(-2), rtol), 'int32'), -1)
}

/**
 * The Moore-Penrose pseudoinverse. `[..., m, n]` -> `[..., n, m]`
 *
 * Derivatives hold where the rank does not change nearby.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * pinv(tensor([[1, 0], [0, 2], [0, 0]]))   // [[1, 0, 0], [0, 0.5, 0]]
 */
export function pinv(a: MatrixLike, options: RankOptions = {}): Tensor {
  const pseudoinverse = customJvp(
    (x: Tensor): Tensor => {
      const { u, s, vt } = svd(x)
      const counts = significant(s, x.shape.slice(-2), options.rtol)
      const inverse = where(counts, reciprocal(where(counts, s, 1)), mul(s, 0))
      return matmul(mul(transposed(vt), expandDims(inverse, -2)), transposed(u))
    },
    ([x], [dx]) => {
      const p = pinv(x, options)
      const dxt = transposed(dx)
      const pt = transposed(p)
      const inner = matmul(p, matmul(dx, p))
      const right = matmul(p, matmul(pt, dxt))
      const left = matmul(dxt, matmul(pt, p))
      const tangent = add(sub(sub(right, inner), matmul(matmul(right, x), p)), sub(left, matmul(p, matmul(x, left))))
      return { value: p, tangent }
    },
  )
  return pseudoinverse(requireMatrixOf('pinv', a))
}

/** What `lstsq` returns. */
export interface LeastSquares {
  /** The solution of smallest norm, `[..., n, k]` or `[..., n]`. */
  readonly x: Tensor
  /** Sums of squares of `a x - b` for each column, `[..., k]` or `[...]`. */
  readonly residuals: Tensor
  /** int32 `[...]`. */
  readonly rank: Tensor
  /** Of `a`, descending, `[..., min(m, n)]`. */
  readonly singularValues: Tensor
}

/**
 * Least squares: the x of smallest norm among those with the smallest `|a x - b|`. `[..., m, n]`, `[..., m, k]` or `[m]`
 *
 * NaN where an entry is not finite. Derivatives hold where the rank does not change nearby.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * lstsq(tensor([[1, 0], [1, 1], [1, 2]]), tensor([1, 3, 5])).x   // [1, 2]
 */
export function lstsq(a: MatrixLike, b: Tensor, options: RankOptions = {}): LeastSquares {
  const matrix = requireMatrixOf('lstsq', a)
  requireRightHandSide('lstsq', matrix, b)
  const singularValues = svdvals(matrix)
  const rank = sum(cast(significant(singularValues, matrix.shape.slice(-2), options.rtol), 'int32'), -1)
  const inverse = pinv(matrix, options)
  const x = withVectors(b, (columns) => {
    const [p, right] = sameBatch('lstsq', inverse, columns)
    return matmul(p, right)
  })
  const vector = b.ndim === 1
  const misfit = sub(matmul(matrix, vector ? expandDims(x, -1) : x), vector ? expandDims(b, -1) : b)
  const squares = sum(square(misfit), -2)
  return { x, residuals: vector ? sum(squares, -1) : squares, rank, singularValues }
}
