// Stable sorting of several operands by the first ones, along the last axis; NaN comes last.

import { bind } from '../bind.js'
import { isFloat, type TypedArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { takeAlongAxis } from '../functions/indexing.js'
import type { HostArray, Primitive } from '../primitive.js'
import { formatAval, sameShape, sizeOf, typeOf } from '../shape.js'
import { iotaPrimitive } from './movement.js'
import { sharedPrimitive } from './rules.js'

/** Parameters of `sort`: how many leading operands are keys. */
export interface SortParams {
  readonly keys: number
  readonly descending: boolean
}

/** All operands in the order that sorts the first `keys` of them along the last axis; stable, NaN last. */
export const sortPrimitive: Primitive<SortParams> = /* @__PURE__ */ sharedPrimitive<SortParams>('sort', {
  shape: (inputs, { keys }) => {
    const [first] = inputs
    if (
      first.shape.length === 0 ||
      keys < 1 ||
      keys > inputs.length ||
      inputs.some((x) => !sameShape(x.shape, first.shape))
    ) {
      throw new AdjointError('shape-mismatch', {
        fn: 'sort',
        given: `${inputs.map(formatAval).join(', ')} by ${keys} keys`,
        expected: 'operands of one shape with at least one axis, the first of them keys',
      })
    }
    return inputs.map(typeOf)
  },
  jvp: (primals, tangents, outputs, params) => {
    if (tangents.every((t) => t === null)) return outputs.map(() => null)
    const { shape } = primals[0]
    const [iota] = bind(iotaPrimitive, [], { shape, dtype: 'int32', axis: shape.length - 1 })
    const order = bind(sortPrimitive, [...primals.slice(0, params.keys), iota], params)[params.keys]
    return tangents.map((t) => (t === null ? null : takeAlongAxis(t, order, -1)))
  },
  lanes: (params) => params,
  reference: (inputs, { keys, descending }) => {
    const outs = inputs.map((x) => x.data.slice())
    const { shape } = inputs[0]
    const width = shape[shape.length - 1]
    const order = new Int32Array(width)
    for (let start = 0; start < sizeOf(shape); start += width) {
      sortedOrder(inputs.slice(0, keys), start, order, descending)
      outs.forEach((out, k) => {
        order.forEach((from, i) => {
          out[start + i] = inputs[k].data[start + from]
        })
      })
    }
    return outs
  },
})

function sortedOrder(keys: readonly HostArray[], start: number, order: Int32Array, descending: boolean): void {
  for (let i = 0; i < order.length; i++) order[i] = i
  order.sort((i, j) => {
    for (const { data, dtype } of keys) {
      const by = compareValues(data, start + i, start + j, descending, isFloat(dtype))
      if (by !== 0) return by
    }
    return i - j
  })
}

function compareValues(data: TypedArray, i: number, j: number, descending: boolean, float: boolean): number {
  const a = data[i]
  const b = data[j]
  if (float && (Number.isNaN(a) || Number.isNaN(b))) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a === b ? 0 : a < b !== descending ? -1 : 1
}
