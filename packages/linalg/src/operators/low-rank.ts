// Matrices of few columns, and what they add to others.
// M. A. Woodbury, Inverting Modified Matrices, 1950; N. Higham, Accuracy and Stability of Numerical Algorithms, 2002, on
// the step of refinement.

import { add, matmul, mul, sub, type Tensor, transpose } from '@adjoint/core'
import { eyeLike } from '../checks.js'
import { slogdet } from '../functions/det.js'
import { solve } from '../solves/solve.js'
import { match } from './combinations.js'
import { asOperator } from './elementary.js'
import { type LinearOperator, linearOperator, type MatrixLike } from './linear-operator.js'

/**
 * U Vᵀ, of few columns; symmetric positive semidefinite with `v` left out.
 *
 * @param u - `[m, k]`
 * @param v - `[n, k]`. @defaultValue u
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
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
    dense: () => matmul(u, transpose(v)),
  })
}

/**
 * A + U Vᵀ, for a square A that knows how to solve: a diagonal, say. Systems take k + 1 solves with A and one of size k
 * (Woodbury's formula, refined once). Where A itself is singular or nearly so, that does not help: factor the matrix instead.
 *
 * @param a - `[n, n]`
 * @param u - `[n, k]`
 * @param v - `[n, k]`. @defaultValue u
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const a = lowRankUpdateOperator(diagonalOperator(tensor([1, 2])), tensor([[1], [1]]))
 * solve(a, tensor([3, 4]))   // [1, 1]
 */
export function lowRankUpdateOperator(a: MatrixLike, u: Tensor, v: Tensor = u): LinearOperator {
  const base = asOperator('lowRankUpdateOperator', a)
  const added = lowRankOperator(u, v)
  match(
    'lowRankUpdateOperator',
    base,
    added,
    base.shape.every((size, i) => size === added.shape[i]),
  )
  const { solve: own, slogdet: ownDeterminant } = base
  const apply = (x: Tensor) => add(base.apply(x), added.apply(x))
  // I + Vᵀ A⁻¹ U
  const capacitance = (whole: Tensor) => add(eyeLike(u, u.shape[1]), matmul(transpose(v), whole))
  const once = (b: Tensor) => {
    const [x, whole] = [solve(base, b), solve(base, u)]
    return sub(x, matmul(whole, solve(capacitance(whole), matmul(x, v))))
  }
  return linearOperator({
    shape: base.shape,
    dtype: base.dtype,
    apply,
    applyTranspose: (y) => add(base.applyTranspose(y), added.applyTranspose(y)),
    dense: () => add(base.dense(), added.dense()),
    solve:
      own &&
      ((b) => {
        const x = once(b)
        return add(x, once(sub(b, apply(x))))
      }),
    slogdet:
      own &&
      ownDeterminant &&
      (() => {
        const [outer, inner] = [ownDeterminant(), slogdet(capacitance(solve(base, u)))]
        return { sign: mul(outer.sign, inner.sign), logAbsDet: add(outer.logAbsDet, inner.logAbsDet) }
      }),
  })
}
