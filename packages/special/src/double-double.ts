// Numbers of twice the precision as sums of two doubles, for exponents whose rounding would show in the result.
// T. J. Dekker, A Floating-Point Technique for Extending the Available Precision, 1971; D. E. Knuth's exact sum.

/** The exact sum of two numbers, the second below the last digit of the first. */
export type Double = readonly [high: number, low: number]

/** a + b, exactly. */
export function twoSum(a: number, b: number): Double {
  const sum = a + b
  const part = sum - a
  return [sum, a - (sum - part) + (b - part)]
}

const quickSum = (a: number, b: number): Double => {
  const sum = a + b
  return [sum, b - (sum - a)]
}

/** a b, exactly, for factors below 1e300. */
function twoProduct(a: number, b: number): Double {
  const product = a * b
  const [bigA, bigB] = [134217729 * a, 134217729 * b]
  const highA = bigA - (bigA - a)
  const highB = bigB - (bigB - b)
  const [lowA, lowB] = [a - highA, b - highB]
  return [product, lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB)]
}

export const double = (a: number): Double => [a, 0]

export const negate = ([high, low]: Double): Double => [-high, -low]

export function plus(a: Double, b: Double): Double {
  const [sum, error] = twoSum(a[0], b[0])
  const [low, rest] = twoSum(a[1], b[1])
  const [high, carried] = quickSum(sum, error + low)
  return quickSum(high, carried + rest)
}

export const minus = (a: Double, b: Double): Double => plus(a, negate(b))

export function times(a: Double, b: Double): Double {
  const [product, error] = twoProduct(a[0], b[0])
  return quickSum(product, error + (a[0] * b[1] + a[1] * b[0]))
}

export function over(a: Double, b: Double): Double {
  const first = a[0] / b[0]
  const rest = minus(a, times(b, double(first)))
  return quickSum(first, rest[0] / b[0])
}

const THIRD: Double = [1 / 3, 1.850371707708594e-17]
const FIFTH: Double = [1 / 5, -1.1102230246251566e-17]
const SEVENTH: Double = [1 / 7, 7.93016446160826e-18]
const LOG_TWO: Double = [Math.LN2, 2.3190468138462996e-17]

/** 1 / 33, ..., 1 / 11, 1 / 9 */
const FAR = /* @__PURE__ */ Array.from({ length: 13 }, (_, i) => 1 / (33 - 2 * i))

/** atanh(r) / r from r squared, at most 0.07. */
function atanhRatio(squared: Double): Double {
  const z = squared[0]
  let rest = FAR[0]
  for (let i = 1; i < FAR.length; i++) rest = rest * z + FAR[i]
  const far = plus(SEVENTH, [z * rest, 0])
  return plus(double(1), times(squared, plus(THIRD, times(squared, plus(FIFTH, times(squared, far))))))
}

/** The logarithm, of finite numbers above 0. */
export function logarithm(a: Double): Double {
  const tiny = a[0] < 1e-300
  const lift = tiny ? 2 ** 200 : 1
  const exponent = Math.round(Math.log2(a[0] * lift))
  const scale = 2 ** -exponent
  const m: Double = [a[0] * lift * scale, a[1] * lift * scale]
  const r = over([m[0] - 1, m[1]], plus(m, double(1)))
  const fraction = times(times(r, double(2)), atanhRatio(times(r, r)))
  return plus(times(double(exponent - (tiny ? 200 : 0)), LOG_TWO), fraction)
}

/** log(ratio) - d for ratio = 1 + d, without cancellation around 1. */
export function logLess(ratio: Double, d: Double): Double {
  if (Math.abs(d[0]) > 0.4) return minus(logarithm(ratio), d)
  const r = over(d, plus(double(2), d))
  const squared = times(r, r)
  const cube = times(double(2), minus(atanhRatio(squared), double(1)))
  return times(r, minus(cube, d))
}

/** exp(a) as a double. */
export function exponential([high, low]: Double): number {
  const value = Math.exp(high)
  return value + value * low
}
