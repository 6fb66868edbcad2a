// Element-wise primitives of two operands, each with its derivative; ties of max and min share the gradient equally.

import { add, div, eq, log, mul, neg, pow, rem, square, sub, where } from '../functions/elementwise.js'
import type { MaybeZero, Primitive } from '../primitive.js'
import { literalTensor, type Tensor } from '../tensor.js'
import { bits, elementwise, everyDType, floats, numeric, spread, unbroadcast } from './elementwise.js'

/** The tangent that one operand's tangent contributes. */
type Partial = (d: Tensor, x: Tensor, y: Tensor, out: Tensor) => Tensor

function partials(byLeft: Partial, byRight: Partial) {
  return ([x, y]: readonly Tensor[], [dx, dy]: readonly MaybeZero[], [out]: readonly Tensor[]) => {
    const left = dx === null ? null : byLeft(dx, x, y, out)
    const right = dy === null ? null : byRight(dy, x, y, out)
    return [left === null || right === null ? spread(left ?? right, out) : add(left, right)]
  }
}

function flat(): readonly MaybeZero[] {
  return [null]
}

/** Sums; integers wrap. */
export const addPrimitive: Primitive = /* @__PURE__ */ elementwise('add', {
  dtypes: /* @__PURE__ */ numeric(),
  compute: (a, b) => a + b,
  jvp: /* @__PURE__ */ partials(
    (dx) => dx,
    (dy) => dy,
  ),
  transpose: ([ct], inputs) => inputs.map((x) => (ct === null || !x.linear ? null : unbroadcast(ct, x.aval))),
})

/** Differences; integers wrap. */
export const subPrimitive: Primitive = /* @__PURE__ */ elementwise('sub', {
  dtypes: /* @__PURE__ */ numeric(),
  compute: (a, b) => a - b,
  jvp: /* @__PURE__ */ partials(
    (dx) => dx,
    (dy) => neg(dy),
  ),
  transpose: ([ct], [x, y]) => [
    ct === null || !x.linear ? null : unbroadcast(ct, x.aval),
    ct === null || !y.linear ? null : unbroadcast(neg(ct), y.aval),
  ],
})

/** Products; integers wrap. */
export const mulPrimitive: Primitive = /* @__PURE__ */ elementwise('mul', {
  dtypes: /* @__PURE__ */ numeric(),
  compute: (a, b, dtype) => (dtype === 'int32' || dtype === 'uint32' ? Math.imul(a, b) : a * b),
  jvp: /* @__PURE__ */ partials(
    (dx, _, y) => mul(dx, y),
    (dy, x) => mul(dy, x),
  ),
  transpose: ([ct], [x, y]) => [
    ct === null || !x.linear || y.linear ? null : unbroadcast(mul(ct, y.value), x.aval),
    ct === null || !y.linear || x.linear ? null : unbroadcast(mul(ct, x.value), y.aval),
  ],
})

/** Integers divide towards zero, and by zero to zero. */
export const divPrimitive: Primitive = /* @__PURE__ */ elementwise('div', {
  dtypes: /* @__PURE__ */ numeric(),
  compute: (a, b, dtype) => (dtype === 'int32' || dtype === 'uint32' ? (b === 0 ? 0 : Math.trunc(a / b)) : a / b),
  jvp: /* @__PURE__ */ partials(
    (dx, _, y) => div(dx, y),
    (dy, _, y, out) => neg(mul(dy, div(out, y))),
  ),
  transpose: ([ct], [x, y]) => [
    ct === null || !x.linear || y.linear ? null : unbroadcast(div(ct, y.value), x.aval),
    null,
  ],
})

/** The remainder with the sign of the dividend; integers by zero give zero. */
export const remPrimitive: Primitive = /* @__PURE__ */ elementwise('rem', {
  dtypes: /* @__PURE__ */ numeric(),
  compute: (a, b, dtype) => (b === 0 && (dtype === 'int32' || dtype === 'uint32') ? 0 : a % b),
  jvp: /* @__PURE__ */ partials(
    (dx) => dx,
    (dy, x, y) => neg(mul(dy, div(sub(x, rem(x, y)), y))),
  ),
})

