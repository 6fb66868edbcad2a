// Incomplete Cholesky factorisation without fill-in, as a preconditioner.
// J. A. Meijerink, H. A. van der Vorst, An Iterative Solution Method for Linear Systems of Which the Coefficient Matrix is
// a Symmetric M-Matrix, 1977.

import {
  abs,
  arange,
  div,
  eq,
  expandDims,
  fori,
  gt,
  ne,
  outer,
  sqrt,
  sub,
  type Tensor,
  take,
  where,
  zerosLike,
} from '@adjoint/core'
import { floatOf } from '../operators/elementary.js'
import { type LinearOperator, linearOperator } from '../operators/linear-operator.js'
import { triangularSolve } from '../solves/index.js'
import { diagonalOf } from './diagonal.js'

/**
 * The inverse of L Lᵀ, where L is the Cholesky factor without the entries that are zero in `a` (no fill-in). For symmetric
 * positive definite matrices with few entries; a pivot that is not positive is replaced by the diagonal entry of `a`.
 *
 * @param a - `[n, n]`; only the lower triangle is read
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const a = tensor([[4, -1, 0], [-1, 4, -1], [0, -1, 4]])
 * conjugateGradient(a, tensor([1, 2, 3]), { preconditioner: incompleteCholesky(a) })   // one step: a has no fill-in
 */
export function incompleteCholesky(a: Tensor): LinearOperator {
  const dtype = floatOf('incompleteCholesky', a, 2)
  const diagonal = diagonalOf('incompleteCholesky', a)
  const [n] = a.shape
  const places = arange(0, n, 1, { dtype: 'int32', backend: a.backend })
  const kept = ne(a, 0)
  const { l } = fori(
    0,
    n,
    (k, { rest, l }: { rest: Tensor; l: Tensor }) => {
      const column = take(rest, k, 1)
      const pivot = take(column, k)
      const root = sqrt(where(gt(pivot, 0), pivot, abs(take(diagonal, k))))
      const scaled = where(gt(places, k), div(column, root), where(eq(places, k), root, 0))
      const below = where(gt(places, k), scaled, 0)
      return {
        rest: where(kept, sub(rest, outer(below, below)), 0),
        l: where(eq(expandDims(places, 0), k), expandDims(scaled, 1), l),
      }
    },
    { rest: a, l: zerosLike(a) },
  )
  const apply = (x: Tensor) => triangularSolve(l, triangularSolve(l, x), { transposed: true })
  return linearOperator({ shape: [n, n], dtype, apply, applyTranspose: apply })
}
