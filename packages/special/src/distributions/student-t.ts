// Student's t distribution.

import {
  abs,
  add,
  div,
  exp,
  gt,
  log,
  log1p,
  lt,
  minimum,
  mul,
  neg,
  sign,
  sqrt,
  square,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { lbeta } from '../beta.js'
import { digamma } from '../gamma.js'
import { betainc, betaincinv } from '../incomplete-beta.js'
import type { Univariate } from './api.js'
import { logGammaNumbers } from './samplers/gamma.js'
import { studentTDivergence } from './student-t-divergence.js'
import { drawShape, parameters, valueLike } from './support.js'

/** A Student t distribution. */
export interface StudentT extends Univariate<StudentT> {
  readonly degrees: Tensor
  readonly location: Tensor
  readonly scale: Tensor
}

/**
 * Student's t distribution; draws are differentiable in all parameters, in the degrees of freedom by implicit
 * reparameterisation. Its divergence `kl` is a quadrature of 769 points, differentiable like all else: in float64 to 1e-12
 * of 1 plus its size from 0.3 to 1e4 degrees, to 1e-10 from 0.1 to 1e6.
 *
 * @param degrees - degrees of freedom, above 0
 * @param location - its median
 * @param scale - above 0
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * studentT(4).logProb(0).item()   // log(3 / 8)
 */
export function studentT(degrees: TensorLike, location: TensorLike = 0, scale: TensorLike = 1): StudentT {
  const { tensors, batchShape, dtype, spread } = parameters('studentT', [degrees, location, scale])
  const [nu, mu, sigma] = tensors
  const half = mul(nu, 0.5)
  const value = (x: TensorLike) => valueLike('studentT', x, nu)
  const standard = (x: TensorLike) => div(sub(value(x), mu), sigma)
  return {
    family: 'studentT',
    batchShape,
    eventShape: [],
    dtype,
    degrees: nu,
    location: mu,
    scale: sigma,
    get mean() {
      return where(gt(nu, 1), spread(mu), NaN)
    },
    get variance() {
      const excess = where(gt(nu, 2), sub(nu, 2), 1)
      return spread(where(gt(nu, 2), mul(square(sigma), div(nu, excess)), where(gt(nu, 1), mul(nu, Infinity), NaN)))
    },
    sample: (key, shape = []) => {
      const [first, second] = random.split(key)
      const full = drawShape('studentT.sample', shape, batchShape)
      const logGamma = logGammaNumbers(second, half, full)
      const width = exp(mul(sub(log(half), logGamma), 0.5))
      return add(mu, mul(sigma, mul(random.normal(first, full, { dtype }), width)))
    },
    logProb: (x) => {
      const tail = mul(log1p(div(square(standard(x)), nu)), mul(add(nu, 1), 0.5))
      return neg(add(add(tail, log(sigma)), add(mul(log(nu), 0.5), lbeta(half, 0.5))))
    },
    entropy: () => {
      const rise = mul(mul(add(nu, 1), 0.5), sub(digamma(add(half, 0.5)), digamma(half)))
      return spread(add(add(rise, log(sigma)), add(mul(log(nu), 0.5), lbeta(half, 0.5))))
    },
    cdf: (x) => {
      const z = standard(x)
      // Not 0, where the two parts of the derivative are 0 and infinity.
      const least = dtype === 'float64' ? 1e-150 : 1e-18
      const squared = square(add(z, where(lt(abs(z), least), least, 0)))
      const central = lt(squared, nu)
      const share = div(squared, add(nu, squared))
      const inner = mul(betainc(0.5, half, where(central, share, 0.5)), mul(sign(z), 0.5))
      const tail = mul(betainc(half, 0.5, where(central, 0.5, div(nu, add(nu, squared)))), 0.5)
      return where(central, add(inner, 0.5), where(lt(z, 0), tail, sub(1, tail)))
    },
    quantile: (p) => {
      const q = value(p)
      const tail = minimum(q, sub(1, q))
      const central = gt(tail, 0.2)
      const inner = betaincinv(0.5, half, where(central, sub(1, mul(tail, 2)), 0.5))
      const outer = betaincinv(half, 0.5, where(central, 0.5, mul(tail, 2)))
      const near = div(inner, sub(1, inner))
      const far = div(sub(1, outer), outer)
      const size = sqrt(mul(nu, where(central, near, far)))
      return add(mu, mul(sigma, where(lt(q, 0.5), neg(size), size)))
    },
    divergence: (q) => studentTDivergence({ degrees: nu, location: mu, scale: sigma }, q),
  }
}
