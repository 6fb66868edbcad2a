// Von Mises numbers (D. J. Best, N. I. Fisher, Efficient Simulation of the von Mises Distribution, 1979), written in the
// distance from the top of the density so that high concentrations keep their digits.

import {
  add,
  asin,
  cos,
  div,
  ge,
  gt,
  type Key,
  log,
  lt,
  maximum,
  minimum,
  mul,
  neg,
  or,
  sin,
  sqrt,
  square,
  sub,
  type Tensor,
  where,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { reject } from './rejection.js'

/** Angles from -pi to pi around 0, in the dtype and shape of the concentrations. */
export function vonMisesNumbers(key: Key, concentration: Tensor): Tensor {
  const dtype = concentration.dtype as 'float64'
  const kappa = maximum(concentration, 1e-6)
  const root = sqrt(add(mul(square(kappa), 4), 1))
  // r - 1 of the envelope, a wrapped Cauchy distribution.
  const excess = div(add(div(1, add(root, mul(kappa, 2))), 1), mul(kappa, 2))
  return reject(key, kappa, ge(concentration, 0), (own) => {
    const [first, second, third] = random.split(own, 3)
    const angle = mul(random.uniform(first, kappa.shape, { dtype }), Math.PI / 2)
    const drop = mul(square(sin(angle)), 2)
    const rise = mul(square(cos(angle)), 2)
    const fall = div(mul(excess, drop), add(excess, rise))
    const c = mul(kappa, add(excess, fall))
    const u = sub(1, random.uniform(second, kappa.shape, { dtype }))
    const accepted = or(gt(sub(mul(c, sub(2, c)), u), 0), ge(add(log(div(c, u)), sub(1, c)), 0))
    const theta = mul(asin(minimum(sqrt(mul(fall, 0.5)), 1)), 2)
    const left = lt(random.uniform(third, kappa.shape, { dtype }), 0.5)
    return { value: where(left, neg(theta), theta), accepted }
  })
}
