// The exponential distribution.

import {
  div,
  exp,
  expm1,
  ge,
  log,
  log1p,
  maximum,
  mul,
  neg,
  square,
  sub,
  type Tensor,
  type TensorLike,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { Univariate } from './api.js'
import { drawShape, parameters, valueLike, within } from './support.js'

/** An exponential distribution. */
export interface Exponential extends Univariate<Exponential> {
  readonly rate: Tensor
}

/**
 * The exponential distribution; draws are differentiable in the rate.
 *
 * @param rate - the inverse of the mean, above 0
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * exponential(2).cdf(1).item()   // 0.8647...
 */
export function exponential(rate: TensorLike = 1): Exponential {
  const { tensors, batchShape, dtype } = parameters('exponential', [rate])
  const [lambda] = tensors
  const value = (x: TensorLike) => valueLike('exponential', x, lambda)
  return {
    family: 'exponential',
    batchShape,
    eventShape: [],
    dtype,
    rate: lambda,
    get mean() {
      return div(1, lambda)
    },
    get variance() {
      return div(1, square(lambda))
    },
    sample: (key, shape = []) =>
      div(random.exponential(key, drawShape('exponential.sample', shape, batchShape), { dtype }), lambda),
    logProb: (given) => {
      const x = value(given)
      return within(ge(x, 0), x, 0, (t) => sub(log(lambda), mul(lambda, t)), -Infinity)
    },
    entropy: () => sub(1, log(lambda)),
    cdf: (x) => neg(expm1(neg(mul(lambda, maximum(value(x), 0))))),
    quantile: (p) => neg(div(log1p(neg(value(p))), lambda)),
    divergence: (q) => {
      const ratio = sub(log(q.rate), log(lambda))
      return sub(sub(exp(ratio), 1), ratio)
    },
  }
}
