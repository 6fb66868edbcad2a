// The gamma function, its logarithm and the derivatives of that. Arguments go to [1.5, 2.5] by recurrence, where a fit in the
// distance to the zeros keeps their relative accuracy; large ones by Stirling's series, negative ones by reflection.

import { mul, type Tensor, type TensorLike } from '@adjoint/core'
import { type Arithmetic, type Formula, numbers, polynomial } from './arithmetic.js'
import { checkOrder } from './checks.js'
import { DIGAMMA, LGAMMA } from './coefficients.js'
import { apply, formulaPrimitive } from './elementwise.js'

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** B_2k for k = 1, 2, ... */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330]

const STIRLING = /* @__PURE__ */ fromBernoulli(8, (k) => 1 / (2 * k * (2 * k - 1)))
const DIGAMMA_FAR = {
  float64: /* @__PURE__ */ fromBernoulli(8, (k) => 1 / (2 * k)),
  float32: /* @__PURE__ */ fromBernoulli(4, (k) => 1 / (2 * k)),
}

/** B_2k times a factor for k = count, ..., 1. */
function fromBernoulli(count: number, factor: (k: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => BERNOULLI[count - 1 - i] * factor(count - i))
}

/** What Stirling's formula lacks: lgamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2), for x >= 8. */
export function stirlingRest<T>(m: Arithmetic<T>, x: T): T {
  const z = m.div(1, m.mul(x, x))
  return m.div(polynomial(m, STIRLING, z), x)
}

/** lgamma(2 + d) for |d| <= 1/2. */
function nearTwo<T>(m: Arithmetic<T>, d: T): T {
  return m.mul(d, polynomial(m, LGAMMA, d))
}

/** lgamma(1 + x) for -1/2 <= x <= 3/2, exact around 0. */
export function logGammaOnePlus<T>(m: Arithmetic<T>, x: T): T {
  return m.where(
    m.lt(x, 0.5),
    () => m.sub(nearTwo(m, x), m.log1p(x)),
    () => nearTwo(m, m.sub(x, 1)),
  )
}

/** For 1.5 <= x < 8.5: the product of the factors x - 1, x - 2, ... that leave a rest in [1.5, 2.5]. */
function factors<T>(m: Arithmetic<T>, x: T): T {
  let product = m.where(m.lt(2.5, x), m.sub(x, 1), 1)
  for (let k = 2; k <= 6; k++) product = m.mul(product, m.where(m.lt(k + 1.5, x), m.sub(x, k), 1))
  return product
}

/** The distance to 2 of the rest. */
function rest<T>(m: Arithmetic<T>, x: T): T {
  const steps = m.max(m.neg(m.floor(m.sub(2.5, x))), 0)
  return m.sub(x, m.add(steps, 2))
}

/** sin(pi x). */
function sinPi<T>(m: Arithmetic<T>, x: T): T {
  const nearest = m.round(x)
  const odd = m.sub(nearest, m.mul(m.floor(m.mul(nearest, 0.5)), 2))
  const value = m.sin(m.mul(m.sub(x, nearest), Math.PI))
  return m.where(m.lt(0.5, odd), m.neg(value), value)
}

function logGammaPositive<T>(m: Arithmetic<T>, x: T): T {
  const small = () => m.sub(nearTwo(m, x), m.log(m.mul(x, m.add(x, 1))))
  const aroundOne = () => m.sub(nearTwo(m, m.sub(x, 1)), m.log1p(m.sub(x, 1)))
  const middle = () => m.add(nearTwo(m, rest(m, x)), m.log(factors(m, x)))
  const main = () => m.add(m.mul(m.sub(x, 0.5), m.sub(m.log(x), 1)), HALF_LOG_TWO_PI - 0.5)
  const large = () =>
    m.where(
      m.lt(x, m.dtype === 'float64' ? 1e300 : 1e30),
      () => m.add(main(), stirlingRest(m, x)),
      () => m.mul(x, m.sub(m.log(x), 1)),
    )
  return m.where(m.lt(x, 0.5), small, () =>
    m.where(m.lt(x, 1.5), aroundOne, () =>
      m.where(m.lt(x, 8.5), middle, () => m.where(m.eq(x, Infinity), Infinity, large)),
    ),
  )
}

export const lgammaFormula: Formula = (m, x) => {
  // Near the negative zeros the difference keeps its absolute accuracy only.
  const reflected = () => m.sub(m.log(m.div(Math.PI, m.abs(sinPi(m, x)))), logGammaPositive(m, m.sub(1, x)))
  const tiny = () => m.neg(m.log(m.abs(x)))
  const pole = m.eq(x, m.floor(x))
  const negative = () => m.where(m.lt(-1e-20, x), tiny, m.where(pole, Infinity, reflected))
  return m.where(
    m.lt(x, 1e-20),
    () => m.where(m.eq(x, 0), Infinity, () => m.where(m.lt(0, x), tiny, negative)),
    () => logGammaPositive(m, x),
  )
}

