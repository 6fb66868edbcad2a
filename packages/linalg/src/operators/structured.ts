// Matrices of a structure that systems can use: triangular, tridiagonal, Toeplitz.

import { abs, add, log, matmul, prod, sign, sum, type Tensor, transpose, tril } from '@adjoint/core'
import { diagonalOf, eyeLike } from '../checks.js'
import { solveToeplitz, toeplitz } from '../solves/toeplitz.js'
import { triangularSolve } from '../solves/triangular-solve.js'
import { bandProduct, requireDiagonals, tridiagonalSolve } from '../solves/tridiagonal-solve.js'
import { asSquareOperator, floatOf, unlessSingular } from './elementary.js'
import { type LinearOperator, linearOperator } from './linear-operator.js'

/** Options of `triangularOperator`. */
export interface TriangularOperatorOptions {
  /** Which triangle of `a` is read. @defaultValue 'lower' */
  readonly triangle?: 'lower' | 'upper'
  /** Whether the diagonal counts as ones. @defaultValue false */
  readonly unitDiagonal?: boolean
}

/**
 * One triangle of a matrix. Systems are solved by substitution.
 *
 * @param a - `[n, n]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * solve(triangularOperator(tensor([[2, 9], [1, 1]])), tensor([2, 3]))   // [1, 2]
 */
export function triangularOperator(
  a: Tensor,
  { triangle = 'lower', unitDiagonal = false }: TriangularOperatorOptions = {},
): LinearOperator {
  const { shape, dtype } = asSquareOperator('triangularOperator', a)
  const [n] = shape
  const unit = eyeLike(a, n)
  const below = (x: Tensor) => tril(x, unitDiagonal ? -1 : 0)
  const part = triangle === 'lower' ? below(a) : transpose(below(transpose(a)))
  const matrix = unitDiagonal ? add(part, unit) : part
  const pivots = diagonalOf(matrix)
  return linearOperator({
    shape,
    dtype,
    apply: (x) => matmul(matrix, x),
    applyTranspose: (y) => matmul(y, matrix),
    dense: () => matrix,
    solve: (b) => unlessSingular(pivots, triangularSolve(matrix, b, { triangle, unitDiagonal })),
    slogdet: () => ({ sign: prod(sign(pivots)), logAbsDet: sum(log(abs(pivots))) }),
  })
}

/**
 * The matrix with three diagonals. Systems are solved in time proportional to n.
 *
 * @param lower - below the diagonal, `[n - 1]`
 * @param diagonal - `[n]`
 * @param upper - above it, `[n - 1]`. @defaultValue lower
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const a = tridiagonalOperator(tensor([-1, -1]), tensor([2, 2, 2]))
 * solve(a, tensor([1, 0, 1]))   // [1, 1, 1]
 */
export function tridiagonalOperator(lower: Tensor, diagonal: Tensor, upper: Tensor = lower): LinearOperator {
  const dtype = floatOf('tridiagonalOperator', diagonal, 1)
  const [n] = diagonal.shape
  floatOf('tridiagonalOperator', lower, 1)
  floatOf('tridiagonalOperator', upper, 1)
  requireDiagonals('tridiagonalOperator', lower, diagonal, upper)
  return linearOperator({
    shape: [n, n],
    dtype,
    apply: (x) => bandProduct(lower, diagonal, upper, x),
    applyTranspose: (y) => bandProduct(upper, diagonal, lower, y),
    dense: () => bandProduct(lower, diagonal, upper, eyeLike(diagonal, n)),
    solve: (b) => tridiagonalSolve(lower, diagonal, upper, b),
  })
}

/**
 * The matrix with a given first column and row, constant along diagonals. Systems are solved by Levinson's recursion, in n²
 * operations, and NaN where a leading
 * minor vanishes; a product takes as many operations.
 *
 * @param column - `[n]`; its head is the diagonal
 * @param row - `[n]`; its head is not looked at. @defaultValue column
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * solve(toeplitzOperator(tensor([2, 1])), tensor([4, 5]))   // [1, 2]
 */
export function toeplitzOperator(column: Tensor, row: Tensor = column): LinearOperator {
  floatOf('toeplitzOperator', column, 1)
  floatOf('toeplitzOperator', row, 1)
  const matrix = toeplitz(column, row)
  const { shape, dtype } = asSquareOperator('toeplitzOperator', matrix)
  return linearOperator({
    shape,
    dtype,
    apply: (x) => matmul(matrix, x),
    applyTranspose: (y) => matmul(y, matrix),
    dense: () => matrix,
    solve: (b) => solveToeplitz(column, row, b),
  })
}
