// Traces and diagonals of matrices known by their products, from random vectors.
// M. F. Hutchinson, A Stochastic Estimator of the Trace of the Influence Matrix, 1989; C. Bekas, E. Kokiopoulou, Y. Saad,
// An Estimator for the Diagonal of a Matrix, 2007.

import { div, type Key, lt, mean, mul, sqrt, sum, type Tensor, variance, vmap, where } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { asSquareOperator } from '../operators/elementary.js'
import type { LinearOperator, MatrixLike } from '../operators/linear-operator.js'
import { checkCount } from './options.js'

/** Options of the estimators by random vectors. */
export interface ProbeOptions {
  readonly key: Key
  /** Random vectors, each a product with A; at least 2. @defaultValue 32 */
  readonly samples?: number
  /** Signs have the least variance for most matrices. @defaultValue 'rademacher' */
  readonly distribution?: 'rademacher' | 'normal'
}

/** A mean over random vectors. */
export interface Estimate {
  readonly value: Tensor
  /** One standard deviation of `value`, estimated from the samples. */
  readonly standardError: Tensor
}

/**
 * The trace of a square matrix, without bias: the mean of `z · A z` over random z. All products are made at once. Gradients
 * are unbiased too.
 *
 * @param a - `[n, n]` or an operator
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { value } = hutchinsonTrace(diagonalOperator(tensor([1, 2, 3])), { key: random.key(0) })   // 6
 */
export function hutchinsonTrace(a: MatrixLike, options: ProbeOptions): Estimate {
  const operator = asSquareOperator('hutchinsonTrace', a)
  const z = probes('hutchinsonTrace', operator, options)
  return meanEstimate(sum(mul(z, vmap(operator.apply)(z)), 1))
}

/**
 * The diagonal of a square matrix: the mean of `z * (A z)` over that of `z * z`. `value` and `standardError` are `[n]`.
 *
 * @param a - `[n, n]` or an operator
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { value } = hutchinsonDiagonal(diagonalOperator(tensor([1, 2, 3])), { key: random.key(0) })   // [1, 2, 3]
 */
export function hutchinsonDiagonal(a: MatrixLike, options: ProbeOptions): Estimate {
  const operator = asSquareOperator('hutchinsonDiagonal', a)
  const z = probes('hutchinsonDiagonal', operator, options)
  const { value, standardError } = meanEstimate(mul(z, vmap(operator.apply)(z)))
  const weight = mean(mul(z, z), 0)
  return { value: div(value, weight), standardError: div(standardError, weight) }
}

/** @internal Mean over the leading axis, with its standard error. */
export function meanEstimate(samples: Tensor): Estimate {
  const spread = variance(samples, 0, { ddof: 1 })
  return { value: mean(samples, 0), standardError: sqrt(div(spread, samples.shape[0])) }
}

/** @internal Random rows `[samples, n]`. */
export function probes(
  fn: string,
  { shape: [, n], dtype }: LinearOperator,
  { key, samples = 32, distribution = 'rademacher' }: ProbeOptions,
): Tensor {
  checkCount(fn, 'samples', samples, Infinity, 2)
  return randomRows(key, [samples, n], dtype, distribution)
}

/** @internal */
export function randomRows(
  key: Key,
  shape: readonly [number, number],
  dtype: 'float32' | 'float64',
  distribution: 'rademacher' | 'normal' = 'rademacher',
): Tensor {
  const z = random.normal(key, shape, { dtype })
  return distribution === 'normal' ? z : where(lt(z, 0), -1, 1).cast(dtype)
}
