// Movement: the same elements in another arrangement. All are linear; each transposes to another movement.

import { beside } from '../backend/current.js'
import { bind, bind1 } from '../bind.js'
import { newArray, type TypedArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { where } from '../functions/elementwise.js'
import { flip, reshape, slice, transpose } from '../functions/movement.js'
import { sum } from '../functions/reductions.js'
import { definePrimitive, type HostArray, type MaybeZero, type Primitive } from '../primitive.js'
import { broadcastStrides, formatAval, formatShape, type Shape, sizeOf, stridesOf } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'
import { instantiate } from '../trace/zeros.js'
import { unbroadcast } from './elementwise.js'

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

/** Elements of a strided window of `data`, row-major in `shape`. */
export function gatherStrided(data: TypedArray, shape: Shape, strides: readonly number[], offset = 0): TypedArray {
  const out = newLike(data, sizeOf(shape))
  visit(shape, strides, offset, (i, at) => {
    out[i] = data[at]
  })
  return out
}

/** Walks `shape` row by row with the offset of each element under `strides`. */
export function visit(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  fn: (i: number, at: number) => void,
): void {
  const size = sizeOf(shape)
  const index = new Array<number>(shape.length).fill(0)
  let at = offset
  for (let i = 0; i < size; i++) {
    fn(i, at)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]
      if (++index[axis] < shape[axis]) break
      at -= strides[axis] * shape[axis]
      index[axis] = 0
    }
  }
}

function newLike(data: TypedArray, size: number): TypedArray {
  return new (data.constructor as new (size: number) => TypedArray)(size)
}

function tangentOf(primitive: () => Primitive<never>) {
  return (_: readonly Tensor[], [dx]: readonly MaybeZero[], __: readonly Tensor[], params: object) => [
    dx === null ? null : bind1(primitive(), [dx], params as never),
  ]
}

/** The same elements, row by row, under another shape: a view. */
export const reshapePrimitive: Primitive<ShapeParams> = /* @__PURE__ */ definePrimitive<ShapeParams>('reshape', {
  shape: ([x], { shape }) => [{ shape, dtype: x.dtype, weak: x.weak }],
  jvp: /* @__PURE__ */ tangentOf(() => reshapePrimitive as never),
  transpose: ([ct], [x]) => [ct === null ? null : reshape(ct, x.aval.shape)],
  vmap: ([x], _, size, { shape }) => [reshape(x, [size, ...shape])],
  view: true,
  reference: ([x]) => [x.data],
})

