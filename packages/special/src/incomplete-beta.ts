// The regularised incomplete beta function, its inverse, and the moments that are its derivatives by the shapes.
// Continued fraction of A. R. DiDonato and A. H. Morris (ACM TOMS Algorithm 708, 1992); quadrature in log t for large shapes
// and for the derivatives (R. J. Boik, J. F. Robison-Cox, Derivatives of the Incomplete Beta Function, 1998, by series).

import { add, div, exp, log, log1p, mul, neg, pow, sub, type Tensor, type TensorLike } from '@adjoint/core'
import { numbers } from './arithmetic.js'
import { betaKernel, betaKernelFormula, lbetaFormula } from './beta.js'
import { solveConcave } from './concave-root.js'
import { apply, hostPrimitive } from './elementwise.js'
import { digamma, digammaFormula, polygamma } from './gamma.js'
import { decayingIntegral } from './quadrature.js'
import { quantileFormula } from './quantile.js'

const EPSILON = 2 ** -53
/** From here on the continued fraction takes longer than the quadrature. */
const LARGE = 3000

/** The distribution, from the side of small x: `x + y = 1`, each given to its own precision. */
interface Side {
  readonly a: number
  readonly b: number
  readonly x: number
  readonly y: number
}

const mirror = ({ a, b, x, y }: Side): Side => ({ a: b, b: a, x: y, y: x })

/** The density times x (1 - x). */
function front({ a, b, x, y }: Side): number {
  return Math.exp(x <= y ? betaKernelFormula(numbers, a, b, x) : betaKernelFormula(numbers, b, a, y))
}

/** The expectation of log t and of log(1 - t). */
function centres({ a, b }: Side): readonly [number, number] {
  const whole = digammaFormula(numbers, a + b)
  return [digammaFormula(numbers, a) - whole, digammaFormula(numbers, b) - whole]
}

/** The integral of (log t - c)^i (log(1 - t) - d)^j over the distribution's part below x. */
function lowerMoment(side: Side, i: number, j: number): number {
  const { a, b, x, y } = side
  const [c, d] = i + j === 0 ? [0, 0] : centres(side)
  const [logX, logY] = [x < 0.5 ? Math.log(x) : Math.log1p(-y), y < 0.5 ? Math.log(y) : Math.log1p(-x)]
  const at = (v: number): number => {
    // 1 - x exp(-v), which is y where v is 0.
    const other = x < 0.5 ? Math.log1p(-x * Math.exp(-v)) : Math.log(y - x * Math.expm1(-v))
    const weight = Math.exp((b - 1) * (other - logY) - a * v)
    return i + j === 0 ? weight : weight * (logX - v - c) ** i * (other - d) ** j
  }
  // Where 1 - t hardly changes the density falls at the rate a; elsewhere as a bell does around its top.
  const push = (Math.max(b - 1, 0) * x) / y
  const scale = push < 1 ? 1 / a : 1 / (Math.max(a - push, 0) + Math.sqrt(push / y))
  return (front(side) / y) * decayingIntegral(at, scale)
}

/** All of it. */
function wholeMoment(side: Side, i: number, j: number): number {
  if (i + j <= 1) return i + j === 0 ? 1 : 0
  const { a, b } = side
  const middle = { a, b, x: a / (a + b), y: b / (a + b) }
  return lowerMoment(middle, i, j) + lowerMoment(mirror(middle), j, i)
}

/** The moment below x, from the side where it is no difference of nearly equal numbers. */
function sidedMoment(a: number, b: number, x: number, i: number, j: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return NaN
  const side = { a, b, x, y: 1 - x }
  if (x === 0) return 0
  if (x === 1) return wholeMoment(side, i, j)
  const [c, d] = centres(side)
  const isLower = i === 0 ? Math.log1p(-x) > d : Math.log(x) < c
  return isLower ? lowerMoment(side, i, j) : wholeMoment(side, i, j) - lowerMoment(mirror(side), j, i)
}

/** The distribution function by its continued fraction, for x below about the mean. */
function fraction(side: Side): number {
  const { a, b, x } = side
  let c = 1
  let d = 1 / keepOff(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < 2000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / keepOff(1 + even * d)
    c = keepOff(1 + even / c)
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / keepOff(1 + odd * d)
    c = keepOff(1 + odd / c)
    const factor = d * c
    h *= factor
    if (Math.abs(factor - 1) <= 2 * EPSILON) break
  }
  return (front(side) * h) / a
}

const keepOff = (v: number): number => (Math.abs(v) < 1e-300 ? 1e-300 : v)

/** I and how it is best known: the mass below x. */
function regularised(side: Side): number {
  const { a, b, x, y } = side
  if (!(a > 0 && b > 0 && x >= 0 && y >= 0)) return NaN
  if (x === 0) return 0
  if (y === 0) return 1
  const isLower = x * (a + b + 2) <= a + 1
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
    const side = { a: s, b: t, x: 1 / (1 + Math.exp(-w)), y: 1 / (1 + Math.exp(w)) }
    const mass = regularised(side)
    return mass <= 0 ? [-Infinity, 1] : [Math.log(mass) - target, front(side) / mass]
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
      i + j === 0 ? regularised({ a, b, x, y: 1 - x }) : sidedMoment(a, b, x, i, j),
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
