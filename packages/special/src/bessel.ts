// Modified Bessel functions of the first kind, orders 0 and 1: Chebyshev fits on [0, 8], and in 1 / x beyond.

import { div, eq, mul, sign, sub, type Tensor, type TensorLike, where } from '@adjoint/core'
import { type Arithmetic, type Coefficients, type Formula, polynomial } from './arithmetic.js'
import { I0_FAR, I0_NEAR, I1_FAR, I1_NEAR } from './coefficients.js'
import { apply, formulaPrimitive } from './elementwise.js'

function near<T>(m: Arithmetic<T>, fit: Coefficients, size: T): T {
  return polynomial(m, fit, m.sub(m.mul(size, 0.25), 1))
}

function far<T>(m: Arithmetic<T>, fit: Coefficients, size: T): T {
  return m.div(polynomial(m, fit, m.sub(m.div(16, size), 1)), m.sqrt(size))
}

export const i0eFormula: Formula = (m, x) => {
  const size = m.abs(x)
  return m.where(m.lt(size, 8), near(m, I0_NEAR, size), far(m, I0_FAR, size))
}

export const i1eFormula: Formula = (m, x) => {
  const size = m.abs(x)
  const outer = far(m, I1_FAR, size)
  return m.where(m.lt(size, 8), m.mul(x, near(m, I1_NEAR, size)), m.where(m.lt(x, 0), m.neg(outer), outer))
}

export const i0ePrimitive = /* @__PURE__ */ formulaPrimitive('i0e', {
  formula: () => i0eFormula,
  partials: ([x], out) => [() => sub(i1e(x), mul(sign(x), out))],
})

export const i1ePrimitive = /* @__PURE__ */ formulaPrimitive('i1e', {
  formula: () => i1eFormula,
  partials: ([x], out) => [() => sub(sub(i0e(x), overX(out, x)), mul(sign(x), out))],
})

/** y / x where y is i1(x) or i1e(x): 1/2 at 0. */
function overX(y: Tensor, x: Tensor): Tensor {
  const zero = eq(x, 0)
  return where(zero, 0.5, div(y, where(zero, 1, x)))
}

export const i0Primitive = /* @__PURE__ */ formulaPrimitive('i0', {
  formula: () => (m, x) => grown(m, x, i0eFormula(m, x)),
  partials: ([x]) => [() => i1(x)],
})

export const i1Primitive = /* @__PURE__ */ formulaPrimitive('i1', {
  formula: () => (m, x) => grown(m, x, i1eFormula(m, x)),
  partials: ([x], out) => [() => sub(i0(x), overX(out, x))],
})

/** y exp(|x|), where the exponential alone may overflow. */
function grown<T>(m: Arithmetic<T>, x: T, y: T): T {
  const half = m.exp(m.mul(m.abs(x), 0.5))
  return m.mul(m.mul(y, half), half)
}

/**
 * exp(-|x|) I0(x). `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * i0e(tensor([0, 1000]))   // [1, 0.01262...]
 */
export function i0e(x: TensorLike): Tensor {
  return apply('i0e', i0ePrimitive, [x])
}

/**
 * exp(-|x|) I1(x). `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * i1e(tensor([0, 1000]))   // [0, 0.01261...]
 */
export function i1e(x: TensorLike): Tensor {
  return apply('i1e', i1ePrimitive, [x])
}

/**
 * The modified Bessel function of the first kind of order 0. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * i0(tensor(1))   // 1.2661...
 */
export function i0(x: TensorLike): Tensor {
  return apply('i0', i0Primitive, [x])
}

/**
 * The modified Bessel function of the first kind of order 1. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * i1(tensor(1))   // 0.5652...
 */
export function i1(x: TensorLike): Tensor {
  return apply('i1', i1Primitive, [x])
}
