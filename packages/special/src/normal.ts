// The standard normal distribution: density, distribution function, their logarithms and inverses, far into the tails.

import { add, exp, lt, mul, neg, square, stopGradient, sub, type Tensor, type TensorLike, where } from '@adjoint/core'
import type { Arithmetic, Formula } from './arithmetic.js'
import { apply, floats, formulaPrimitive } from './elementwise.js'
import { erfNear, scaledTail } from './error-function.js'
import { GAUSS } from './quadrature.js'
import { quantileFormula } from './quantile.js'

const LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI)
const ROOT_HALF_PI = Math.sqrt(Math.PI / 2)

/** exp(-x^2 / 2), with all its digits. */
function bell<T>(m: Arithmetic<T>, x: T): T {
  const head = m.div(m.round(m.mul(x, 16)), 16)
  const rest = m.mul(m.sub(x, head), m.add(x, head))
  return m.mul(m.exp(m.mul(m.mul(head, head), -0.5)), m.exp(m.mul(rest, -0.5)))
}

/** (1 - cdf(x)) / pdf(x) for x >= 0. */
function mills<T>(m: Arithmetic<T>, x: T): T {
  return m.mul(ROOT_HALF_PI, scaledTail(m, m.mul(x, Math.SQRT1_2)))
}

/** cdf(x) for x <= 0. */
function lower<T>(m: Arithmetic<T>, x: T): T {
  const inside = m.max(x, -39)
  return m.mul(m.mul(bell(m, inside), mills(m, m.neg(inside))), Math.exp(-LOG_ROOT_TWO_PI))
}

const cdfFormula: Formula = (m, x) => {
  const centre = () => m.sub(0.5, m.mul(erfNear(m, m.mul(x, -Math.SQRT1_2)), 0.5))
  const tail = lower(m, m.neg(m.abs(x)))
  return m.where(m.lt(m.abs(x), 0.5), centre, () => m.where(m.lt(x, 0), tail, m.sub(1, tail)))
}

const logCdfFormula: Formula = (m, x) => {
  const left = () => m.sub(m.log(mills(m, m.neg(x))), m.add(m.mul(m.mul(x, x), 0.5), LOG_ROOT_TWO_PI))
  const centre = () => m.add(0.5, m.mul(erfNear(m, m.mul(x, Math.SQRT1_2)), -0.5))
  const above = m.where(m.lt(x, 0.5), centre, () => lower(m, m.neg(x)))
  const right = () => m.log1p(m.neg(above))
  return m.where(m.eq(x, -Infinity), -Infinity, () => m.where(m.lt(x, -0.5), left, right))
}

/** pdf(x) / cdf(x). */
const inverseMillsFormula: Formula = (m, x) => {
  const right = m.div(m.mul(bell(m, m.min(x, 39)), Math.exp(-LOG_ROOT_TWO_PI)), cdfFormula(m, x))
  return m.where(m.lt(x, 0), m.div(1, mills(m, m.neg(x))), right)
}

const quantile: Formula = (m, p) => quantileFormula(m, m.sub(p, 0.5), m.min(p, m.sub(1, p)))

/** log(cdf(middle + half) - cdf(middle - half)) where the two are close, by quadrature. */
const logNarrowFormula: Formula = (m, middle, half) => {
  let sum: ReturnType<typeof m.add> | number = 0
  for (const [node, weight] of GAUSS) {
    const s = m.mul(half, node)
    const up = m.mul(middle, s)
    const cosh = m.mul(m.add(m.exp(up), m.exp(m.neg(up))), 0.5)
    sum = m.add(sum, m.mul(m.mul(cosh, m.exp(m.mul(m.mul(s, s), -0.5))), 2 * weight))
  }
  const logHeight = m.sub(m.mul(m.mul(middle, middle), -0.5), LOG_ROOT_TWO_PI)
  return m.add(m.add(logHeight, m.log(half)), m.log(sum))
}

/** log(cdf(b) - cdf(a)) for the mirror image a < b that lies more on the left, from parts computed before. */
const logDifferenceFormula: Formula = (m, low, high, middle, half, narrow, logLower, logUpper, lower, above) => {
  const left = m.add(logUpper, m.log(m.neg(m.expm1(m.sub(logLower, logUpper)))))
  const across = m.log1p(m.neg(m.add(lower, above)))
  const wide = m.where(m.lt(0.5, m.add(middle, half)), across, left)
  const isNarrow = m.lt(m.mul(half, m.add(m.abs(middle), 1)), 1)
  const ordered = m.where(isNarrow, narrow, wide)
  return m.where(m.lt(low, high), ordered, m.where(m.eq(low, high), -Infinity, NaN))
}

