// The largest singular values of a large matrix, from its action on a random subspace.
// N. Halko, P.-G. Martinsson, J. A. Tropp, Finding Structure with Randomness: Probabilistic Algorithms for Constructing
// Approximate Matrix Decompositions, 2011.

import { AdjointError, type Key, matmul, slice, type Tensor, transpose, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { qr, svd } from '../factorisations/index.js'
import { asOperator } from '../operators/elementary.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { checkCount } from './options.js'

/** Options of `randomizedSvd`. */
export interface RandomizedSvdOptions {
  readonly key: Key
  /** Dimensions of the subspace beyond k. @defaultValue 10 */
  readonly oversampling?: number
  /** Passes with Aᵀ and A that sharpen the subspace, where singular values fall slowly. @defaultValue 2 */
  readonly powerIterations?: number
}

/** An approximation `u diag(s) vt` of rank k. */
export interface RandomizedSvd {
  /** Orthonormal columns, `[m, k]`. */
  readonly u: Tensor
  /** Descending, `[k]`. */
  readonly s: Tensor
  /** Orthonormal rows, `[k, n]`. */
  readonly vt: Tensor
}

/**
 * The k largest singular values with their vectors, nearly: exact for a matrix of rank at most `k + oversampling`. It makes
 * `2 (powerIterations + 1)` products with that many vectors at once.
 *
 * @param a - `[m, n]` or an operator
 * @param k - from 1 to min(m, n)
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { s } = randomizedSvd(tensor([[3, 0], [0, -4], [0, 0]]), 1, { key: random.key(0) })   // [4]
 */
export function randomizedSvd(
  a: MatrixLike,
  k: number,
  { key, oversampling = 10, powerIterations = 2 }: RandomizedSvdOptions,
): RandomizedSvd {
  const { apply, applyTranspose, shape, dtype } = asOperator('randomizedSvd', a)
  const [m, n] = shape
  checkCount('randomizedSvd', 'k', k, Math.min(m, n))
  checkCounts({ oversampling, powerIterations })
  const width = Math.min(k + oversampling, m, n)
  // Vectors go through the operator as rows.
  const range = (rows: Tensor) => qr(transpose(vmap(apply)(rows))).q
  const back = (q: Tensor) => vmap(applyTranspose)(transpose(q))
  let basis = range(random.normal(key, [width, n], { dtype }))
  for (let i = 0; i < powerIterations; i++) basis = range(transpose(qr(transpose(back(basis))).q))
  const { u, s, vt } = svd(back(basis))
  return { u: slice(matmul(basis, u), null, [0, k]), s: slice(s, [0, k]), vt: slice(vt, [0, k]) }
}

function checkCounts(counts: Record<string, number>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isInteger(value) && value >= 0) continue
    throw new AdjointError('invalid-argument', {
      fn: 'randomizedSvd',
      given: `${name} ${value}`,
      expected: 'an integer, not negative',
    })
  }
}
