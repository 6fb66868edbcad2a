// The gamma distribution.

import { add, div, eq, exp, gt, log, lt, mul, square, sub, type Tensor, type TensorLike, where } from '@adjoint/core'
import { gammaKernel } from '../beta.js'
import { digamma, lgamma } from '../gamma.js'
import { gammainc, gammaincinv } from '../incomplete-gamma.js'
import type { Univariate } from './api.js'
import { logGammaNumbers } from './samplers/gamma.js'
import { drawShape, parameters, valueLike, within } from './support.js'

/** A gamma distribution. */
export interface Gamma extends Univariate<Gamma> {
  readonly concentration: Tensor
  readonly rate: Tensor
}

/**
 * The gamma distribution; draws are differentiable in both parameters, in the concentration by implicit reparameterisation.
 *
 * M. Figurnov, S. Mohamed, A. Mnih, Implicit Reparameterization Gradients, NeurIPS 2018.
 *
 * @param concentration - the shape, above 0
 * @param rate - the inverse scale, above 0; the mean is concentration / rate
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * import { gamma } from '@adjoint/special/distributions'
 * gamma(2, 0.5).mean.item()   // 4
 */
export function gamma(concentration: TensorLike, rate: TensorLike = 1): Gamma {
  const { tensors, batchShape, dtype, spread } = parameters('gamma', [concentration, rate])
  const [a, b] = tensors
  const value = (x: TensorLike) => valueLike('gamma', x, a)
  const atZero = () => where(eq(a, 1), log(b), where(lt(a, 1), Infinity, -Infinity))
  return {
    family: 'gamma',
    batchShape,
    eventShape: [],
    dtype,
    concentration: a,
    rate: b,
    get mean() {
      return div(a, b)
    },
    get variance() {
      return div(a, square(b))
    },
    sample: (key, shape = []) => div(exp(logGammaNumbers(key, a, drawShape('gamma.sample', shape, batchShape))), b),
    logProb: (given) => {
      const x = value(given)
      const inside = within(gt(x, 0), x, 1, (t) => sub(gammaKernel(a, mul(b, t)), log(t)), -Infinity)
      return where(eq(x, 0), atZero(), inside)
    },
    entropy: () => spread(add(sub(a, log(b)), add(lgamma(a), mul(sub(1, a), digamma(a))))),
    cdf: (x) => gammainc(a, mul(b, positivePart(value(x)))),
    quantile: (p) => div(gammaincinv(a, value(p)), b),
    divergence: (q) => {
      const shapes = sub(add(mul(sub(a, q.concentration), digamma(a)), lgamma(q.concentration)), lgamma(a))
      const rates = mul(q.concentration, sub(log(b), log(q.rate)))
      return add(add(shapes, rates), mul(a, div(sub(q.rate, b), b)))
    },
  }
}

/** x, and 0 for negative values. */
function positivePart(x: Tensor): Tensor {
  return where(lt(x, 0), 0, x)
}
