// Element-wise primitives of two operands, each with its derivatives; ties of max and min share the gradient equally.

import * as scalar from '../codegen/operations/binary.js'
import type { DType } from '../dtype.js'
import { add, div, eq, log, mul, neg, pow, rem, square, sub, where } from '../functions/elementwise.js'
import type { Primitive } from '../primitive.js'
import { literalTensor } from '../tensor.js'
import { bits, type Compute, elementwise, everyDType, floats, numeric, type Partial } from './elementwise.js'

/** Sums; integers wrap. */
export const addPrimitive: Primitive = /* @__PURE__ */ elementwise('add', numeric, scalar.add, {
  partials: [(dx) => dx, (dy) => dy],
  linear: 2,
})

/** Differences; integers wrap. */
export const subPrimitive: Primitive = /* @__PURE__ */ elementwise('sub', numeric, scalar.sub, {
  partials: [(dx) => dx, (dy) => neg(dy)],
  linear: 2,
})

/** Products; integers wrap. */
export const mulPrimitive: Primitive = /* @__PURE__ */ elementwise('mul', numeric, scalar.mul, {
  partials: [(dx, _, y) => mul(dx, y), (dy, x) => mul(dy, x)],
  linear: 2,
})

/** Integers divide towards zero, and by zero to zero. */
export const divPrimitive: Primitive = /* @__PURE__ */ elementwise('div', numeric, scalar.div, {
  partials: [(dx, _, y) => div(dx, y), (dy, _, y, out) => neg(mul(dy, div(out, y)))],
  linear: 1,
})

/** The remainder with the sign of the dividend; integers by zero give zero. */
export const remPrimitive: Primitive = /* @__PURE__ */ elementwise('rem', numeric, scalar.rem, {
  partials: [(dx) => dx, (dy, x, y) => neg(mul(dy, div(sub(x, rem(x, y)), y)))],
})

/** Powers; a negative base with a fractional exponent is NaN. */
export const powPrimitive: Primitive = /* @__PURE__ */ elementwise('pow', floats, scalar.pow, {
  // 0 * x^(-1) at exponent 0, and log 0 at base 0, are limits that must not become NaN.
  partials: [
    (dx, x, y) => mul(dx, where(eq(y, 0), 0, mul(y, pow(x, sub(where(eq(y, 0), 1, y), 1))))),
    (dy, x, _, out) => mul(dy, mul(log(where(eq(x, 0), 1, x)), out)),
  ],
})

/** The greater operand; NaN wins, ties share the gradient. */
export const maxPrimitive: Primitive = /* @__PURE__ */ extreme('max', scalar.max)

/** The lesser operand; NaN wins, ties share the gradient. */
export const minPrimitive: Primitive = /* @__PURE__ */ extreme('min', scalar.min)

function extreme(name: 'max' | 'min', compute: Compute): Primitive {
  const share: Partial = (d, own, other, out) =>
    mul(d, where(eq(own, out), where(eq(other, out), literalTensor(0.5, d.dtype), 1), 0))
  return elementwise(name, everyDType, compute, { partials: [share, (dy, x, y, out) => share(dy, y, x, out)] })
}

/** The angle of the point (x, y) = (second, first). */
export const atan2Primitive: Primitive = /* @__PURE__ */ elementwise('atan2', floats, scalar.atan2, {
  partials: [
    (dy, y, x) => mul(dy, div(x, add(square(x), square(y)))),
    (dx, y, x) => mul(dx, div(neg(y), add(square(x), square(y)))),
  ],
})

/** Logical of bools, bitwise of integers. */
export const andPrimitive: Primitive = /* @__PURE__ */ elementwise('and', bits, scalar.and)

/** Logical of bools, bitwise of integers. */
export const orPrimitive: Primitive = /* @__PURE__ */ elementwise('or', bits, scalar.or)

/** Logical of bools, bitwise of integers. */
export const xorPrimitive: Primitive = /* @__PURE__ */ elementwise('xor', bits, scalar.xor)

/** Shifts by 32 or more give zero. */
export const shiftLeftPrimitive: Primitive = /* @__PURE__ */ elementwise('shiftLeft', integers, scalar.shiftLeft)

/** Keeps the sign of int32, fills uint32 with zeros; shifts by 32 or more shift everything out. */
export const shiftRightPrimitive: Primitive = /* @__PURE__ */ elementwise('shiftRight', integers, scalar.shiftRight)

function integers(): readonly DType[] {
  return ['int32', 'uint32']
}
