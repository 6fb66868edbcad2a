// The regularised incomplete gamma functions, their inverses, and the moments that are their derivatives by the shape.
// Series and continued fraction (W. Gautschi, A Computational Procedure for Incomplete Gamma Functions, 1979); quadrature of
// the density in log t for large shapes, and for the derivatives (R. J. Moore, Algorithm AS 187, 1982, has them by series).

import { div, exp, log, mul, neg, pow, sub, type Tensor, type TensorLike } from '@adjoint/core'
import { numbers } from './arithmetic.js'
import { gammaKernel } from './beta.js'
import { solveConcave } from './concave-root.js'
import { apply, hostPrimitive } from './elementwise.js'
import { gammaFront } from './front.js'
import { digamma, digammaFormula, digammaGap, lgammaFormula, logGammaOnePlus, polygamma } from './gamma.js'
import { decayingIntegral, expm1Less, gaussIntegral } from './quadrature.js'
import { quantileFormula } from './quantile.js'

const EPSILON = 2 ** -53
/** From here on series take longer than the quadrature. */
const LARGE = 5000
/** From here on doubles are further apart than the distribution is wide. */
const STEEP = 1e35

/** log x - digamma(a), without cancellation where x is near a. */
function logDistance(a: number, x: number): number {
  return (Math.abs(x - a) < 0.5 * a ? Math.log1p((x - a) / a) : Math.log(x / a)) + digammaGap(a)
}

/** The moment of order k of log t - digamma(a) over (0, x) or (x, infinity), t of the gamma distribution. */
function moment(a: number, x: number, order: number, upper: boolean): number {
  const shift = order === 0 ? 0 : logDistance(a, x)
  const side = upper ? 1 : -1
  if (upper && x < 1) return momentToOne(a, x, order) + moment(a, 1, order, true)
  const scale = x < 1 ? 1 / a : 1 / (Math.max(side * (x - a), 0) + Math.sqrt(x))
  const integral = decayingIntegral((v) => {
    // exp(a log t - t) over its value at x, with the slope apart: what is left is small where a is large.
    const weight = Math.exp(side * (a - x) * v - x * expm1Less(side * v))
    return order === 0 ? weight : weight * (shift + side * v) ** order
  }, scale)
  return gammaFront(a, x) * integral
}

/** The moment over (x, 1): in -log t the density is flat but for its first units, so that panels may double. */
function momentToOne(a: number, x: number, order: number): number {
  const shift = order === 0 ? 0 : -digammaFormula(numbers, a)
  const end = -Math.log(x)
  let sum = 0
  for (let [low, width] = [0, 1]; low < end; low += width, width *= 2)
    sum += gaussIntegral((u) => Math.exp(-a * u - Math.exp(-u)) * (shift - u) ** order, low, Math.min(low + width, end))
  return sum * Math.exp(-lgammaFormula(numbers, a))
}

/** All of it, of order k: central moments of log t, by their cumulants. */
function wholeMoment(a: number, order: number): number {
  if (order === 0) return 1
  if (order === 1) return 0
  return moment(a, a, order, false) + moment(a, a, order, true)
}

/** The moment over one side of x, from the side where it is no difference of nearly equal numbers. */
function sidedMoment(a: number, x: number, order: number, upper: boolean): number {
  if (!(a > 0) || !(x >= 0)) return NaN
  if (x === 0) return upper ? wholeMoment(a, order) : 0
  if (x === Infinity) return upper ? 0 : wholeMoment(a, order)
  const near = order === 0 ? x > a : logDistance(a, x) > 0
  if (near === upper) return moment(a, x, order, upper)
  return wholeMoment(a, order) - moment(a, x, order, near)
}

function series(a: number, x: number): number {
  let [term, sum] = [1 / a, 1 / a]
  for (let n = 1; term > sum * EPSILON; n++) {
    term *= x / (a + n)
    sum += term
  }
  return gammaFront(a, x) * sum
}

/** Q by Legendre's continued fraction, evaluated by Lentz's method. */
function fraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let i = 1; i < 10000; i++) {
    const an = -i * (i - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    const factor = c * d
    h *= factor
    if (Math.abs(factor - 1) <= 2 * EPSILON) break
  }
  return gammaFront(a, x) * h
}

/** Q for a < 1 and small x, where P is nearly 1 only because a is small. */
function smallShape(a: number, x: number): number {
  const head = a * Math.log(x) - logGammaOnePlus(numbers, a)
  let [term, sum] = [1, 0]
  for (let n = 1; n < 200; n++) {
    term *= -x / n
    const part = term / (n + a)
    sum += part
    if (Math.abs(part) <= EPSILON * Math.abs(sum)) break
  }
  return -Math.expm1(head) - a * Math.exp(head) * sum
}

/** P or Q. */
export function regularisedGamma(a: number, x: number, upper: boolean): number {
  return Math.min(Math.max(massBeside(a, x, upper), 0), 1)
}

