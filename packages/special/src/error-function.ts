// The error function and its kin. erfc and erfcx by one Chebyshev fit on the half line (M. M. Shepherd, J. G. Laframboise,
// Chebyshev Approximation of (1 + 2x) exp(x^2) erfc x, 1981); inverses by M. Wichura, Algorithm AS 241, 1988.

import { div, exp, mul, neg, square, sub, type Tensor, type TensorLike } from '@adjoint/core'
import { type Arithmetic, type Formula, polynomial } from './arithmetic.js'
import { ERF, ERFCX } from './coefficients.js'
import { apply, formulaPrimitive } from './elementwise.js'
import { quantileFormula } from './quantile.js'

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI)

/** exp(-x^2) to the last digit: the square of the leading bits is exact. */
function expMinusSquare<T>(m: Arithmetic<T>, x: T): T {
  const head = m.div(m.round(m.mul(x, 16)), 16)
  const rest = m.mul(m.sub(x, head), m.add(x, head))
  return m.mul(m.exp(m.neg(m.mul(head, head))), m.exp(m.neg(rest)))
}

/** erfcx(x) for x >= 0. */
export function scaledTail<T>(m: Arithmetic<T>, x: T): T {
  const far = m.lt(1e15, x)
  const t = m.where(far, 1, m.div(m.sub(x, 3.75), m.add(x, 3.75)))
  return m.div(polynomial(m, ERFCX, t), m.add(m.mul(x, 2), 1))
}

/** erf(x) for |x| < 1. */
export function erfNear<T>(m: Arithmetic<T>, x: T): T {
  return m.mul(x, polynomial(m, ERF, m.mul(x, x)))
}

/** exp(-x^2) erfcx(x) for x >= 0, where no infinities meet. */
function tail<T>(m: Arithmetic<T>, x: T): T {
  const inside = m.min(x, 28)
  return m.mul(expMinusSquare(m, inside), scaledTail(m, inside))
}

const erfFormula: Formula = (m, x) => {
  const size = m.abs(x)
  const far = m.sub(1, tail(m, size))
  return m.where(m.lt(size, 1), () => erfNear(m, x), m.where(m.lt(x, 0), m.neg(far), far))
}

const erfcFormula: Formula = (m, x) => {
  const far = tail(m, m.abs(x))
  return m.where(m.lt(m.abs(x), 0.5), m.sub(1, erfNear(m, x)), m.where(m.lt(x, 0), m.sub(2, far), far))
}

const erfcxFormula: Formula = (m, x) => {
  const scaled = scaledTail(m, m.abs(x))
  const inside = m.max(x, -27)
  const grown = m.where(m.lt(x, -26.7), Infinity, m.div(2, expMinusSquare(m, inside)))
  return m.where(m.lt(x, 0), m.sub(grown, scaled), scaled)
}

const erfinvFormula: Formula = (m, y) => {
  const tailMass = m.mul(m.sub(1, m.abs(y)), 0.5)
  return m.mul(quantileFormula(m, m.mul(y, 0.5), tailMass), Math.SQRT1_2)
}

const erfcinvFormula: Formula = (m, y) => {
  const tailMass = m.mul(m.min(y, m.sub(2, y)), 0.5)
  return m.mul(quantileFormula(m, m.mul(m.sub(1, y), 0.5), tailMass), Math.SQRT1_2)
}

const bell = (x: Tensor): Tensor => mul(exp(neg(square(x))), TWO_OVER_ROOT_PI)

export const erfPrimitive = /* @__PURE__ */ formulaPrimitive('erf', {
  formula: () => erfFormula,
  partials: ([x]) => [() => bell(x)],
})

export const erfcPrimitive = /* @__PURE__ */ formulaPrimitive('erfc', {
  formula: () => erfcFormula,
  partials: ([x]) => [() => neg(bell(x))],
})

export const erfcxPrimitive = /* @__PURE__ */ formulaPrimitive('erfcx', {
  formula: () => erfcxFormula,
  partials: ([x], out) => [() => sub(mul(mul(x, out), 2), TWO_OVER_ROOT_PI)],
})

export const erfinvPrimitive = /* @__PURE__ */ formulaPrimitive('erfinv', {
  formula: () => erfinvFormula,
  partials: (_, out) => [() => div(exp(square(out)), TWO_OVER_ROOT_PI)],
})

export const erfcinvPrimitive = /* @__PURE__ */ formulaPrimitive('erfcinv', {
  formula: () => erfcinvFormula,
  partials: (_, out) => [() => neg(div(exp(square(out)), TWO_OVER_ROOT_PI))],
})

/**
 * The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * erf(tensor([0, 1]))   // [0, 0.8427]
 */
export function erf(x: TensorLike): Tensor {
  return apply('erf', erfPrimitive, [x])
}

/**
 * 1 - erf(x), with all its digits in the right tail. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * erfc(tensor(5))   // 1.537e-12...
 */
export function erfc(x: TensorLike): Tensor {
  return apply('erfc', erfcPrimitive, [x])
}

/**
 * exp(x^2) erfc(x), the scaled complementary error function; it never underflows on the right. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * erfcx(tensor(100))   // 0.005642...
 */
export function erfcx(x: TensorLike): Tensor {
  return apply('erfcx', erfcxPrimitive, [x])
}

/**
 * The x with erf(x) = y; NaN outside [-1, 1], infinite at its ends. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * erfinv(tensor(0.5))   // 0.4769...
 */
export function erfinv(y: TensorLike): Tensor {
  return apply('erfinv', erfinvPrimitive, [y])
}

/**
 * The x with erfc(x) = y; NaN outside [0, 2], infinite at its ends. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * erfcinv(tensor(1e-20))   // 6.601...
 */
export function erfcinv(y: TensorLike): Tensor {
  return apply('erfcinv', erfcinvPrimitive, [y])
}
