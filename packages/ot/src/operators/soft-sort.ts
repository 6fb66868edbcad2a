// Sorting, ranking, quantiles and the top k as transport of values onto a line of targets: differentiable, by an entropic plan.
// M. Cuturi, O. Teboul, J.-P. Vert, Differentiable Ranks and Sorting using Optimal Transport, 2019.

import {
  add,
  cumsum,
  div,
  expandDims,
  full,
  linspace,
  logistic,
  mean,
  mul,
  sqrt,
  square,
  sub,
  type Tensor,
  tensor,
  variance,
  withBackend,
} from '@adjoint/core'
import { requireCount, requireFloats, requireNumber } from '../checks.js'
import type { EntropicPlan } from '../entropic/plan.js'
import { type SinkhornOptions, sinkhorn } from '../entropic/sinkhorn.js'
import { weightsOf } from '../measure.js'

/** What the soft operators share. */
export interface SoftOptions extends Pick<SinkhornOptions, 'tolerance' | 'maxIterations' | 'gradient'> {
  /** How soft: the regularisation of transport between values brought to (0, 1) and targets in [0, 1]. @defaultValue 0.01 */
  readonly epsilon?: number | Tensor
  /** `[n]`: how much each value counts. @defaultValue 1 / n each */
  readonly weights?: Tensor
}

/** Options of `softSort` and `softRank`. */
export interface SoftSortOptions extends SoftOptions {
  /** How many values to return, quantiles at equal distances. @defaultValue n */
  readonly targets?: number
}

/**
 * The values in ascending order, smoothed: each is a mean of all values, by an entropic plan onto equally spaced targets.
 *
 * Traceable and differentiable. A smaller `epsilon` is closer to `sort`.
 *
 * M. Cuturi, O. Teboul, J.-P. Vert, Differentiable Ranks and Sorting using Optimal Transport, 2019.
 *
 * @param x - `[n]`
 * @returns `[targets]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * softSort(tensor([3, 1, 2]), { epsilon: 0.001 })   // [1.0000..., 2.0000..., 3.0000...]
 */
export function softSort(x: Tensor, { targets, ...options }: SoftSortOptions = {}): Tensor {
  requireFloats('softSort', 'x', x, 1)
  const m = targets ?? x.size
  requireCount('softSort', 'targets', m)
  const b = like(x, () => full([m], 1 / m, { dtype: x.dtype }))
  return div(ontoLine('softSort', x, equallySpaced(x, m), b, options).applyTranspose(x), b)
}

/**
 * The ranks of values, from 0 for the smallest to n - 1 for the largest, smoothed.
 *
 * M. Cuturi, O. Teboul, J.-P. Vert, Differentiable Ranks and Sorting using Optimal Transport, 2019.
 *
 * @param x - `[n]`
 * @returns `[n]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * softRank(tensor([3, 1, 2]), { epsilon: 0.001 })   // [2.0000..., 0.0000..., 1.0000...]
 */
export function softRank(x: Tensor, { targets, ...options }: SoftSortOptions = {}): Tensor {
  requireFloats('softRank', 'x', x, 1)
  const n = x.size
  const m = targets ?? n
  requireCount('softRank', 'targets', m)
  const b = like(x, () => full([m], 1 / m, { dtype: x.dtype }))
  const a = weightsOf('softRank', 'weights', options.weights, n, x)
  const share = div(ontoLine('softRank', x, equallySpaced(x, m), b, options).apply(cumsum(b)), a)
  return sub(mul(share, n), 0.5 + (0.5 * n) / m)
}

/**
 * Which values are among the k largest: near 1 for those, near 0 for the others, of sum k.
 *
 * Y. Xie, H. Dai, M. Chen, B. Dai, T. Zhao, H. Zha, W. Wei, T. Pfister, Differentiable Top-k with Optimal Transport, 2020.
 *
 * @param x - `[n]`
 * @param k - from 1 to n - 1
 * @returns `[n]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * softTopK(tensor([5, 1, 4, 2]), 2, { epsilon: 0.001 })   // [1.0000..., 0.0000..., 0.9999..., 0.0000...]
 */
export function softTopK(x: Tensor, k: number, options: Omit<SoftOptions, 'weights'> = {}): Tensor {
  requireFloats('softTopK', 'x', x, 1)
  const n = x.size
  requireNumber('softTopK', 'k', k, (v) => Number.isInteger(v) && v >= 1 && v < n, `an integer from 1 to ${n - 1}`)
  const ends = like(x, () => tensor([0, 1], { dtype: x.dtype }))
  const b = like(x, () => tensor([1 - k / n, k / n], { dtype: x.dtype }))
  return mul(ontoLine('softTopK', x, ends, b, options).apply(ends), n)
}

/** Options of `softQuantile`. */
export interface SoftQuantileOptions extends SoftOptions {
  /** The share of all weight that is averaged around the quantile. @defaultValue 1 / n */
  readonly width?: number
}

/**
 * A quantile of values, smoothed: the mean of the values that an entropic plan brings to the place of that level.
 *
 * M. Cuturi, O. Teboul, J.-P. Vert, Differentiable Ranks and Sorting using Optimal Transport, 2019.
 *
 * @param x - `[n]`
 * @param level - from 0 to 1; 0.5 is the median
 * @returns a scalar
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * softQuantile(tensor([5, 1, 4, 2, 3]), 0.5, { epsilon: 0.001 }).item()   // 3.0000...
 */
export function softQuantile(
  x: Tensor,
  level: number,
  { width = 1 / x.size, ...options }: SoftQuantileOptions = {},
): Tensor {
  requireFloats('softQuantile', 'x', x, 1)
  requireNumber('softQuantile', 'level', level, (v) => v >= 0 && v <= 1, 'a number from 0 to 1')
  requireNumber('softQuantile', 'width', width, (v) => v > 0 && v < 1, 'a number above 0 and below 1')
  const below = Math.min(Math.max(level - width / 2, 0), 1 - width)
  const targets = like(x, () => tensor([0, below + width / 2, 1], { dtype: x.dtype }))
  const b = like(x, () => tensor([below, width, 1 - width - below], { dtype: x.dtype }))
  return div(ontoLine('softQuantile', x, targets, b, options).applyTranspose(x).slice(1), width)
}

function like(x: Tensor, make: () => Tensor): Tensor {
  return withBackend(x.backend, make)
}

function equallySpaced(x: Tensor, m: number): Tensor {
  return like(x, () => linspace(0, 1, m, { dtype: x.dtype }))
}

/** The entropic plan from values, squashed into (0, 1), onto targets. */
function ontoLine(fn: string, x: Tensor, targets: Tensor, b: Tensor, options: SoftOptions): EntropicPlan {
  const { weights, epsilon = 0.01, ...rest } = options
  const a = weightsOf(fn, 'weights', weights, x.size, x)
  const cost = square(sub(expandDims(squashed(x), 1), targets))
  return sinkhorn(cost, { epsilon, epsilonScale: 'absolute', ...rest, a: div(a, a.sum()), b }).plan
}

/** Values of any scale into (0, 1), by the distribution function of the logistic law with their mean and variance. */
function squashed(x: Tensor): Tensor {
  const spread = mul(sqrt(add(variance(x), 1e-12)), Math.sqrt(3) / Math.PI)
  return logistic(div(sub(x, mean(x)), spread))
}
