// Hutch++: the trace exactly on a random subspace that holds the large eigenvalues, and by random vectors on the rest.
// R. A. Meyer, C. Musco, C. Musco, D. P. Woodruff, Hutch++: Optimal Stochastic Trace Estimation, 2021.

import { AdjointError, add, type Key, matmul, mul, stopGradient, sub, sum, transpose, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { qr } from '../factorisations/index.js'
import { asSquareOperator } from '../operators/elementary.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { type Estimate, meanEstimate, randomRows } from './hutchinson.js'

/** Options of `hutchPlusPlus`. */
export interface HutchPlusPlusOptions {
  readonly key: Key
  /** Products with A, a multiple of 3 from 6 on: a third each to find the subspace, to measure it, and for the rest. @defaultValue 48 */
  readonly samples?: number
}

/**
 * The trace of a square matrix, without bias, with an error that falls as 1 / samples for positive semidefinite matrices,
 * where `hutchinsonTrace` falls as its square root. Gradients are unbiased too.
 *
 * @param a - `[n, n]` or an operator
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { value } = hutchPlusPlus(lowRankOperator(tensor([[1], [2], [3]])), { key: random.key(0), samples: 6 })   // 14
 */
export function hutchPlusPlus(a: MatrixLike, { key, samples = 48 }: HutchPlusPlusOptions): Estimate {
  const { apply, shape, dtype } = asSquareOperator('hutchPlusPlus', a)
  if (!(samples % 3 === 0 && samples >= 6))
    throw new AdjointError('invalid-argument', {
      fn: 'hutchPlusPlus',
      given: `samples ${samples}`,
      expected: 'a multiple of 3, from 6 on',
    })
  const [n] = shape
  const count = Math.min(samples / 3, n)
  const product = vmap(apply)
  const [forSpace, forRest] = random.split(key)
  // Whatever the subspace, the two parts add up to the trace: it need not be differentiated.
  const { q } = qr(transpose(stopGradient(product(randomRows(forSpace, [count, n], dtype)))))
  const basis = transpose(q)
  const z = randomRows(forRest, [samples / 3, n], dtype)
  const rest = sub(z, matmul(matmul(z, q), basis))
  const { value, standardError } = meanEstimate(sum(mul(rest, product(rest)), 1))
  return { value: add(sum(mul(basis, product(basis))), value), standardError }
}
