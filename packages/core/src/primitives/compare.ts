// Comparisons: bool results with explicit zero gradients; NaN compares false with everything.

import type { Primitive } from '../primitive.js'
import { elementwise, everyDType } from './elementwise.js'

/** Whether equal; NaN equals nothing. */
export const eqPrimitive: Primitive = /* @__PURE__ */ elementwise(
  'eq',
  { dtypes: /* @__PURE__ */ everyDType(), compute: (a, b) => Number(a === b), jvp: () => [null] },
  'bool',
)

/** Whether the first is less. */
export const ltPrimitive: Primitive = /* @__PURE__ */ elementwise(
  'lt',
  { dtypes: /* @__PURE__ */ everyDType(), compute: (a, b) => Number(a < b), jvp: () => [null] },
  'bool',
)

/** Whether the first is less or equal. */
export const lePrimitive: Primitive = /* @__PURE__ */ elementwise(
  'le',
  { dtypes: /* @__PURE__ */ everyDType(), compute: (a, b) => Number(a <= b), jvp: () => [null] },
  'bool',
)
