// Norms of vectors and matrices by their order, and condition numbers.

import {
  AdjointError,
  type Axis,
  abs,
  cast,
  div,
  eq,
  isNaN,
  max,
  min,
  mul,
  ne,
  norm,
  pow,
  sum,
  type Tensor,
  where,
} from '@adjoint/core'
import { requireFloats, requireMatrixOf, requireSquare } from '../checks.js'
import { svdvals } from '../factorisations/svd.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { inv } from '../solves/inv.js'

/** Options of `vectorNorm`. */
export interface VectorNormOptions {
  /** p of the p-norm; 0 counts what is not zero, Infinity and -Infinity take the extremes. @defaultValue 2 */
  readonly order?: number
  /** @defaultValue all axes */
  readonly axis?: Axis
  /** Whether reduced axes stay, with length 1. @defaultValue false */
  readonly keepDims?: boolean
}

/**
 * The p-norm of the elements along axes.
 *
 * @throws AdjointError `dtype-mismatch`, `axis-out-of-range`
 * @example
 * vectorNorm(tensor([3, -4]), { order: 1 })   // 7
 */
export function vectorNorm(x: Tensor, { order = 2, axis, keepDims = false }: VectorNormOptions = {}): Tensor {
  requireFloats('vectorNorm', x)
  const options = { keepDims }
  if (order === 2) return norm(x, axis, options)
  const size = abs(x)
  if (order === Infinity) return max(size, axis, options)
  if (order === -Infinity) return min(size, axis, options)
  if (order === 0) return sum(cast(ne(x, 0), x.dtype), axis, options)
  if (order === 1) return sum(size, axis, options)
  return pow(sum(pow(size, order), axis, options), 1 / order)
}

/** Which matrix norm: 2 and -2 are the extreme singular values, 1 sums columns, Infinity rows. */
export type MatrixNormOrder = 'frobenius' | 'nuclear' | 1 | -1 | 2 | -2 | typeof Infinity

/** Options of `matrixNorm` and `cond`. */
export interface MatrixNormOptions {
  /** `'frobenius'`, `'nuclear'`, 1, -1, 2, -2, Infinity or -Infinity. @defaultValue 'frobenius'; 2 for `cond` */
  readonly order?: MatrixNormOrder
}

/**
 * Norms of matrices. `[..., m, n]` -> `[...]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`; `invalid-argument` for another order
 * @example
 * matrixNorm(tensor([[1, -2], [3, 4]]), { order: Infinity })   // 7
 */
export function matrixNorm(a: MatrixLike, { order = 'frobenius' }: MatrixNormOptions = {}): Tensor {
  const matrix = requireMatrixOf('matrixNorm', a)
  switch (order) {
    case 'frobenius':
      return norm(matrix, [-2, -1])
    case 'nuclear':
      return sum(svdvals(matrix), -1)
    case 2:
      return max(svdvals(matrix), -1)
    case -2:
      return min(svdvals(matrix), -1)
    case 1:
      return max(sum(abs(matrix), -2), -1)
    case -1:
      return min(sum(abs(matrix), -2), -1)
    case Infinity:
      return max(sum(abs(matrix), -1), -1)
    case -Infinity:
      return min(sum(abs(matrix), -1), -1)
    default:
      throw new AdjointError('invalid-argument', {
        fn: 'matrixNorm',
        given: `order ${String(order)}`,
        expected: "'frobenius', 'nuclear', 1, -1, 2, -2, Infinity or -Infinity",
      })
  }
}

/**
 * Condition numbers. `[..., m, n]` -> `[...]`, square for orders other than 2 and -2; Infinity where a matrix is singular
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`; `invalid-argument` for another order
 * @example
 * cond(tensor([[4, 0], [0, 2]]))   // 2
 */
export function cond(a: MatrixLike, { order = 2 }: MatrixNormOptions = {}): Tensor {
  const matrix = requireMatrixOf('cond', a)
  if (order === 2 || order === -2) {
    const s = svdvals(matrix)
    const [large, small] = [max(s, -1), min(s, -1)]
    if (order === -2) return div(small, large)
    return where(eq(small, 0), Infinity, div(large, small))
  }
  requireSquare('cond', matrix)
  const size = matrixNorm(matrix, { order })
  const inverse = matrixNorm(inv(matrix), { order })
  return where(isNaN(size), size, where(isNaN(inverse), Infinity, mul(size, inverse)))
}