/** gamma(x) for x > 0. */
export function gammaPositive<T>(m: Arithmetic<T>, x: T): T {
  const low = () => m.div(m.exp(nearTwo(m, x)), m.mul(x, m.add(x, 1)))
  const aroundOne = () => m.div(m.exp(nearTwo(m, m.sub(x, 1))), x)
  const middle = () => m.mul(m.exp(nearTwo(m, rest(m, x))), factors(m, x))
  // The power is taken in halves, which do not overflow before the whole does.
  const root = () => m.pow(x, m.sub(m.mul(x, 0.5), 0.25))
  const scale = () => m.mul(Math.sqrt(2 * Math.PI), m.exp(stirlingRest(m, x)))
  const large = () => m.mul(m.mul(root(), m.mul(m.exp(m.neg(x)), root())), scale())
  return m.where(m.lt(x, 0.5), low, () =>
    m.where(m.lt(x, 1.5), aroundOne, () =>
      m.where(m.lt(x, 8.5), middle, () =>
        m.where(m.lt(x, m.dtype === 'float64' ? 171.7 : 35.1), large, m.add(x, Infinity)),
      ),
    ),
  )
}

const gammaFormula: Formula = (m, x) => {
  const value = () => m.div(Math.PI, m.mul(sinPi(m, x), gammaPositive(m, m.sub(1, x))))
  const negative = () => m.where(m.eq(x, m.floor(x)), NaN, value)
  const tiny = () => m.div(1, x)
  return m.where(m.lt(m.abs(x), 1e-20), tiny, () => m.where(m.lt(x, 0), negative, () => gammaPositive(m, x)))
}

/** The positive zero of digamma, in two parts. */
const ROOT = [1.4616321449683622, 9.549995429965697e-17]
const FLOAT32_ROOT = [1.4616321325302124, 1.2438149843418955e-8]

function digammaPositive<T>(m: Arithmetic<T>, x: T): T {
  const last = m.dtype === 'float64' ? 10 : 6
  const near = (): T => {
    let sum = m.where(m.lt(x, 1), () => m.div(-1, x), 0)
    for (let k = 1; k < last - 1; k++)
      sum = m.add(
        sum,
        m.where(m.lt(k + 1, x), () => m.div(1, m.sub(x, k)), 0),
      )
    const start = m.where(m.lt(x, 1), m.add(x, 1), m.sub(x, m.max(m.neg(m.floor(m.sub(2, x))), 0)))
    const [high, low] = m.dtype === 'float64' ? ROOT : FLOAT32_ROOT
    return m.add(m.mul(m.sub(m.sub(start, high), low), polynomial(m, DIGAMMA, m.sub(m.mul(start, 2), 3))), sum)
  }
  const large = (): T => {
    const z = m.div(1, m.mul(x, x))
    return m.sub(m.sub(m.log(x), m.div(0.5, x)), m.mul(z, polynomial(m, DIGAMMA_FAR, z)))
  }
  return m.where(m.lt(x, last), near, large)
}

/** log x - digamma(x) for x > 0, without cancellation. */
export function digammaGap(x: number): number {
  if (x < 10) return Math.log(x) - digammaPositive(numbers, x)
  const z = 1 / (x * x)
  return 0.5 / x + z * polynomial(numbers, DIGAMMA_FAR, z)
}

/** pi cot(pi x). */
function cotangent<T>(m: Arithmetic<T>, x: T): T {
  const angle = m.mul(m.sub(x, m.round(x)), Math.PI)
  return m.div(m.mul(Math.PI, m.cos(angle)), m.sin(angle))
}

export const digammaFormula: Formula = (m, x) => {
  const reflected = () => m.sub(digammaPositive(m, m.sub(1, x)), cotangent(m, x))
  const negative = () => m.where(m.eq(x, m.floor(x)), NaN, reflected)
  return m.where(
    m.eq(x, 0),
    () => m.div(-1, x),
    () => m.where(m.lt(x, 0), negative, () => digammaPositive(m, x)),
  )
}

