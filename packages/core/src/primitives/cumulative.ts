// Running sums and running maxima along an axis, from either end.

import { bind1 } from '../bind.js'
import { isFloat } from '../dtype.js'
import { eq, sub, where } from '../functions/elementwise.js'
import { takeAlongAxis } from '../functions/indexing.js'
import type { Primitive } from '../primitive.js'
import { type Shape, sizeOf, typeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { iotaPrimitive } from './movement.js'
import { sharedPrimitive } from './rules.js'

/** Parameters of `cumulative`. */
export interface CumulativeParams {
  readonly op: 'sum' | 'max'
  readonly axis: number
  readonly reverse: boolean
}

/** Sums or maxima of all elements up to each one along an axis, or from each one on. */
export const cumulativePrimitive: Primitive<CumulativeParams> = /* @__PURE__ */ sharedPrimitive<CumulativeParams>(
  'cumulative',
  {
    shape: ([x]) => [typeOf(x)],
    jvp: ([x], [dx], [out], params) => {
      if (dx === null) return [null]
      if (params.op === 'sum') return [bind1(cumulativePrimitive, [dx], params)]
      // Where the running maximum last rose to a new value, in the order of the scan: that element carries the tangent.
      const { shape } = x
      const index = bind1(iotaPrimitive, [], { shape, dtype: 'int32', axis: params.axis })
      const last = shape[params.axis] - 1
      const inOrder = (i: Tensor) => (params.reverse ? sub(last, i) : i)
      const rises = where(eq(x, out), inOrder(index), 0)
      return [takeAlongAxis(dx, inOrder(bind1(cumulativePrimitive, [rises], params)), params.axis)]
    },
    back: (ct, _, params) => [bind1(cumulativePrimitive, [ct], { ...params, reverse: !params.reverse })],
    lanes: (params) => ({ ...params, axis: params.axis + 1 }),
    reference: ([x], { op, axis, reverse }) => {
      const data = x.data.slice()
      const combine =
        op === 'max'
          ? Math.max
          : isFloat(x.dtype)
            ? (a: number, b: number) => a + b
            : (a: number, b: number) => (a + b) | 0
      lanes(x.shape, axis, (start, step) => {
        const n = x.shape[axis]
        for (let i = 1; i < n; i++) {
          const at = start + (reverse ? n - 1 - i : i) * step
          data[at] = combine(data[reverse ? at + step : at - step], data[at])
        }
      })
      return [data]
    },
  },
)

function lanes(shape: Shape, axis: number, fn: (start: number, step: number) => void): void {
  const inner = sizeOf(shape.slice(axis + 1))
  const outer = sizeOf(shape.slice(0, axis))
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) fn(o * shape[axis] * inner + i, inner)
}
