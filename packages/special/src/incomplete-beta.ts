// The regularised incomplete beta function, its inverse, and the moments that are its derivatives by the shapes.
// Continued fraction of A. R. DiDonato and A. H. Morris (ACM TOMS Algorithm 708, 1992); quadrature in log t for large shapes
// and for the derivatives (R. J. Boik, J. F. Robison-Cox, Derivatives of the Incomplete Beta Function, 1998, by series).

import { add, div, exp, log, log1p, mul, neg, pow, sub, type Tensor, type TensorLike } from '@adjoint/core'
import { numbers } from './arithmetic.js'
import { betaKernel, lbetaFormula, log1pLess } from './beta.js'
import { solveConcave } from './concave-root.js'
import { double, over, twoSum } from './double-double.js'
import { apply, hostPrimitive } from './elementwise.js'
import { betaFront, imbalanceAt, mirror, type Side, sideAt } from './front.js'
import { digamma, digammaFormula, digammaGap, logGammaOnePlus, polygamma } from './gamma.js'
import { regularisedGamma } from './incomplete-gamma.js'
import { decayingIntegral, expm1Less, gaussIntegral } from './quadrature.js'
import { quantileFormula } from './quantile.js'

const EPSILON = 2 ** -53
/** From here on the continued fraction takes longer than the quadrature. */
const LARGE = 60000
/** From here on doubles are further apart than the distribution is wide. */
const STEEP = 1e35

/** How far log x and log y are above the expectations of log t and log(1 - t), without cancellation around the mean. */
function logDistances(side: Side): readonly [number, number] {
  const { a, b, x, y } = side
  const whole = a + b
  const lambda = imbalanceAt(side)[0]
  const logRatio = (c: number, share: number, distance: number) =>
    Math.abs(distance) < 0.5 ? Math.log1p(distance) : Math.log(share) + Math.log(whole / c)
  const gap = digammaGap(whole)
  return [logRatio(a, x[0], -lambda / a) + digammaGap(a) - gap, logRatio(b, y[0], lambda / b) + digammaGap(b) - gap]
}

/** The integral of (log t - c)^i (log(1 - t) - d)^j over the distribution's part below x. */
function lowerMoment(side: Side, i: number, j: number): number {
  const { a, b } = side
  const [x, y] = [side.x[0], side.y[0]]
  const [left, right] = i + j === 0 ? [0, 0] : logDistances(side)
  const odds = x / y
  // With the slope of the exponent apart, what is left is small where the shapes are large.
  const slope = (imbalanceAt(side)[0] + x) / y
  const bend = (v: number, rise: number) =>
    (b - 1) * (log1pLess(numbers, rise, rise / (rise + 2)) - odds * expm1Less(-v))
  const at = (v: number): number => {
    // 1 - x exp(-v) is y (1 + rise).
    const rise = -odds * Math.expm1(-v)
    const weight = Math.exp(rise < 0.4 ? bend(v, rise) - slope * v : (b - 1) * Math.log1p(rise) - a * v)
    return i + j === 0 ? weight : weight * (left - v) ** i * (right + Math.log1p(rise)) ** j
  }
  // Where 1 - t hardly changes the density falls at the rate a; elsewhere as a bell does around its top.
  const push = Math.max(b - 1, 0) * odds
  const scale = push < 1 ? 1 / a : 1 / (Math.max(a - push, 0) + Math.sqrt(push / y))
  return (betaFront(side) / y) * decayingIntegral(at, scale)
}

/** All of it. */
function wholeMoment(side: Side, i: number, j: number): number {
  if (i + j <= 1) return i + j === 0 ? 1 : 0
  const { a, b } = side
  const whole = twoSum(a, b)
  const middle = { a, b, x: over(double(a), whole), y: over(double(b), whole) }
  return lowerMoment(middle, i, j) + lowerMoment(mirror(middle), j, i)
}

/** The moment below x, from the side where it is no difference of nearly equal numbers. */
function sidedMoment(a: number, b: number, x: number, i: number, j: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return NaN
  const side = sideAt(a, b, x)
  if (x === 0) return 0
  if (x === 1) return wholeMoment(side, i, j)
  const [left, right] = logDistances(side)
  const isLower = i === 0 ? right > 0 : left < 0
  return isLower ? lowerMoment(side, i, j) : wholeMoment(side, i, j) - lowerMoment(mirror(side), j, i)
}