/** Axes in another order. */
export const transposePrimitive: Primitive<TransposeParams> = /* @__PURE__ */ definePrimitive<TransposeParams>(
  'transpose',
  {
    shape: ([x], { permutation }) => [{ shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype }],
    jvp: /* @__PURE__ */ tangentOf(() => transposePrimitive as never),
    transpose: ([ct], _, { permutation }) => [ct === null ? null : transpose(ct, inverse(permutation))],
    vmap: ([x], _, __, { permutation }) => [transpose(x, [0, ...permutation.map((axis) => axis + 1)])],
    reference: ([x], { permutation }) => {
      const strides = stridesOf(x.shape)
      return [
        gatherStrided(
          x.data,
          permutation.map((a) => x.shape[a]),
          permutation.map((a) => strides[a]),
        ),
      ]
    },
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

/** Repeated along axes of length 1 and new leading axes. */
export const broadcastPrimitive: Primitive<ShapeParams> = /* @__PURE__ */ definePrimitive<ShapeParams>('broadcast', {
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
  jvp: /* @__PURE__ */ tangentOf(() => broadcastPrimitive as never),
  transpose: ([ct], [x]) => [ct === null ? null : unbroadcast(ct, x.aval)],
  vmap: ([x], _, size, { shape }) => {
    const missing = shape.length + 1 - x.ndim
    const aligned = reshape(x, [size, ...new Array<number>(missing).fill(1), ...x.shape.slice(1)])
    return [bind1(broadcastPrimitive, [aligned], { shape: [size, ...shape] })]
  },
  reference: ([x], { shape }) => [gatherStrided(x.data, shape, broadcastStrides(x.shape, shape))],
})

/** A window with steps. */
export const slicePrimitive: Primitive<SliceParams> = /* @__PURE__ */ definePrimitive<SliceParams>('slice', {
  shape: ([x], params) => [{ shape: sliceShape(params), dtype: x.dtype }],
  jvp: /* @__PURE__ */ tangentOf(() => slicePrimitive as never),
  transpose: ([ct], [x], { starts, strides }) => {
    if (ct === null) return [null]
    const interior = strides.map((s) => s - 1)
    const high = x.aval.shape.map(
      (n, i) => n - starts[i] - (ct.shape[i] === 0 ? 0 : (ct.shape[i] - 1) * strides[i] + 1),
    )
    return [bind1(padPrimitive, [ct, literalTensor(0, ct.dtype)], { low: starts, high, interior })]
  },
  vmap: ([x], _, size, { starts, limits, strides }) => [
    bind1(slicePrimitive, [x], { starts: [0, ...starts], limits: [size, ...limits], strides: [1, ...strides] }),
  ],
  reference: ([x], params) => {
    const own = stridesOf(x.shape)
    const offset = params.starts.reduce((sum, start, i) => sum + start * own[i], 0)
    return [
      gatherStrided(
        x.data,
        sliceShape(params),
        own.map((s, i) => s * params.strides[i]),
        offset,
      ),
    ]
  },
})

function sliceShape({ starts, limits, strides }: SliceParams): number[] {
  return starts.map((start, i) => Math.max(0, Math.ceil((limits[i] - start) / strides[i])))
}

/** `[x, value]`: x with `value` around (and between) its elements; widths are not negative. */
export const padPrimitive: Primitive<PadParams> = /* @__PURE__ */ definePrimitive<PadParams>('pad', {
  shape: ([x], params) => [{ shape: padShape(x.shape, params), dtype: x.dtype }],
  jvp: (_, [dx, dv], [out], params) => {
    if (dx === null && dv === null) return [null]
    return [bind1(padPrimitive, [instantiate(dx, _[0]), dv ?? literalTensor(0, out.dtype)], params)]
  },
  transpose: ([ct], [x, value], params) => {
    if (ct === null) return [null, null]
    const inner = unpad(ct, x.aval.shape, params)
    return [x.linear ? inner : null, value.linear ? sum(ct).sub(sum(inner)) : null]
  },
  vmap: ([x, value], [xs, vs], size, { low, high, interior }) => {
    const params = { low: [0, ...low], high: [0, ...high], interior: [0, ...interior] }
    const full = xs ? x : x.broadcastTo([size, ...x.shape])
    if (!vs) return [bind1(padPrimitive, [full, value], params)]
    // A value per lane: pad with zeros, and choose by a padded mask.
    const zero = literalTensor(0, x.dtype)
    const padded = bind1(padPrimitive, [full, zero], params)
    const inside = bind1(
      padPrimitive,
      [literalTensor(1, 'bool').broadcastTo(full.shape), literalTensor(0, 'bool')],
      params,
    )
    const values = reshape(value, [size, ...low.map(() => 1)])
    return [where(inside, padded, values)]
  },
  reference: ([x, value], params, [out]) => {
    const data = newLike(x.data, sizeOf(out.shape)).fill(value.data[0])
    const own = stridesOf(out.shape)
    const offset = params.low.reduce((sum, n, i) => sum + n * own[i], 0)
    visit(
      x.shape,
      own.map((s, i) => s * (params.interior[i] + 1)),
      offset,
      (i, at) => {
        data[at] = x.data[i]
      },
    )
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
export const flipPrimitive: Primitive<FlipParams> = /* @__PURE__ */ definePrimitive<FlipParams>('flip', {
  shape: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  jvp: /* @__PURE__ */ tangentOf(() => flipPrimitive as never),
  transpose: ([ct], _, { axes }) => [ct === null ? null : flip(ct, axes)],
  vmap: ([x], _, __, { axes }) => [
    flip(
      x,
      axes.map((a) => a + 1),
    ),
  ],
  reference: ([x], { axes }) => {
    const own = stridesOf(x.shape)
    const offset = axes.reduce((sum, axis) => sum + own[axis] * Math.max(0, x.shape[axis] - 1), 0)
    return [
      gatherStrided(
        x.data,
        x.shape,
        own.map((s, i) => (axes.includes(i) ? -s : s)),
        offset,
      ),
    ]
  },
})

/** Parameters of `concat`. */
export interface ConcatParams {
  readonly axis: number
}

/** Operands one after the other along an axis. */
export const concatPrimitive: Primitive<ConcatParams> = /* @__PURE__ */ definePrimitive<ConcatParams>('concat', {
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
  jvp: (primals, tangents, _, params) => {
    if (tangents.every((t) => t === null)) return [null]
    return [
      bind1(
        concatPrimitive,
        tangents.map((t, i) => instantiate(t, primals[i])),
        params,
      ),
    ]
  },
  transpose: ([ct], inputs, { axis }) => {
    let start = 0
    return inputs.map((x) => {
      const from = start
      start += x.aval.shape[axis]
      return ct === null || !x.linear
        ? null
        : slice(ct, ...ct.shape.map((n, i) => (i === axis ? ([from, start] as const) : ([0, n] as const))))
    })
  },
  vmap: (inputs, batched, size, { axis }) =>
    bind(
      concatPrimitive,
      inputs.map((x, i) => (batched[i] ? x : x.broadcastTo([size, ...x.shape]))),
      { axis: axis + 1 },
    ),
  reference: (inputs, { axis }, [out]) => {
    const data = newLike(inputs[0].data, sizeOf(out.shape))
    const inner = sizeOf(out.shape.slice(axis + 1))
    const row = out.shape[axis] * inner
    let column = 0
    for (const x of inputs) {
      copyColumns(data, row, column, x, axis, inner)
      column += x.shape[axis] * inner
    }
    return [data]
  },
})

function copyColumns(data: TypedArray, row: number, column: number, x: HostArray, axis: number, inner: number): void {
  const width = x.shape[axis] * inner
  if (width === 0) return
  for (let r = 0; r * width < x.data.length; r++)
    data.set(x.data.subarray(r * width, (r + 1) * width), r * row + column)
}

/** Parameters of `iota`. */
export interface IotaParams {
  readonly shape: Shape
  readonly dtype: 'float32' | 'float64' | 'int32' | 'uint32'
  readonly axis: number
}

/** Each element is its own index along `axis`. */
export const iotaPrimitive: Primitive<IotaParams> = /* @__PURE__ */ definePrimitive<IotaParams>('iota', {
  shape: (_, { shape, dtype }) => [{ shape, dtype }],
  jvp: () => [null],
  vmap: (inputs, _, __, params) => bind(iotaPrimitive, inputs, params),
  reference: (_, { shape, dtype, axis }) => {
    const data = newArray(dtype === 'float32' ? 'float64' : dtype, sizeOf(shape))
    const inner = sizeOf(shape.slice(axis + 1))
    for (let i = 0; i < data.length; i++) data[i] = Math.floor(i / inner) % shape[axis]
    return [data]
  },
})

/** Indices along an axis, on the backend of another tensor. */
export function iotaBeside(x: Tensor, params: IotaParams): Tensor {
  return beside([x], () => bind1(iotaPrimitive, [], params))
}
