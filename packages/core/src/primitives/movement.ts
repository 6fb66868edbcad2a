// Movement: the same elements in another arrangement. All are linear; each transposes to another movement.

import { beside } from '../backend/current.js'
import { bind1 } from '../bind.js'
import { wideArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { where } from '../functions/elementwise.js'
import { flip, reshape, slice, transpose } from '../functions/movement.js'
import { sum } from '../functions/reductions.js'
import type { Primitive } from '../primitive.js'
import { broadcastStrides, formatAval, formatShape, pick, type Shape, sizeOf, stridesOf, typeOf } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'
import { unbroadcast } from './elementwise.js'
import { everyLane, sharedPrimitive } from './rules.js'
import { gatherStrided, newLike, offsetOf, permuted, visit } from './strided.js'

/** Parameters of `reshape` and `broadcast`. */
export interface ShapeParams {
  readonly shape: Shape
}

/** Parameters of `transpose`. */
export interface TransposeParams {
  readonly permutation: readonly number[]
}

/** Parameters of `slice`: one entry per axis, strides positive. */
export interface SliceParams {
  readonly starts: readonly number[]
  readonly limits: readonly number[]
  readonly strides: readonly number[]
}

/** Parameters of `pad`: elements before, after and between, per axis. */
export interface PadParams {
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly interior: readonly number[]
}

/** The same elements, row by row, under another shape: a view. */
export const reshapePrimitive: Primitive<ShapeParams> = /* @__PURE__ */ sharedPrimitive<ShapeParams>('reshape', {
  shape: ([x], { shape }) => [{ shape, dtype: x.dtype, weak: x.weak }],
  back: (ct, [x]) => [reshape(ct, x.aval.shape)],
  lanes: ({ shape }, size) => ({ shape: [size, ...shape] }),
  view: true,
  reference: ([x]) => [x.data],
})

/** Axes in another order. */
export const transposePrimitive: Primitive<TransposeParams> = /* @__PURE__ */ sharedPrimitive<TransposeParams>(
  'transpose',
  {
    shape: ([x], { permutation }) => [{ shape: pick(x.shape, permutation), dtype: x.dtype }],
    back: (ct, _, { permutation }) => [transpose(ct, inverse(permutation))],
    lanes: ({ permutation }) => ({ permutation: [0, ...shifted(permutation)] }),
    reference: ([x], { permutation }) => [permuted(x, permutation)],
  },
)

/** The permutation that undoes another. */
export function inverse(permutation: readonly number[]): number[] {
  const out = new Array<number>(permutation.length)
  permutation.forEach((axis, i) => {
    out[axis] = i
  })
  return out
}

/** Axes behind a new axis 0. */
export function shifted(axes: readonly number[]): number[] {
  return axes.map((axis) => axis + 1)
}

/** Repeated along axes of length 1 and new leading axes. */
export const broadcastPrimitive: Primitive<ShapeParams> = /* @__PURE__ */ sharedPrimitive<ShapeParams>('broadcast', {
  shape: ([x], { shape }) => {
    const lead = shape.length - x.shape.length
    if (lead < 0 || x.shape.some((n, i) => n !== 1 && n !== shape[lead + i])) {
      throw new AdjointError('shape-mismatch', {
        fn: 'broadcastTo',
        given: `${formatAval(x)} to ${formatShape(shape)}`,
        expected: 'axes that are equal, or 1, from the right',
      })
    }
    return [{ shape, dtype: x.dtype, weak: x.weak }]
  },
  back: (ct, [x]) => [unbroadcast(ct, x.aval)],
  vmap: ([x], _, size, { shape }) => {
    const missing = shape.length + 1 - x.ndim
    const aligned = reshape(x, [size, ...new Array<number>(missing).fill(1), ...x.shape.slice(1)])
    return [bind1(broadcastPrimitive, [aligned], { shape: [size, ...shape] })]
  },
  reference: ([x], { shape }) => [gatherStrided(x.data, shape, broadcastStrides(x.shape, shape))],
})

/** A window with steps. */
export const slicePrimitive: Primitive<SliceParams> = /* @__PURE__ */ sharedPrimitive<SliceParams>('slice', {
  shape: ([x], params) => [{ shape: sliceShape(params), dtype: x.dtype }],
  back: (ct, [x], { starts, strides }) => {
    const interior = strides.map((s) => s - 1)
    const covered = ct.shape.map((n, i) => (n === 0 ? 0 : (n - 1) * strides[i] + 1))
    const high = x.aval.shape.map((n, i) => n - starts[i] - covered[i])
    return [bind1(padPrimitive, [ct, literalTensor(0, ct.dtype)], { low: starts, high, interior })]
  },
  lanes: ({ starts, limits, strides }, size) => ({
    starts: [0, ...starts],
    limits: [size, ...limits],
    strides: [1, ...strides],
  }),
  reference: ([x], params) => {
    const own = stridesOf(x.shape)
    const steps = own.map((s, i) => s * params.strides[i])
    return [gatherStrided(x.data, sliceShape(params), steps, offsetOf(params.starts, own))]
  },
})

function sliceShape({ starts, limits, strides }: SliceParams): number[] {
  return starts.map((start, i) => Math.max(0, Math.ceil((limits[i] - start) / strides[i])))
}

/** `[x, value]`: x with `value` around (and between) its elements; widths are not negative. */
export const padPrimitive: Primitive<PadParams> = /* @__PURE__ */ sharedPrimitive<PadParams>('pad', {
  shape: ([x], params) => [{ shape: padShape(x.shape, params), dtype: x.dtype }],
  back: (ct, [x, value], params) => {
    const inner = unpad(ct, x.aval.shape, params)
    return [x.linear ? inner : null, value.linear ? sum(ct).sub(sum(inner)) : null]
  },
  vmap: ([x, value], [xs, vs], size, { low, high, interior }) => {
    const params = { low: [0, ...low], high: [0, ...high], interior: [0, ...interior] }
    const full = everyLane(x, xs, size)
    if (!vs) return [bind1(padPrimitive, [full, value], params)]
    // A value per lane: pad with zeros, and choose by a padded mask.
    const padded = bind1(padPrimitive, [full, literalTensor(0, x.dtype)], params)
    const mask = literalTensor(1, 'bool').broadcastTo(full.shape)
    const inside = bind1(padPrimitive, [mask, literalTensor(0, 'bool')], params)
    return [where(inside, padded, reshape(value, [size, ...low.map(() => 1)]))]
  },
  reference: ([x, value], { low, interior }, [out]) => {
    const data = newLike(x.data, sizeOf(out.shape)).fill(value.data[0])
    const own = stridesOf(out.shape)
    const steps = own.map((s, i) => s * (interior[i] + 1))
    visit(x.shape, steps, offsetOf(low, own), (i, at) => {
      data[at] = x.data[i]
    })
    return [data]
  },
})

function padShape(shape: Shape, { low, high, interior }: PadParams): number[] {
  return shape.map((n, i) => low[i] + high[i] + n + Math.max(0, n - 1) * interior[i])
}

function unpad(ct: Tensor, shape: Shape, { low, interior }: PadParams): Tensor {
  const strides = interior.map((n) => n + 1)
  const limits = shape.map((n, i) => (n === 0 ? low[i] : low[i] + (n - 1) * strides[i] + 1))
  return bind1(slicePrimitive, [ct], { starts: low, limits, strides })
}

/** Parameters of `flip`. */
export interface FlipParams {
  readonly axes: readonly number[]
}

/** Reversed along axes. */
export const flipPrimitive: Primitive<FlipParams> = /* @__PURE__ */ sharedPrimitive<FlipParams>('flip', {
  shape: ([x]) => [typeOf(x)],
  back: (ct, _, { axes }) => [flip(ct, axes)],
  lanes: ({ axes }) => ({ axes: shifted(axes) }),
  reference: ([x], { axes }) => {
    const own = stridesOf(x.shape)
    const last = x.shape.map((n, i) => (axes.includes(i) ? Math.max(0, n - 1) : 0))
    const steps = own.map((s, i) => (axes.includes(i) ? -s : s))
    return [gatherStrided(x.data, x.shape, steps, offsetOf(last, own))]
  },
})

/** Parameters of `concat`. */
export interface ConcatParams {
  readonly axis: number
}

/** Operands one after the other along an axis. */
export const concatPrimitive: Primitive<ConcatParams> = /* @__PURE__ */ sharedPrimitive<ConcatParams>('concat', {
  shape: (inputs, { axis }) => {
    const [first] = inputs
    const fits = inputs.every(
      ({ shape, dtype }) =>
        dtype === first.dtype &&
        shape.length === first.shape.length &&
        shape.every((n, i) => i === axis || n === first.shape[i]),
    )
    if (!fits) {
      throw new AdjointError('shape-mismatch', {
        fn: 'concat',
        given: `${inputs.map(formatAval).join(', ')} along axis ${axis}`,
        expected: 'one dtype, and equal shapes but for that axis',
      })
    }
    const length = inputs.reduce((n, x) => n + x.shape[axis], 0)
    return [{ shape: first.shape.map((n, i) => (i === axis ? length : n)), dtype: first.dtype }]
  },
  back: (ct, inputs, { axis }) => {
    let start = 0
    return inputs.map((x) => {
      const part = [start, start + x.aval.shape[axis]] as const
      start = part[1]
      return x.linear ? slice(ct, ...ct.shape.map((_, i) => (i === axis ? part : null))) : null
    })
  },
  lanes: ({ axis }) => ({ axis: axis + 1 }),
  reference: (inputs, { axis }, [out]) => {
    const data = newLike(inputs[0].data, sizeOf(out.shape))
    const inner = sizeOf(out.shape.slice(axis + 1))
    const row = out.shape[axis] * inner
    let column = 0
    for (const x of inputs) {
      const width = x.shape[axis] * inner
      for (let r = 0; r * width < x.data.length; r++)
        data.set(x.data.subarray(r * width, (r + 1) * width), r * row + column)
      column += width
    }
    return [data]
  },
})

/** Parameters of `iota`. */
export interface IotaParams {
  readonly shape: Shape
  readonly dtype: 'float32' | 'float64' | 'int32' | 'uint32'
  readonly axis: number
}

/** Each element is its own index along `axis`. */
export const iotaPrimitive: Primitive<IotaParams> = /* @__PURE__ */ sharedPrimitive<IotaParams>('iota', {
  shape: (_, { shape, dtype }) => [{ shape, dtype }],
  jvp: () => [null],
  lanes: (params) => params,
  reference: (_, { shape, dtype, axis }) => {
    const data = wideArray(dtype, sizeOf(shape))
    const inner = sizeOf(shape.slice(axis + 1))
    for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / inner) % shape[axis]
    return [data]
  },
})

/** Indices along an axis, on the backend of another tensor. */
export function iotaBeside(x: Tensor, params: IotaParams): Tensor {
  return beside([x], () => bind1(iotaPrimitive, [], params))
}