/** The mass below x by the continued fraction of DiDonato and Morris, for x up to about the mean; Lentz's method. */
function fraction(side: Side): number {
  const { a, b } = side
  const [x, y] = [side.x[0], side.y[0]]
  const lambda = imbalanceAt(side)[0]
  let h = (a / (a + 1)) * (1 + lambda)
  let [c, d] = [h, 0]
  for (let n = 1; n < 10000; n++) {
    const [before, after] = [a + 2 * n - 1, a + 2 * n + 1]
    const cross = n * (b - n) * x
    const numerator = ((a + n - 1) / before) * ((a + b + n - 1) / before) * x * cross
    const denominator = n + cross / before + ((a + n) / after) * (lambda + 1 + n * (1 + y))
    d = 1 / (denominator + numerator * d)
    c = denominator + numerator / c
    const factor = c * d
    h *= factor
    if (Math.abs(factor - 1) <= 2 * EPSILON) break
  }
  return betaFront(side) / h
}

/** log gamma(1 + a + b) - log gamma(1 + a) for b up to 1, by the mean of digamma (Gauss and Legendre). */
function lgammaRise(a: number, b: number): number {
  return gaussIntegral((t) => digammaFormula(numbers, 1 + a + t), 0, b)
}

/** The sum over n >= 1 of (1 - b) (2 - b) ... (n - b) x^n / (n! (a + n)), for x up to 1/2 and b x up to about 1. */
function powerSum({ a, b, x: [x] }: Side): number {
  let [term, sum] = [1, 0]
  for (let n = 1; n < 200; n++) {
    term *= ((n - b) * x) / n
    const part = term / (n + a)
    sum += part
    if (Math.abs(part) <= EPSILON * Math.abs(sum)) break
  }
  return sum
}

const hasSeries = ({ b, x: [x] }: Side): boolean => x <= 0.5 && b * x <= 1.5

/** The mass below x by its power series. */
function series(side: Side): number {
  const { a, b, x, y } = side
  const logY = x[0] < 0.5 ? Math.log1p(-x[0]) : Math.log(y[0])
  return (betaFront(side) / a) * Math.exp(-b * logY) * (1 + a * powerSum(side))
}

/** 1 less the series, where that is nearly 1 only because a is small. */
function seriesComplement(side: Side): number {
  const { a, b } = side
  const head = a * Math.log(side.x[0]) - Math.log1p(a / b) + lgammaRise(b, a) - logGammaOnePlus(numbers, a)
  return -Math.expm1(head) - a * Math.exp(head) * powerSum(side)
}

/** Shapes so large that the distribution is a step, or a gamma distribution next to 0. */
function steep({ a, b, x }: Side): number {
  if (Math.min(a, b) < STEEP) return regularisedGamma(a, b * x[0], false)
  const mean = a / (a + b)
  return x[0] === mean ? 0.5 : Number(x[0] > mean)
}

/** I, the mass below x. */
function regularised(side: Side): number {
  return Math.min(Math.max(massBelow(side), 0), 1)
}

function massBelow(side: Side): number {
  const { a, b } = side
  const [x, y] = [side.x[0], side.y[0]]
  if (!(a > 0 && b > 0 && x >= 0 && y >= 0)) return NaN
  if (x === 0) return 0
  if (y === 0) return 1
  if (Math.max(a, b) > 1e100) return a <= b ? steep(side) : 1 - steep(mirror(side))
  if (hasSeries(side)) return series(side)
  if (hasSeries(mirror(side))) return b < 1 ? seriesComplement(mirror(side)) : 1 - series(mirror(side))
  const isLower = imbalanceAt(side)[0] >= 0
  const near = isLower ? side : mirror(side)
  const mass = Math.min(a, b) > 20 && a + b > LARGE ? lowerMoment(near, 0, 0) : fraction(near)
  return isLower ? mass : 1 - mass
}

