// Comparisons: bool results with explicit zero gradients; NaN compares false with everything.

import * as scalar from '../codegen/operations/compare.js'
import type { Primitive } from '../primitive.js'
import { elementwise, everyDType } from './elementwise.js'

/** Whether equal; NaN equals nothing. */
export const eqPrimitive: Primitive = /* @__PURE__ */ elementwise('eq', everyDType, scalar.eq, {}, 'bool')

/** Whether the first is less. */
export const ltPrimitive: Primitive = /* @__PURE__ */ elementwise('lt', everyDType, scalar.lt, {}, 'bool')

/** Whether the first is less or equal. */
export const lePrimitive: Primitive = /* @__PURE__ */ elementwise('le', everyDType, scalar.le, {}, 'bool')
