// The von Mises distribution, the normal distribution of angles. Its distribution function and the derivatives of that by
// quadrature on the host.

import {
  abs,
  add,
  broadcastTo,
  cos,
  div,
  exp,
  floor,
  log,
  lt,
  mul,
  neg,
  onesLike,
  pow,
  stopGradient,
  sub,
  type Tensor,
  type TensorLike,
  where,
  zerosLike,
} from '@adjoint/core'
import { numbers } from '../arithmetic.js'
import { i0e, i0eFormula, i1e, i1eFormula } from '../bessel.js'
import { apply, formulaPrimitive, hostPrimitive } from '../elementwise.js'
import { gaussIntegral } from '../quadrature.js'
import type { Distribution } from './api.js'
import { vonMisesNumbers } from './samplers/von-mises.js'
import { drawShape, parameters, valueLike } from './support.js'

const TWO_PI = 2 * Math.PI

/** A von Mises distribution. */
export interface VonMises extends Distribution<VonMises> {
  readonly location: Tensor
  readonly concentration: Tensor
  /** Probability of an angle from location - pi to x. */
  cdf(x: TensorLike): Tensor
}

/** All of it: the density is even. */
function wholeMoment(kappa: number, order: number): number {
  if (order <= 1) return 1 - order
  return 2 * moment(kappa, 0, order)
}

/** The integral of (cos t - a)^order times the density from -pi to x, with a the mean of cos t. */
function moment(kappa: number, x: number, order: number): number {
  if (!(kappa >= 0) || Number.isNaN(x)) return NaN
  if (x > 0) return wholeMoment(kappa, order) - moment(kappa, -x, order)
  const mean = i1eFormula(numbers, kappa) / i0eFormula(numbers, kappa)
  const scale = TWO_PI * i0eFormula(numbers, kappa)
  const f = (t: number) =>
    Math.exp(-2 * kappa * Math.sin(t / 2) ** 2) * (order === 0 ? 1 : (Math.cos(t) - mean) ** order)
  const width = Math.min(0.8, 1 / Math.sqrt(kappa))
  let sum = 0
  for (let high = x; high > -Math.PI; high -= width) {
    const part = gaussIntegral(f, Math.max(high - width, -Math.PI), high)
    sum += part
    if (Math.abs(part) < 1e-20 * Math.abs(sum) && high < x - 2 * width) break
  }
  return sum / scale
}

interface OrderParams {
  readonly order: number
}

const density = (kappa: Tensor, x: Tensor): Tensor => div(exp(mul(kappa, sub(cos(x), 1))), mul(i0e(kappa), TWO_PI))

/** The mean of the cosine, I1 / I0. */
const resultant = (kappa: Tensor): Tensor => div(i1e(kappa), i0e(kappa))

export const momentPrimitive = /* @__PURE__ */ hostPrimitive<OrderParams>('vonMisesMoment', {
  compute:
    ({ order }) =>
    (kappa, x) =>
      moment(kappa, x, order),
  partials: ([kappa, x], _, { order }) => [
    () => {
      const next = vonMisesMoment(kappa, x, order + 1)
      if (order === 0) return next
      const a = resultant(kappa)
      const slope = sub(sub(1, mul(a, a)), div(a, kappa))
      return sub(next, mul(mul(slope, order), vonMisesMoment(kappa, x, order - 1)))
    },
    () => {
      const height = density(kappa, x)
      return order === 0 ? height : mul(height, pow(sub(cos(x), resultant(kappa)), order))
    },
  ],
})

function vonMisesMoment(kappa: Tensor, x: Tensor, order: number): Tensor {
  return apply('vonMisesMoment', momentPrimitive, [kappa, x], { order })
}

/** The second operand, known to depend on the first: its probability stays where the concentration changes. */
const numberPrimitive = /* @__PURE__ */ formulaPrimitive('vonMisesNumber', {
  formula: () => (_, __, x) => x,
  partials: ([kappa], x) => [
    () => neg(div(vonMisesMoment(kappa, x, 1), density(kappa, x))),
    () => add(onesLike(x), zerosLike(kappa)),
  ],
})

/** An angle brought into [-pi, pi). */
const wrap = (x: Tensor): Tensor => sub(x, mul(floor(add(div(x, TWO_PI), 0.5)), TWO_PI))

/**
 * The von Mises distribution of angles in radians; draws lie within pi of the location and are differentiable in both
 * parameters, in the concentration by implicit reparameterisation. `mean` is the circular mean, `variance` the circular
 * variance, 1 less the mean of cos(x - location).
 *
 * @param location - the angle of the highest density
 * @param concentration - at least 0, where all angles are alike
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * vonMises(0, 2).variance.item()   // 0.3022...
 */
export function vonMises(location: TensorLike, concentration: TensorLike): VonMises {
  const { tensors, batchShape, dtype, spread } = parameters('vonMises', [location, concentration])
  const [mu, kappa] = tensors
  const apart = (x: TensorLike) => sub(valueLike('vonMises', x, mu), mu)
  return {
    family: 'vonMises',
    batchShape,
    eventShape: [],
    dtype,
    location: mu,
    concentration: kappa,
    get mean() {
      return spread(mu)
    },
    get variance() {
      return spread(sub(1, resultant(kappa)))
    },
    sample: (key, shape = []) => {
      const k = broadcastTo(kappa, drawShape('vonMises.sample', shape, batchShape))
      return add(mu, apply('vonMisesNumber', numberPrimitive, [k, vonMisesNumbers(key, stopGradient(k))]))
    },
    logProb: (x) => sub(mul(kappa, sub(cos(apart(x)), 1)), log(mul(i0e(kappa), TWO_PI))),
    entropy: () => spread(add(mul(kappa, sub(1, resultant(kappa))), log(mul(i0e(kappa), TWO_PI)))),
    cdf: (given) => {
      const x = apart(given)
      const wrapped = where(lt(abs(x), Math.PI), x, wrap(x))
      return vonMisesMoment(kappa, wrapped, 0)
    },
    divergence: (q) => {
      const normalisers = add(sub(log(i0e(q.concentration)), log(i0e(kappa))), sub(q.concentration, kappa))
      const overlap = sub(kappa, mul(q.concentration, cos(sub(mu, q.location))))
      return add(normalisers, mul(resultant(kappa), overlap))
    },
  }
}
