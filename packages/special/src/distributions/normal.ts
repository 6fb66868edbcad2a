// The normal distribution.

import { add, div, log, mul, square, sub, type Tensor, type TensorLike } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { normalCdf, normalQuantile } from '../normal.js'
import type { Univariate } from './api.js'
import { drawShape, HALF_LOG_TWO_PI, parameters, valueLike } from './support.js'

/** A normal distribution. */
export interface Normal extends Univariate<Normal> {
  readonly location: Tensor
  readonly scale: Tensor
}

/**
 * The normal distribution; draws are differentiable in both parameters.
 *
 * @param location - its mean
 * @param scale - its standard deviation, above 0
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * normal(0, 1).logProb(tensor([0, 1]))   // [-0.9189..., -1.4189...]
 */
export function normal(location: TensorLike = 0, scale: TensorLike = 1): Normal {
  const { tensors, batchShape, dtype, spread } = parameters('normal', [location, scale])
  const [mu, sigma] = tensors
  const standard = (x: TensorLike) => div(sub(valueLike('normal', x, sigma), mu), sigma)
  return {
    family: 'normal',
    batchShape,
    eventShape: [],
    dtype,
    location: mu,
    scale: sigma,
    get mean() {
      return spread(mu)
    },
    get variance() {
      return spread(square(sigma))
    },
    sample: (key, shape = []) =>
      add(mu, mul(sigma, random.normal(key, drawShape('normal.sample', shape, batchShape), { dtype }))),
    logProb: (x) => sub(mul(square(standard(x)), -0.5), add(log(sigma), HALF_LOG_TWO_PI)),
    entropy: () => spread(add(log(sigma), HALF_LOG_TWO_PI + 0.5)),
    cdf: (x) => normalCdf(standard(x)),
    quantile: (p) => add(mu, mul(sigma, normalQuantile(valueLike('normal', p, sigma)))),
    divergence: (q) => {
      const ratio = div(sigma, q.scale)
      const shift = div(sub(mu, q.location), q.scale)
      return sub(mul(sub(add(square(ratio), square(shift)), 1), 0.5), log(ratio))
    },
  }
}
