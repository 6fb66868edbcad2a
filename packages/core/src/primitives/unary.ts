// Element-wise primitives of one operand, each with its derivative.

import { add, cos, div, exp, logistic, mul, neg, sign, sin, sub } from '../functions/elementwise.js'
import type { MaybeZero, Primitive } from '../primitive.js'
import type { Tensor } from '../tensor.js'
import { bits, elementwise, floats, numeric } from './elementwise.js'

/** The tangent from the operand's tangent, the operand and the result. */
type Derivative = (dx: Tensor, x: Tensor, y: Tensor) => Tensor

function chain(derivative: Derivative) {
  return ([x]: readonly Tensor[], [dx]: readonly MaybeZero[], [y]: readonly Tensor[]) => [
    dx === null ? null : derivative(dx, x, y),
  ]
}

function flat(): readonly MaybeZero[] {
  return [null]
}

/** The negative; integers wrap. */
export const negPrimitive: Primitive = /* @__PURE__ */ elementwise('neg', {
  dtypes: /* @__PURE__ */ numeric(),
  compute: (a) => -a,
  jvp: /* @__PURE__ */ chain((dx) => neg(dx)),
  transpose: ([ct]) => [ct === null ? null : neg(ct)],
})

/** The absolute value. */
export const absPrimitive: Primitive = /* @__PURE__ */ elementwise('abs', {
  dtypes: /* @__PURE__ */ numeric(),
  compute: Math.abs,
  jvp: /* @__PURE__ */ chain((dx, x) => mul(dx, sign(x))),
})

/** -1, 0 or 1. */
export const signPrimitive: Primitive = /* @__PURE__ */ elementwise('sign', {
  dtypes: /* @__PURE__ */ numeric(),
  compute: Math.sign,
  jvp: flat,
})

/** The greatest integer not above. */
export const floorPrimitive: Primitive = /* @__PURE__ */ elementwise('floor', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.floor,
  jvp: flat,
})

/** The least integer not below. */
export const ceilPrimitive: Primitive = /* @__PURE__ */ elementwise('ceil', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.ceil,
  jvp: flat,
})

/** To the nearest integer, halves to the even one. */
export const roundPrimitive: Primitive = /* @__PURE__ */ elementwise('round', {
  dtypes: /* @__PURE__ */ floats(),
  compute: roundHalfEven,
  jvp: flat,
})

/** e to the power of each element. */
export const expPrimitive: Primitive = /* @__PURE__ */ elementwise('exp', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.exp,
  jvp: /* @__PURE__ */ chain((dx, _, y) => mul(dx, y)),
})

/** exp(x) - 1, exact near 0. */
export const expm1Primitive: Primitive = /* @__PURE__ */ elementwise('expm1', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.expm1,
  jvp: /* @__PURE__ */ chain((dx, x) => mul(dx, exp(x))),
})

/** The natural logarithm. */
export const logPrimitive: Primitive = /* @__PURE__ */ elementwise('log', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.log,
  jvp: /* @__PURE__ */ chain((dx, x) => div(dx, x)),
})

/** log(1 + x), exact near 0. */
export const log1pPrimitive: Primitive = /* @__PURE__ */ elementwise('log1p', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.log1p,
  jvp: /* @__PURE__ */ chain((dx, x) => div(dx, add(x, 1))),
})

/** The square root. */
export const sqrtPrimitive: Primitive = /* @__PURE__ */ elementwise('sqrt', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.sqrt,
  jvp: /* @__PURE__ */ chain((dx, _, y) => div(mul(dx, 0.5), y)),
})

/** The sine of radians. */
export const sinPrimitive: Primitive = /* @__PURE__ */ elementwise('sin', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.sin,
  jvp: /* @__PURE__ */ chain((dx, x) => mul(dx, cos(x))),
})

/** The cosine of radians. */
export const cosPrimitive: Primitive = /* @__PURE__ */ elementwise('cos', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.cos,
  jvp: /* @__PURE__ */ chain((dx, x) => mul(dx, neg(sin(x)))),
})

/** The hyperbolic tangent. */
export const tanhPrimitive: Primitive = /* @__PURE__ */ elementwise('tanh', {
  dtypes: /* @__PURE__ */ floats(),
  compute: Math.tanh,
  jvp: /* @__PURE__ */ chain((dx, _, y) => mul(dx, sub(1, mul(y, y)))),
})

/** 1 / (1 + exp(-x)). */
export const logisticPrimitive: Primitive = /* @__PURE__ */ elementwise('logistic', {
  dtypes: /* @__PURE__ */ floats(),
  compute: (a) => 1 / (1 + Math.exp(-a)),
  // y (1 - y) loses the right tail, where 1 - y rounds to 0; logistic(-x) keeps it.
  jvp: /* @__PURE__ */ chain((dx, x, y) => mul(dx, mul(y, logistic(neg(x))))),
})

/** Logical for bool, bitwise for integers. */
export const notPrimitive: Primitive = /* @__PURE__ */ elementwise('not', {
  dtypes: /* @__PURE__ */ bits(),
  compute: (a, _, dtype) => (dtype === 'bool' ? 1 - a : ~a),
  jvp: flat,
})

function roundHalfEven(a: number): number {
  const floor = Math.floor(a)
  const rest = a - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : Math.ceil(a)
  return floor % 2 === 0 ? floor : floor + 1
}