function massBeside(a: number, x: number, upper: boolean): number {
  if (!(a >= 0) || !(x >= 0)) return NaN
  if (x === 0 || a === Infinity) return x === 0 && a === 0 ? NaN : upper ? 1 : 0
  if (x === Infinity || a === 0) return upper ? 0 : 1
  if (a > STEEP) return x === a ? 0.5 : Number(x > a !== upper)
  if (a > LARGE && Math.abs(x - a) < 0.5 * a) {
    const near = x > a
    const part = moment(a, x, 0, near)
    return near === upper ? part : 1 - part
  }
  if (a < 1 && x < 1.5) return upper ? smallShape(a, x) : series(a, x)
  if (x < a + 1) return upper ? 1 - series(a, x) : series(a, x)
  return upper ? fraction(a, x) : 1 - fraction(a, x)
}

/** The x where P (or Q) has a value, by Newton's method on its logarithm, which is concave in log x. */
function inverse(a: number, value: number, upper: boolean): number {
  if (!(a > 0) || !(value >= 0 && value <= 1)) return NaN
  if (value === 0 || value === 1) return (value === 1) === upper ? 0 : Infinity
  const flip = value > 0.5
  const tail = flip ? 1 - value : value
  const onUpper = flip ? !upper : upper
  const lowerLog = Math.log(onUpper ? 1 - tail : tail)
  const left = (lowerLog + lgammaFormula(numbers, a + 1)) / a
  if (left < -40) return Math.exp(left)
  // Wilson and Hilferty: the cube root is nearly normal.
  const z = quantileFormula(numbers, onUpper ? 0.5 - tail : tail - 0.5, tail)
  const cube = 1 - 1 / (9 * a) + z / (3 * Math.sqrt(a))
  const start =
    cube > 0.2 ? Math.log(a) + 3 * Math.log(cube) : onUpper ? Math.max(left, Math.log(-Math.log(tail))) : left
  const target = Math.log(tail)
  return Math.exp(
    solveConcave(start, (y) => {
      const x = Math.exp(y)
      const mass = regularisedGamma(a, x, onUpper)
      if (mass === 0) return [-Infinity, onUpper ? -1 : 1]
      const slope = gammaFront(a, x) / mass
      return [Math.log(mass) - target, onUpper ? -slope : slope]
    }),
  )
}

interface MomentParams {
  readonly order: number
  readonly upper: boolean
}

export const momentPrimitive = /* @__PURE__ */ hostPrimitive<MomentParams>('gammaincMoment', {
  compute:
    ({ order, upper }) =>
    (a, x) =>
      order === 0 ? regularisedGamma(a, x, upper) : sidedMoment(a, x, order, upper),
  partials: ([a, x], _, { order, upper }) => [
    () => {
      const next = gammaMoment(a, x, { order: order + 1, upper })
      if (order === 0) return next
      return sub(next, mul(mul(polygamma(1, a), order), gammaMoment(a, x, { order: order - 1, upper })))
    },
    () => {
      const density = gammaDensity(a, x)
      const weighted = order === 0 ? density : mul(density, pow(sub(log(x), digamma(a)), order))
      return upper ? neg(weighted) : weighted
    },
  ],
})

function gammaMoment(a: TensorLike, x: TensorLike, params: MomentParams): Tensor {
  return apply('gammaincMoment', momentPrimitive, [a, x], params)
}

function gammaDensity(a: Tensor, x: Tensor): Tensor {
  return exp(sub(gammaKernel(a, x), log(x)))
}

/** The derivative of log x by the shape, where the probability of a gamma number below x stays. */
export function gammaLogDerivative(a: Tensor, x: Tensor): Tensor {
  return neg(div(gammaMoment(a, x, { order: 1, upper: false }), exp(gammaKernel(a, x))))
}

export const inversePrimitive = /* @__PURE__ */ hostPrimitive<{ readonly upper: boolean }>('gammaincinv', {
  compute:
    ({ upper }) =>
    (a, p) =>
      inverse(a, p, upper),
  partials: ([a], x, { upper }) => [
    () => mul(x, gammaLogDerivative(a, x)),
    () => (upper ? neg(div(1, gammaDensity(a, x))) : div(1, gammaDensity(a, x))),
  ],
})

/**
 * The regularised lower incomplete gamma function P(a, x): the probability that a gamma number of shape a is below x.
 * Differentiable in both arguments, to any order. Shapes broadcast.
 *
 * @param a - the shape, at least 0
 * @param x - at least 0
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * gammainc(tensor(2), tensor(1))   // 0.2642...
 */
export function gammainc(a: TensorLike, x: TensorLike): Tensor {
  return gammaMoment(a, x, { order: 0, upper: false })
}

/**
 * The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x), with all its digits. Shapes broadcast.
 *
 * @param a - the shape, at least 0
 * @param x - at least 0
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * gammaincc(tensor(2), tensor(50))   // 9.84e-21...
 */
export function gammaincc(a: TensorLike, x: TensorLike): Tensor {
  return gammaMoment(a, x, { order: 0, upper: true })
}

/**
 * The x with `gammainc(a, x) = p`. Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * gammaincinv(tensor(2), tensor(0.5))   // 1.6783...
 */
export function gammaincinv(a: TensorLike, p: TensorLike): Tensor {
  return apply('gammaincinv', inversePrimitive, [a, p], { upper: false })
}

/**
 * The x with `gammaincc(a, x) = q`. Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * gammainccinv(tensor(2), tensor(1e-20))   // 49.98...
 */
export function gammainccinv(a: TensorLike, q: TensorLike): Tensor {
  return apply('gammaincinv', inversePrimitive, [a, q], { upper: true })
}