/** (-1)^(n + 1) polygamma(n, x) for x > 0, n >= 1: n! zeta(n + 1, x) by Euler and Maclaurin's formula. */
function hurwitz<T>(m: Arithmetic<T>, n: number, x: T): T {
  const s = n + 1
  const count = 9 + n
  const power = (base: T): T => (n < 4 ? m.div(1, repeated(m, base, s)) : m.pow(base, -s))
  let sum: T | number = 0
  for (let k = count - 1; k >= 0; k--) sum = m.add(sum, power(m.add(x, k)))
  const end = m.add(x, count)
  const z = m.div(1, m.mul(end, end))
  let factor = s
  const terms = BERNOULLI.slice(0, 9).map((b, i) => {
    const term = (b / factorial(2 * i + 2)) * factor
    factor *= (s + 2 * i + 1) * (s + 2 * i + 2)
    return term
  })
  const corrections = m.add(m.add(m.div(end, n), 0.5), m.div(polynomial(m, terms.reverse(), z), end))
  return m.mul(factorial(n), m.add(sum, m.mul(power(end), corrections)))
}

function repeated<T>(m: Arithmetic<T>, base: T, times: number): T {
  let out = base
  for (let i = 1; i < times; i++) out = m.mul(out, base)
  return out
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1)
}

/** Coefficients in c = cot(pi x), highest first, of the n-th derivative of cot(pi x), over pi^n. */
function cotangentDerivative(n: number): number[] {
  let p = [0, 1]
  for (let i = 0; i < n; i++) {
    const slope = p.slice(1).map((a, k) => a * (k + 1))
    p = Array.from({ length: p.length + 1 }, (_, k) => -((slope[k] ?? 0) + (slope[k - 2] ?? 0)))
  }
  return p.reverse()
}

const polygammaFormula =
  (n: number): Formula =>
  (m, x) => {
    const sign = n % 2 === 1 ? 1 : -1
    const positive = m.mul(sign, hurwitz(m, n, x))
    const cot = m.div(cotangent(m, x), Math.PI)
    const turned = m.mul(polynomial(m, cotangentDerivative(n), cot), Math.PI ** (n + 1))
    const reflected = m.neg(m.add(turned, hurwitz(m, n, m.sub(1, x))))
    const negative = m.where(m.eq(x, m.floor(x)), n % 2 === 1 ? Infinity : NaN, reflected)
    return m.where(m.lt(0, x), positive, m.where(m.eq(x, 0), n % 2 === 1 ? Infinity : NaN, negative))
  }

/** What Stirling's formula lacks, for formulas that read it as an operand: it has no derivative. */
export const stirlingRestPrimitive = /* @__PURE__ */ formulaPrimitive('stirlingRest', {
  formula: () => stirlingRest,
  partials: () => [],
})

export const lgammaPrimitive = /* @__PURE__ */ formulaPrimitive('lgamma', {
  formula: () => lgammaFormula,
  partials: ([x]) => [() => digamma(x)],
})

export const gammaPrimitive = /* @__PURE__ */ formulaPrimitive('gamma', {
  formula: () => gammaFormula,
  partials: ([x], out) => [() => mul(out, digamma(x))],
})

export const digammaPrimitive = /* @__PURE__ */ formulaPrimitive('digamma', {
  formula: () => digammaFormula,
  partials: ([x]) => [() => polygamma(1, x)],
})

export const polygammaPrimitive = /* @__PURE__ */ formulaPrimitive<{ readonly n: number }>('polygamma', {
  formula: ({ n }) => polygammaFormula(n),
  partials: ([x], _, { n }) => [() => polygamma(n + 1, x)],
})

/**
 * log |gamma(x)|; infinite at 0, -1, -2, ... `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * lgamma(tensor([1, 10]))   // [0, 12.8018]
 */
export function lgamma(x: TensorLike): Tensor {
  return apply('lgamma', lgammaPrimitive, [x])
}

/**
 * The gamma function, (x - 1)! continued; NaN at -1, -2, ... `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * gamma(tensor([5, 0.5]))   // [24, 1.7725...]
 */
export function gamma(x: TensorLike): Tensor {
  return apply('gamma', gammaPrimitive, [x])
}

/**
 * The derivative of lgamma; NaN at -1, -2, ... `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * digamma(tensor(1))   // -0.5772...
 */
export function digamma(x: TensorLike): Tensor {
  return apply('digamma', digammaPrimitive, [x])
}

/**
 * The n-th derivative of digamma. `[...]` -> `[...]`
 *
 * @param n - the order, an integer from 0 to 100; it is not traced
 * @throws AdjointError `invalid-argument` for another order, `dtype-mismatch` for integers
 * @example
 * polygamma(1, tensor(1))   // pi^2 / 6
 */
export function polygamma(n: number, x: TensorLike): Tensor {
  checkOrder('polygamma', n)
  return n === 0 ? digamma(x) : apply('polygamma', polygammaPrimitive, [x], { n })
}