/** The x with mass p below it, by Newton's method in the log odds, where the logarithm of the mass is concave. */
function inverse(a: number, b: number, p: number): number {
  if (!(a > 0 && b > 0 && p >= 0 && p <= 1)) return NaN
  if (p === 0 || p === 1) return p
  const flip = p > 0.5
  const [s, t, tail] = flip ? [b, a, 1 - p] : [a, b, p]
  const left = (Math.log(tail) + Math.log(s) + lbetaFormula(numbers, s, t)) / s
  if (left < -40) return flip ? 1 : Math.exp(left)
  const z = quantileFormula(numbers, tail - 0.5, tail)
  const start = Math.min(Math.max(left, -40, Math.log(s / t) + z * Math.sqrt(1 / s + 1 / t)), 36)
  const target = Math.log(tail)
  const odds = solveConcave(start, (w) => {
    const side = { a: s, b: t, x: double(1 / (1 + Math.exp(-w))), y: double(1 / (1 + Math.exp(w))) }
    const mass = regularised(side)
    return mass <= 0 ? [-Infinity, 1] : [Math.log(mass) - target, betaFront(side) / mass]
  })
  return 1 / (1 + Math.exp(flip ? odds : -odds))
}

interface MomentParams {
  readonly i: number
  readonly j: number
}

export const momentPrimitive = /* @__PURE__ */ hostPrimitive<MomentParams>('betaincMoment', {
  compute:
    ({ i, j }) =>
    (a, b, x) =>
      i + j === 0 ? regularised(sideAt(a, b, x)) : sidedMoment(a, b, x, i, j),
  partials: ([a, b, x], _, { i, j }) => [
    () => shapeSlope(a, b, x, i, j, 0),
    () => shapeSlope(a, b, x, i, j, 1),
    () => {
      const whole = digamma(add(a, b))
      const left = i === 0 ? null : pow(add(sub(log(x), digamma(a)), whole), i)
      const right = j === 0 ? null : pow(add(sub(log1p(neg(x)), digamma(b)), whole), j)
      const density = betaDensity(a, b, x)
      return [left, right].reduce<Tensor>((product, f) => (f === null ? product : mul(product, f)), density)
    },
  ],
})

function betaMoment(a: TensorLike, b: TensorLike, x: TensorLike, i: number, j: number): Tensor {
  return apply('betaincMoment', momentPrimitive, [a, b, x], { i, j })
}

/** The derivative of a moment by a (which 0) or b (which 1): one order more, less what moves the centres. */
function shapeSlope(a: Tensor, b: Tensor, x: Tensor, i: number, j: number, which: 0 | 1): Tensor {
  const shared = polygamma(1, add(a, b))
  const own = polygamma(1, which === 0 ? a : b)
  let slope = betaMoment(a, b, x, i + (1 - which), j + which)
  if (i > 0)
    slope = sub(slope, mul(mul(which === 0 ? sub(own, shared) : neg(shared), i), betaMoment(a, b, x, i - 1, j)))
  if (j > 0)
    slope = sub(slope, mul(mul(which === 1 ? sub(own, shared) : neg(shared), j), betaMoment(a, b, x, i, j - 1)))
  return slope
}

function betaDensity(a: Tensor, b: Tensor, x: Tensor): Tensor {
  return exp(sub(sub(betaKernel(a, b, x), log(x)), log1p(neg(x))))
}

export const inversePrimitive = /* @__PURE__ */ hostPrimitive('betaincinv', {
  compute: () => inverse,
  partials: ([a, b], x) => [
    () => neg(div(betaMoment(a, b, x, 1, 0), betaDensity(a, b, x))),
    () => neg(div(betaMoment(a, b, x, 0, 1), betaDensity(a, b, x))),
    () => div(1, betaDensity(a, b, x)),
  ],
})

/**
 * The regularised incomplete beta function I_x(a, b): the probability that a beta number of these shapes is below x.
 * Differentiable in all arguments, to any order. Shapes broadcast.
 *
 * @param a - the first shape, above 0
 * @param b - the second shape, above 0
 * @param x - from 0 to 1
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * betainc(tensor(2), tensor(3), tensor(0.5))   // 0.6875
 */
export function betainc(a: TensorLike, b: TensorLike, x: TensorLike): Tensor {
  return betaMoment(a, b, x, 0, 0)
}

/**
 * The x with `betainc(a, b, x) = p`. Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * betaincinv(tensor(2), tensor(3), tensor(0.6875))   // 0.5
 */
export function betaincinv(a: TensorLike, b: TensorLike, p: TensorLike): Tensor {
  return apply('betaincinv', inversePrimitive, [a, b, p])
}
