// gather and scatter by index vectors: each is linear in its values and transposes into the other.

import { bind, bind1 } from '../bind.js'
import type { TypedArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { add, div, eq, mul, where } from '../functions/elementwise.js'
import { broadcastTo, moveAxis, reshape } from '../functions/movement.js'
import type { MaybeZero, Primitive } from '../primitive.js'
import { type Aval, formatAval, type Shape, sameShape, sizeOf, stridesOf, typeOf } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'
import { instantiate, zerosOf } from '../trace/zeros.js'
import { iotaPrimitive } from './movement.js'
import { everyLane, sharedPrimitive } from './rules.js'
import { newLike } from './strided.js'

/** What happens to indices outside: moved to the edge, or left out (read as 0, write nothing). */
export type Bounds = 'clip' | 'drop'

/** Parameters of `gather`: the leading axes that values and indices share. */
export interface GatherParams {
  readonly batch: number
  readonly mode: Bounds
}

/** Parameters of `scatter`. */
export interface ScatterParams extends GatherParams {
  readonly combine: 'add' | 'set' | 'min' | 'max'
}

/** The parts of a gather's shapes: `x [batch, indexed, rest]`, `indices [batch, points, k]`. */
interface Layout {
  readonly batch: Shape
  readonly indexed: Shape
  readonly points: Shape
  readonly rest: Shape
}

function layout(fn: string, x: Aval, indices: Aval, { batch }: GatherParams): Layout {
  const depth = indices.shape[indices.shape.length - 1]
  const fits =
    indices.dtype === 'int32' &&
    indices.shape.length > batch &&
    batch + depth <= x.shape.length &&
    sameShape(x.shape.slice(0, batch), indices.shape.slice(0, batch))
  if (!fits) {
    throw new AdjointError('shape-mismatch', {
      fn,
      given: `${formatAval(x)} and indices ${formatAval(indices)} with ${batch} batch axes`,
      expected: 'int32 indices [batch, ..., k] for values [batch, d1, ..., dk, ...]',
    })
  }
  return {
    batch: x.shape.slice(0, batch),
    indexed: x.shape.slice(batch, batch + depth),
    points: indices.shape.slice(batch, -1),
    rest: x.shape.slice(batch + depth),
  }
}

function updatesShape({ batch, points, rest }: Layout): Shape {
  return [...batch, ...points, ...rest]
}

/** For each index vector, the offset of its row in x, or -1 when it is dropped. */
function rowOffsets(indices: TypedArray, { batch, indexed, points, rest }: Layout, mode: Bounds): Int32Array {
  const depth = indexed.length
  const width = sizeOf(rest)
  const perBatch = sizeOf(points)
  const strides = stridesOf(indexed)
  const offsets = new Int32Array(sizeOf(batch) * perBatch)
  for (let i = 0; i < offsets.length; i++) {
    let row = perBatch === 0 ? 0 : Math.floor(i / perBatch) * sizeOf(indexed)
    for (let d = 0; d < depth && row >= 0; d++) {
      const index = indices[i * depth + d]
      const inside = Math.min(Math.max(index, 0), indexed[d] - 1)
      row = (mode === 'drop' && inside !== index) || inside < 0 ? -1 : row + inside * strides[d]
    }
    offsets[i] = row < 0 ? -1 : row * width
  }
  return offsets
}

/** `[x, indices]`: the elements, or slices, of x at each index vector. */
export const gatherPrimitive: Primitive<GatherParams> = /* @__PURE__ */ sharedPrimitive<GatherParams>('gather', {
  shape: ([x, indices], params) => [{ shape: updatesShape(layout('gather', x, indices, params)), dtype: x.dtype }],
  fixed: [1],
  back: (ct, [x], params, [indices]) => [
    bind1(scatterPrimitive, [zerosOf(x.aval), indices, ct], { ...params, combine: 'add' }),
    null,
  ],
  vmap: ([x, indices], [batchedX, batchedIndices], size, params) => {
    if (!batchedIndices) return [moveAxis(bind1(gatherPrimitive, [moveAxis(x, 0, -1), indices], params), -1, 0)]
    return bind(gatherPrimitive, [everyLane(x, batchedX, size), indices], { ...params, batch: params.batch + 1 })
  },
  reference: ([x, indices], params, [out]) => {
    const shapes = layout('gather', x, indices, params)
    const width = sizeOf(shapes.rest)
    const data = newLike(x.data, sizeOf(out.shape))
    rowOffsets(indices.data, shapes, params.mode).forEach((from, i) => {
      if (from >= 0) data.set(x.data.subarray(from, from + width), i * width)
    })
    return [data]
  },
})

/** `[x, indices, updates]`: a copy of x with updates combined in; of several `set`s to one place the last stays. */
export const scatterPrimitive: Primitive<ScatterParams> = /* @__PURE__ */ sharedPrimitive<ScatterParams>('scatter', {
  shape: ([x, indices, updates], params) => {
    const expected = updatesShape(layout('scatter', x, indices, params))
    if (updates.dtype !== x.dtype || !sameShape(expected, updates.shape)) {
      throw new AdjointError('shape-mismatch', {
        fn: 'scatter',
        given: `updates ${formatAval(updates)}`,
        expected: formatAval({ shape: expected, dtype: x.dtype }),
      })
    }
    return [typeOf(x)]
  },
  jvp: (primals, tangents, [out], params) => {
    const [dx, , du] = tangents
    if (dx === null && du === null) return [null]
    if (params.combine === 'min' || params.combine === 'max') return [extremeTangent(primals, tangents, out, params)]
    const [x, indices, updates] = primals
    return bind(scatterPrimitive, [instantiate(dx, x), indices, instantiate(du, updates)], params)
  },
  fixed: [1],
  back: (ct, [x, , updates], params, [at]) => {
    const read = bind1(gatherPrimitive, [ct, at], params)
    if (params.combine === 'add') return [x.linear ? ct : null, null, updates.linear ? read : null]
    const kept = bind1(scatterPrimitive, [ct, at, zerosOf(updates.aval)], params)
    return [
      x.linear ? kept : null,
      null,
      updates.linear ? mul(read, lastWriter(x.aval, at, updates.aval, params)) : null,
    ]
  },
  lanes: (params) => ({ ...params, batch: params.batch + 1 }),
  reference: ([x, indices, updates], params) => {
    const shapes = layout('scatter', x, indices, params)
    const width = sizeOf(shapes.rest)
    const data = x.data.slice()
    const combine = COMBINE[params.combine]
    rowOffsets(indices.data, shapes, params.mode).forEach((to, i) => {
      for (let j = 0; to >= 0 && j < width; j++) data[to + j] = combine(data[to + j], updates.data[i * width + j])
    })
    return [data]
  },
})

const COMBINE = {
  add: (a: number, b: number) => a + b,
  set: (_: number, b: number) => b,
  min: (a: number, b: number) => Math.min(a, b),
  max: (a: number, b: number) => Math.max(a, b),
} as const

/** 1 for each update that stayed, 0 for those overwritten by a later one. */
function lastWriter(x: Aval, indices: Tensor, updates: Aval, params: ScatterParams): Tensor {
  const numbers = bind1(iotaPrimitive, [], { shape: [sizeOf(updates.shape)], dtype: 'int32', axis: 0 })
  const order = reshape(numbers, updates.shape)
  const none = broadcastTo(literalTensor(-1, 'int32'), x.shape)
  const written = bind1(scatterPrimitive, [none, indices, order], params)
  const stayed = bind1(gatherPrimitive, [written, indices], params)
  return where(eq(stayed, order), literalTensor(1, updates.dtype), 0)
}

/** The winners of a place share its tangent equally. */
function extremeTangent(
  primals: readonly Tensor[],
  [dx, , du]: readonly MaybeZero[],
  out: Tensor,
  params: ScatterParams,
): Tensor {
  const [x, indices, updates] = primals
  const sum = { ...params, combine: 'add' } as const
  const one = literalTensor(1, out.dtype)
  const winX = where(eq(x, out), one, 0)
  const best = bind1(gatherPrimitive, [out, indices], params)
  const winU = where(eq(updates, best), one, 0)
  const count = bind1(scatterPrimitive, [winX, indices, winU], sum)
  const moved = [mul(instantiate(dx, x), winX), indices, mul(instantiate(du, updates), winU)]
  const total = bind1(scatterPrimitive, moved, sum)
  return div(total, where(eq(count, 0), add(count, 1), count))
}
