// The uniform distribution on an interval.

import { add, and, clip, div, le, log, lt, mul, square, sub, type Tensor, type TensorLike, where } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { Univariate } from './api.js'
import { drawShape, parameters, valueLike } from './support.js'

/** A uniform distribution. */
export interface Uniform extends Univariate<Uniform> {
  readonly low: Tensor
  readonly high: Tensor
}

/**
 * The uniform distribution on [low, high); draws are differentiable in both bounds.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * uniform(0, 2).logProb(tensor([1, 3]))   // [-0.6931..., -Infinity]
 */
export function uniform(low: TensorLike = 0, high: TensorLike = 1): Uniform {
  const { tensors, batchShape, dtype, spread } = parameters('uniform', [low, high])
  const [a, b] = tensors
  const width = sub(b, a)
  return {
    family: 'uniform',
    batchShape,
    eventShape: [],
    dtype,
    low: a,
    high: b,
    get mean() {
      return spread(mul(add(a, b), 0.5))
    },
    get variance() {
      return spread(div(square(width), 12))
    },
    sample: (key, shape = []) =>
      add(a, mul(width, random.uniform(key, drawShape('uniform.sample', shape, batchShape), { dtype }))),
    logProb: (value) => {
      const x = valueLike('uniform', value, a)
      return where(and(le(a, x), lt(x, b)), log(width).neg(), -Infinity)
    },
    entropy: () => spread(log(width)),
    cdf: (x) => clip(div(sub(valueLike('uniform', x, a), a), width), 0, 1),
    quantile: (p) => add(a, mul(width, valueLike('uniform', p, a))),
    divergence: (q) => where(and(le(q.low, a), le(b, q.high)), log(div(sub(q.high, q.low), width)), Infinity),
  }
}
