// The factors before the series of the incomplete gamma and beta functions, to the last digits: exponents in twice the
// precision, around the top of the density as C. Loader has them (Fast and Accurate Computation of Binomial Probabilities, 2000).

import { numbers } from './arithmetic.js'
import {
  type Double,
  double,
  exponential,
  logarithm,
  logLess,
  minus,
  negate,
  over,
  plus,
  times,
  twoSum,
} from './double-double.js'
import { gammaPositive, stirlingRest } from './gamma.js'

/** From here on Stirling's formula has all digits. */
const STIRLING_FROM = 8.5
/** Parts of the mean so small that their powers vanish. */
const VANISHING = 1e-200

const rest = (a: number): number => stirlingRest(numbers, a)
const gammaOnePlus = (a: number): number => gammaPositive(numbers, 1 + a)

/** x^a exp(-x) / gamma(a): the gamma density times x. */
export function gammaFront(a: number, x: number): number {
  if (a < STIRLING_FROM) {
    const exponent = minus(times(double(a), logarithm(double(x))), double(x))
    return a * (exponential(exponent) / gammaOnePlus(a))
  }
  if (x < a * VANISHING) return 0
  const shape = double(a)
  const slack = logLess(over(double(x), shape), over(twoSum(x, -a), shape))
  return Math.sqrt(a / (2 * Math.PI)) * exponential(plus(times(shape, slack), double(-rest(a))))
}

/** A beta distribution and a share x with y = 1 - x, both to twice the precision. */
export interface Side {
  readonly a: number
  readonly b: number
  readonly x: Double
  readonly y: Double
}

export const mirror = ({ a, b, x, y }: Side): Side => ({ a: b, b: a, x: y, y: x })

export const sideAt = (a: number, b: number, x: number): Side => ({ a, b, x: double(x), y: twoSum(1, -x) })

/** a - (a + b) x, in twice the precision. */
export function imbalanceAt({ a, b, x, y }: Side): Double {
  if (x[0] <= y[0]) return minus(double(a), times(twoSum(a, b), x))
  return minus(times(twoSum(a, b), y), double(b))
}

/** x^a y^b / B(a, b): the beta density times x y. */
export function betaFront(side: Side): number {
  const { a, b, x, y } = side
  if (b < a) return betaFront(mirror(side))
  if (b < STIRLING_FROM) {
    const exponent = plus(times(double(a), logarithm(x)), times(double(b), logarithm(y)))
    const scale = a * (b / (a + b)) * (gammaOnePlus(a + b) / (gammaOnePlus(a) * gammaOnePlus(b)))
    return exponential(exponent) * scale
  }
  return a < STIRLING_FROM ? unevenFront(side) : centredFront(side)
}

/** For a below and b above what Stirling's formula takes. */
function unevenFront({ a, b, x, y }: Side): number {
  const whole = twoSum(a, b)
  const share = over(double(b), whole)
  // gamma(a + b) / gamma(b), by Stirling's formula.
  const growth = plus(times(double(a), logarithm(whole)), times(double(0.5 - b), logarithm(share)))
  const powers = plus(times(double(a), logarithm(x)), times(double(b), logarithm(y)))
  const exponent = plus(plus(powers, growth), double(rest(whole[0]) - rest(b) - a))
  return (a * exponential(exponent)) / gammaOnePlus(a)
}

function centredFront(side: Side): number {
  const { a, b, x, y } = side
  const whole = twoSum(a, b)
  if (Math.min(x[0] / a, y[0] / b) < VANISHING / whole[0]) return 0
  const lambda = imbalanceAt(side)
  const part = (c: number, share: Double, distance: Double): Double =>
    times(double(c), logLess(over(times(whole, share), double(c)), over(distance, double(c))))
  const slack = plus(part(a, x, negate(lambda)), part(b, y, lambda))
  const rests = rest(whole[0]) - rest(a) - rest(b)
  return Math.sqrt((a * (b / whole[0])) / (2 * Math.PI)) * exponential(plus(slack, double(rests)))
}