export const cdfPrimitive = /* @__PURE__ */ formulaPrimitive('normalCdf', {
  formula: () => cdfFormula,
  partials: ([x]) => [() => normalPdf(x)],
})

export const pdfPrimitive = /* @__PURE__ */ formulaPrimitive('normalPdf', {
  formula: () => (m, x) => m.mul(bell(m, m.max(m.min(x, 39), -39)), Math.exp(-LOG_ROOT_TWO_PI)),
  partials: ([x], out) => [() => neg(mul(x, out))],
})

export const logCdfPrimitive = /* @__PURE__ */ formulaPrimitive('normalLogCdf', {
  formula: () => logCdfFormula,
  partials: ([x]) => [() => inverseMills(x)],
})

export const inverseMillsPrimitive = /* @__PURE__ */ formulaPrimitive('normalInverseMills', {
  formula: () => inverseMillsFormula,
  partials: ([x], out) => [() => neg(mul(out, add(x, out)))],
})

export const quantilePrimitive = /* @__PURE__ */ formulaPrimitive('normalQuantile', {
  formula: () => quantile,
  partials: (_, out) => [() => exp(add(mul(square(out), 0.5), LOG_ROOT_TWO_PI))],
})

const logNarrowPrimitive = /* @__PURE__ */ formulaPrimitive('normalLogNarrow', {
  formula: () => logNarrowFormula,
  partials: () => [],
})

const logDifferencePrimitive = /* @__PURE__ */ formulaPrimitive('normalLogCdfDifference', {
  formula: () => logDifferenceFormula,
  partials: ([low, high], out) => [
    () => neg(exp(sub(normalLogPdf(low), out))),
    () => exp(sub(normalLogPdf(high), out)),
  ],
})

/** pdf(x) / cdf(x), the derivative of normalLogCdf. */
function inverseMills(x: Tensor): Tensor {
  return apply('normalInverseMills', inverseMillsPrimitive, [x])
}

/**
 * The density of the standard normal distribution. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * normalPdf(tensor(0))   // 0.3989...
 */
export function normalPdf(x: TensorLike): Tensor {
  return apply('normalPdf', pdfPrimitive, [x])
}

/**
 * The logarithm of the standard normal density. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * normalLogPdf(tensor(0))   // -0.9189...
 */
export function normalLogPdf(x: TensorLike): Tensor {
  return sub(mul(square(floats('normalLogPdf', [x])[0]), -0.5), LOG_ROOT_TWO_PI)
}

/**
 * The probability that a standard normal number is below x, with all its digits on the left. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * normalCdf(tensor([0, -10]))   // [0.5, 7.62e-24...]
 */
export function normalCdf(x: TensorLike): Tensor {
  return apply('normalCdf', cdfPrimitive, [x])
}

/**
 * The logarithm of `normalCdf`, finite wherever x is; so are its derivatives. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * normalLogCdf(tensor(-40))   // -804.608
 */
export function normalLogCdf(x: TensorLike): Tensor {
  return apply('normalLogCdf', logCdfPrimitive, [x])
}

/**
 * The x with `normalCdf(x) = p`; NaN outside [0, 1]. `[...]` -> `[...]`
 *
 * M. Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied Statistics 1988.
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * normalQuantile(tensor([0.5, 1e-300], { dtype: 'float64' }))   // [0, -37.047...]
 */
export function normalQuantile(p: TensorLike): Tensor {
  return apply('normalQuantile', quantilePrimitive, [p])
}

/**
 * log(normalCdf(high) - normalCdf(low)), also where both are nearly 0, nearly 1 or nearly equal: -Infinity for equal
 * bounds, NaN for low > high. Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * normalLogCdfDifference(tensor(30), tensor(31))   // -454.321
 */
export function normalLogCdfDifference(low: TensorLike, high: TensorLike): Tensor {
  const own = floats('normalLogCdfDifference', [low, high])
  const [x, y] = own.map(stopGradient)
  const mirrored = lt(0, add(x, y))
  const [a, b] = [where(mirrored, neg(y), x), where(mirrored, neg(x), y)]
  const [middle, half] = [mul(add(a, b), 0.5), mul(sub(b, a), 0.5)]
  const narrow = apply('normalLogCdfDifference', logNarrowPrimitive, [middle, half])
  const parts = [middle, half, narrow, normalLogCdf(a), normalLogCdf(b), normalCdf(a), normalCdf(neg(b))]
  return apply('normalLogCdfDifference', logDifferencePrimitive, [...own, ...parts])
}
