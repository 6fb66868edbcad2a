// The Poisson distribution.

import {
  add,
  and,
  broadcastTo,
  eq,
  floor,
  ge,
  log,
  lt,
  neg,
  stopGradient,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from '@adjoint/core'
import { gammaKernel } from '../beta.js'
import { gammaincc } from '../incomplete-gamma.js'
import type { Counting } from './api.js'
import { poissonEntropy } from './discrete-means.js'
import { weigh } from './odds.js'
import { poissonNumbers } from './samplers/poisson.js'
import { drawShape, parameters, valueLike } from './support.js'

/** A Poisson distribution. */
export interface Poisson extends Counting<Poisson> {
  readonly rate: Tensor
}

/**
 * The Poisson distribution. Draws are whole numbers in the dtype of the rate and have no derivative.
 *
 * W. Hormann, The Transformed Rejection Method for Generating Poisson Random Variables, 1993.
 *
 * @param rate - the mean, at least 0
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * poisson(3).logProb(2).item()   // log(4.5 exp(-3))
 */
export function poisson(rate: TensorLike): Poisson {
  const { tensors, batchShape, dtype } = parameters('poisson', [rate])
  const [lambda] = tensors
  const value = (x: TensorLike) => valueLike('poisson', x, lambda)
  return {
    family: 'poisson',
    batchShape,
    eventShape: [],
    dtype,
    rate: lambda,
    mean: lambda,
    variance: lambda,
    sample: (key, shape = []) =>
      poissonNumbers(key, stopGradient(broadcastTo(lambda, drawShape('poisson.sample', shape, batchShape)))),
    logProb: (given) => {
      const k = value(given)
      const possible = and(ge(k, 0), eq(k, floor(k)))
      const counted = where(and(possible, lt(0, k)), k, 1)
      const rate = where(eq(lambda, 0), 1, lambda)
      const mass = where(eq(lambda, 0), -Infinity, sub(gammaKernel(add(counted, 1), rate), log(rate)))
      return where(possible, where(eq(k, 0), neg(lambda), mass), -Infinity)
    },
    entropy: () => poissonEntropy(lambda),
    cdf: (given) => {
      const k = floor(value(given))
      return where(lt(k, 0), 0, gammaincc(add(where(lt(k, 0), 0, k), 1), lambda))
    },
    divergence: (q) => add(weigh(lambda, sub(log(lambda), log(q.rate))), sub(q.rate, lambda)),
  }
}