/** Powers; a negative base with a fractional exponent is NaN. */
export const powPrimitive: Primitive = /* @__PURE__ */ elementwise('pow', {
  dtypes: /* @__PURE__ */ floats(),
  compute: power,
  // 0 * x^(-1) at exponent 0, and log 0 at base 0, are limits that must not become NaN.
  jvp: /* @__PURE__ */ partials(
    (dx, x, y) => mul(dx, where(eq(y, 0), 0, mul(y, pow(x, sub(where(eq(y, 0), 1, y), 1))))),
    (dy, x, _, out) => mul(dy, mul(log(where(eq(x, 0), 1, x)), out)),
  ),
})

/** The greater operand; NaN wins, ties share the gradient. */
export const maxPrimitive: Primitive = /* @__PURE__ */ elementwise('max', {
  dtypes: /* @__PURE__ */ everyDType(),
  compute: (a, b) => Math.max(a, b),
  jvp: /* @__PURE__ */ partials(shareOfWinner, (dy, x, y, out) => shareOfWinner(dy, y, x, out)),
})

/** The lesser operand; NaN wins, ties share the gradient. */
export const minPrimitive: Primitive = /* @__PURE__ */ elementwise('min', {
  dtypes: /* @__PURE__ */ everyDType(),
  compute: (a, b) => Math.min(a, b),
  jvp: /* @__PURE__ */ partials(shareOfWinner, (dy, x, y, out) => shareOfWinner(dy, y, x, out)),
})

/** The angle of the point (x, y) = (second, first). */
export const atan2Primitive: Primitive = /* @__PURE__ */ elementwise('atan2', {
  dtypes: /* @__PURE__ */ floats(),
  compute: (a, b) => Math.atan2(a, b),
  jvp: /* @__PURE__ */ partials(
    (dy, y, x) => mul(dy, div(x, add(square(x), square(y)))),
    (dx, y, x) => mul(dx, div(neg(y), add(square(x), square(y)))),
  ),
})

/** Logical of bools, bitwise of integers. */
export const andPrimitive: Primitive = /* @__PURE__ */ elementwise('and', {
  dtypes: /* @__PURE__ */ bits(),
  compute: (a, b) => a & b,
  jvp: flat,
})

/** Logical of bools, bitwise of integers. */
export const orPrimitive: Primitive = /* @__PURE__ */ elementwise('or', {
  dtypes: /* @__PURE__ */ bits(),
  compute: (a, b) => a | b,
  jvp: flat,
})

/** Logical of bools, bitwise of integers. */
export const xorPrimitive: Primitive = /* @__PURE__ */ elementwise('xor', {
  dtypes: /* @__PURE__ */ bits(),
  compute: (a, b) => a ^ b,
  jvp: flat,
})

/** Shifts by 32 or more give zero. */
export const shiftLeftPrimitive: Primitive = /* @__PURE__ */ elementwise('shiftLeft', {
  dtypes: ['int32', 'uint32'],
  compute: (a, b) => (b >>> 0 > 31 ? 0 : a << b),
  jvp: flat,
})

/** Keeps the sign of int32, fills uint32 with zeros; shifts by 32 or more shift everything out. */
export const shiftRightPrimitive: Primitive = /* @__PURE__ */ elementwise('shiftRight', {
  dtypes: ['int32', 'uint32'],
  compute: (a, b, dtype) => (dtype === 'int32' ? a >> (b >>> 0 > 31 ? 31 : b) : b > 31 ? 0 : a >>> b),
  jvp: flat,
})

function shareOfWinner(d: Tensor, own: Tensor, other: Tensor, out: Tensor): Tensor {
  const share = where(eq(other, out), literalTensor(0.5, d.dtype), 1)
  return mul(d, where(eq(own, out), share, 0))
}

/** IEEE 754 pow: 1 to any power is 1, also NaN and infinite ones, where JavaScript says NaN. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && (b === Infinity || b === -Infinity)) ? 1 : a ** b
}
