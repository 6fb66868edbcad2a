// Element-wise primitives of one operand, each with its derivative.

import * as scalar from '../codegen/operations/unary.js'
import { add, cos, div, exp, logistic, mul, neg, sign, sin, sub } from '../functions/elementwise.js'
import type { Primitive } from '../primitive.js'
import { bits, elementwise, floats, numeric, unary } from './elementwise.js'

/** The negative; integers wrap. */
export const negPrimitive: Primitive = /* @__PURE__ */ elementwise('neg', numeric, scalar.neg, {
  partials: [(dx) => neg(dx)],
  linear: 1,
})

/** The absolute value. */
export const absPrimitive: Primitive = /* @__PURE__ */ unary('abs', numeric, scalar.abs, (dx, x) => mul(dx, sign(x)))

/** -1, 0 or 1. */
export const signPrimitive: Primitive = /* @__PURE__ */ unary('sign', numeric, scalar.sign)

/** The greatest integer not above. */
export const floorPrimitive: Primitive = /* @__PURE__ */ unary('floor', floats, scalar.floor)

/** The least integer not below. */
export const ceilPrimitive: Primitive = /* @__PURE__ */ unary('ceil', floats, scalar.ceil)

/** To the nearest integer, halves to the even one. */
export const roundPrimitive: Primitive = /* @__PURE__ */ unary('round', floats, scalar.round)

/** e to the power of each element. */
export const expPrimitive: Primitive = /* @__PURE__ */ unary('exp', floats, scalar.exp, (dx, _, y) => mul(dx, y))

/** exp(x) - 1, exact near 0. */
export const expm1Primitive: Primitive = /* @__PURE__ */ unary('expm1', floats, scalar.expm1, (dx, x) =>
  mul(dx, exp(x)),
)

/** The natural logarithm. */
export const logPrimitive: Primitive = /* @__PURE__ */ unary('log', floats, scalar.log, (dx, x) => div(dx, x))

/** log(1 + x), exact near 0. */
export const log1pPrimitive: Primitive = /* @__PURE__ */ unary('log1p', floats, scalar.log1p, (dx, x) =>
  div(dx, add(x, 1)),
)

/** The square root. */
export const sqrtPrimitive: Primitive = /* @__PURE__ */ unary('sqrt', floats, scalar.sqrt, (dx, _, y) =>
  div(mul(dx, 0.5), y),
)

/** The sine of radians. */
export const sinPrimitive: Primitive = /* @__PURE__ */ unary('sin', floats, scalar.sin, (dx, x) => mul(dx, cos(x)))

/** The cosine of radians. */
export const cosPrimitive: Primitive = /* @__PURE__ */ unary('cos', floats, scalar.cos, (dx, x) => mul(dx, neg(sin(x))))

/** The hyperbolic tangent. */
export const tanhPrimitive: Primitive = /* @__PURE__ */ unary('tanh', floats, scalar.tanh, (dx, _, y) =>
  mul(dx, sub(1, mul(y, y))),
)

/** 1 / (1 + exp(-x)). */
// y (1 - y) loses the right tail, where 1 - y rounds to 0; logistic(-x) keeps it.
export const logisticPrimitive: Primitive = /* @__PURE__ */ unary('logistic', floats, scalar.logistic, (dx, x, y) =>
  mul(dx, mul(y, logistic(neg(x)))),
)

/** Logical for bool, bitwise for integers. */
export const notPrimitive: Primitive = /* @__PURE__ */ unary('not', bits, scalar.not)
