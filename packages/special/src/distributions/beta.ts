// The beta distribution.

import {
  add,
  and,
  clip,
  div,
  gt,
  log,
  log1p,
  logistic,
  lt,
  mul,
  neg,
  or,
  square,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { betaKernel, lbeta } from '../beta.js'
import { xlog1py, xlogy } from '../exponential.js'
import { digamma } from '../gamma.js'
import { betainc, betaincinv } from '../incomplete-beta.js'
import type { Univariate } from './api.js'
import { logGammaNumbers } from './samplers/gamma.js'
import { drawShape, parameters, valueLike } from './support.js'

/** A beta distribution. */
export interface Beta extends Univariate<Beta> {
  readonly alpha: Tensor
  readonly beta: Tensor
}

/**
 * The beta distribution on [0, 1]; draws are differentiable in both shapes, by implicit reparameterisation.
 *
 * M. Figurnov, S. Mohamed, A. Mnih, Implicit Reparameterization Gradients, NeurIPS 2018.
 *
 * @param alpha - the first shape, above 0
 * @param beta - the second shape, above 0
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * import { beta } from '@adjoint/special/distributions'
 * beta(2, 3).cdf(0.5).item()   // 0.6875
 */
export function beta(alpha: TensorLike, beta: TensorLike): Beta {
  const { tensors, batchShape, dtype, spread } = parameters('beta', [alpha, beta])
  const [a, b] = tensors
  const whole = add(a, b)
  const value = (x: TensorLike) => valueLike('beta', x, a)
  return {
    family: 'beta',
    batchShape,
    eventShape: [],
    dtype,
    alpha: a,
    beta: b,
    get mean() {
      return div(a, whole)
    },
    get variance() {
      return div(mul(a, b), mul(square(whole), add(whole, 1)))
    },
    sample: (key, shape = []) => {
      const [first, second] = random.split(key)
      const full = drawShape('beta.sample', shape, batchShape)
      return logistic(sub(logGammaNumbers(first, a, full), logGammaNumbers(second, b, full)))
    },
    logProb: (given) => {
      const x = value(given)
      const inside = and(gt(x, 0), lt(x, 1))
      const t = where(inside, x, 0.5)
      const density = sub(sub(betaKernel(a, b, t), log(t)), log1p(neg(t)))
      const end = clip(x, 0, 1)
      const atEnds = sub(add(xlogy(sub(a, 1), end), xlog1py(sub(b, 1), neg(end))), lbeta(a, b))
      return where(inside, density, where(or(lt(x, 0), gt(x, 1)), -Infinity, atEnds))
    },
    entropy: () => {
      const own = add(mul(sub(a, 1), digamma(a)), mul(sub(b, 1), digamma(b)))
      return spread(add(sub(lbeta(a, b), own), mul(sub(whole, 2), digamma(whole))))
    },
    cdf: (x) => betainc(a, b, clip(value(x), 0, 1)),
    quantile: (p) => betaincinv(a, b, value(p)),
    divergence: (q) => {
      const own = add(mul(sub(a, q.alpha), digamma(a)), mul(sub(b, q.beta), digamma(b)))
      const shared = mul(sub(add(q.alpha, q.beta), whole), digamma(whole))
      return add(add(sub(lbeta(q.alpha, q.beta), lbeta(a, b)), own), shared)
    },
  }
}
