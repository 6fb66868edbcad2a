// Exponentials and logarithms put together so that nothing overflows and 0 log 0 is 0.

import { add, div, eq, log, log1p, logistic, neg, sub, type Tensor, type TensorLike, where } from '@adjoint/core'
import type { Formula } from './arithmetic.js'
import { apply, formulaPrimitive } from './elementwise.js'

const softplusFormula: Formula = (m, x) => m.add(m.max(x, 0), m.log1p(m.exp(m.neg(m.abs(x)))))

const logaddexpFormula: Formula = (m, a, b) => {
  const top = m.max(a, b)
  return m.where(m.eq(a, b), m.add(a, Math.LN2), m.add(top, m.log1p(m.exp(m.neg(m.abs(m.sub(a, b)))))))
}

const entrFormula: Formula = (m, x) => m.where(m.eq(x, 0), 0, m.where(m.lt(x, 0), -Infinity, m.neg(m.mul(x, m.log(x)))))

const xlogyFormula: Formula = (m, x, y) => m.where(m.mul(m.eq(x, 0), m.eq(y, y)), 0, m.mul(x, m.log(y)))

const xlog1pyFormula: Formula = (m, x, y) => m.where(m.mul(m.eq(x, 0), m.eq(y, y)), 0, m.mul(x, m.log1p(y)))

export const softplusPrimitive = /* @__PURE__ */ formulaPrimitive('softplus', {
  formula: () => softplusFormula,
  partials: ([x]) => [() => logistic(x)],
})

/** The share of a in exp(a) + exp(b); a half where they are equal, also at infinity. */
const share = (a: Tensor, b: Tensor): Tensor => logistic(where(eq(a, b), 0, sub(a, b)))

export const logaddexpPrimitive = /* @__PURE__ */ formulaPrimitive('logaddexp', {
  formula: () => logaddexpFormula,
  partials: ([a, b]) => [() => share(a, b), () => share(b, a)],
})

export const entrPrimitive = /* @__PURE__ */ formulaPrimitive('entr', {
  formula: () => entrFormula,
  partials: ([x]) => [() => neg(add(log(x), 1))],
})

export const xlogyPrimitive = /* @__PURE__ */ formulaPrimitive('xlogy', {
  formula: () => xlogyFormula,
  partials: ([x, y]) => [() => add(log(y), zeroOf(x)), () => ratio(x, y)],
})

export const xlog1pyPrimitive = /* @__PURE__ */ formulaPrimitive('xlog1py', {
  formula: () => xlog1pyFormula,
  partials: ([x, y]) => [() => add(log1p(y), zeroOf(x)), () => ratio(x, add(y, 1))],
})

/** 0 in the shape of x, whatever its values. */
const zeroOf = (x: Tensor): Tensor => where(eq(x, x), 0, sub(x, x))

/** x / y, and 0 where x is 0. */
const ratio = (x: Tensor, y: Tensor): Tensor => where(eq(x, 0), 0, div(x, where(eq(x, 0), 1, y)))

/**
 * log(1 + exp(x)). `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * softplus(tensor([0, 1000]))   // [0.6931..., 1000]
 */
export function softplus(x: TensorLike): Tensor {
  return apply('softplus', softplusPrimitive, [x])
}

/**
 * log(exp(a) + exp(b)). Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * logaddexp(tensor(1000), tensor(1000))   // 1000.693
 */
export function logaddexp(a: TensorLike, b: TensorLike): Tensor {
  return apply('logaddexp', logaddexpPrimitive, [a, b])
}

/**
 * -x log x, the summand of an entropy: 0 at 0, -Infinity below. `[...]` -> `[...]`
 *
 * @throws AdjointError `dtype-mismatch` for integers
 * @example
 * entr(tensor([0, 0.5]))   // [0, 0.3466...]
 */
export function entr(x: TensorLike): Tensor {
  return apply('entr', entrPrimitive, [x])
}

/**
 * x log y, and 0 where x is 0. Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * xlogy(tensor([0, 2]), tensor([0, Math.E]))   // [0, 2]
 */
export function xlogy(x: TensorLike, y: TensorLike): Tensor {
  return apply('xlogy', xlogyPrimitive, [x, y])
}

/**
 * x log(1 + y), and 0 where x is 0. Shapes broadcast.
 *
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * xlog1py(tensor([0, 2]), tensor([-1, 1e-10]))   // [0, 2e-10]
 */
export function xlog1py(x: TensorLike, y: TensorLike): Tensor {
  return apply('xlog1py', xlog1pyPrimitive, [x, y])
}
