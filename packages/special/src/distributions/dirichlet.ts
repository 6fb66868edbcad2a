// The Dirichlet distribution.

import {
  AdjointError,
  abs,
  add,
  all,
  and,
  div,
  expandDims,
  ge,
  lt,
  mul,
  softmax,
  sub,
  sum,
  type Tensor,
  where,
} from '@adjoint/core'
import { xlogy } from '../exponential.js'
import { digamma, lgamma } from '../gamma.js'
import type { Distribution } from './api.js'
import { logGammaNumbers } from './samplers/gamma.js'
import { drawShape, parameters, valueLike } from './support.js'

/** A Dirichlet distribution. */
export interface Dirichlet extends Distribution<Dirichlet> {
  /** `[...batch, n]` */
  readonly concentration: Tensor
}

/**
 * The Dirichlet distribution on vectors of n shares that sum to 1; draws are differentiable, by implicit reparameterisation.
 *
 * @param concentration - `[...batch, n]`, above 0
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch` for a scalar
 * @example
 * dirichlet(tensor([1, 2, 1])).mean   // [0.25, 0.5, 0.25]
 */
export function dirichlet(concentration: Tensor): Dirichlet {
  const { tensors, dtype } = parameters('dirichlet', [concentration])
  const [alpha] = tensors
  if (alpha.ndim === 0) {
    throw new AdjointError('shape-mismatch', { fn: 'dirichlet', given: 'a scalar', expected: '[..., n]' })
  }
  const batchShape = alpha.shape.slice(0, -1)
  const n = alpha.shape[alpha.ndim - 1]
  const whole = sum(alpha, -1)
  const shares = () => div(alpha, expandDims(whole, -1))
  const logNormaliser = (a: Tensor) => sub(sum(lgamma(a), -1), lgamma(sum(a, -1)))
  return {
    family: 'dirichlet',
    batchShape,
    eventShape: [n],
    dtype,
    concentration: alpha,
    get mean() {
      return shares()
    },
    get variance() {
      const m = shares()
      return div(mul(m, sub(1, m)), expandDims(add(whole, 1), -1))
    },
    sample: (key, shape = []) =>
      softmax(logGammaNumbers(key, alpha, drawShape('dirichlet.sample', shape, alpha.shape)), -1),
    logProb: (given) => {
      const x = valueLike('dirichlet', given, alpha)
      const onSimplex = and(all(ge(x, 0), -1), lt(abs(sub(sum(x, -1), 1)), dtype === 'float64' ? 1e-8 : 1e-4))
      const powers = sum(xlogy(sub(alpha, 1), where(ge(x, 0), x, 1)), -1)
      return where(onSimplex, sub(powers, logNormaliser(alpha)), -Infinity)
    },
    entropy: () => {
      const spreadOut = mul(sub(whole, n), digamma(whole))
      return sub(add(logNormaliser(alpha), spreadOut), sum(mul(sub(alpha, 1), digamma(alpha)), -1))
    },
    divergence: (q) => {
      const logs = sub(digamma(alpha), expandDims(digamma(whole), -1))
      const difference = sub(logNormaliser(q.concentration), logNormaliser(alpha))
      return add(difference, sum(mul(sub(alpha, q.concentration), logs), -1))
    },
  }
}
