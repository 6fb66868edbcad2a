// Indexing with numbers, ranges and integer tensors; and the pure updates `at(x, i).set(v)`.

import { beside } from '../backend/current.js'
import { bind1 } from '../bind.js'
import { dynamicSlicePrimitive, dynamicUpdatePrimitive } from '../primitives/dynamic.js'
import { type Bounds, gatherPrimitive, type ScatterParams, scatterPrimitive } from '../primitives/gather.js'
import { inverse, iotaBeside } from '../primitives/movement.js'
import { broadcastShapes, normalizeAxis, otherAxes, requireDType, type Shape } from '../shape.js'
import { composed } from '../temporaries.js'
import { isTensor, literalTensor, type Tensor, type TensorLike } from '../tensor.js'
import { add, cast, eq, lt, sub, where } from './elementwise.js'
import {
  broadcastTo,
  checkIndexCount,
  expandDims,
  moveAxis,
  type Range,
  reshape,
  slice,
  stack,
  transpose,
} from './movement.js'
import { operands } from './operands.js'

/** One index per axis: a number, a range, `null` for all, or an int32 tensor. Tensors broadcast together. */
export type Index = Range | Tensor

/**
 * Elements or slices by integer tensor, along one axis. Indices outside are moved to the edge.
 *
 * @param indices - int32, any shape; it replaces the axis
 * @throws AdjointError `dtype-mismatch` for other indices; `axis-out-of-range`
 * @example
 * take(tensor([10, 20, 30]), tensor([2, 0], { dtype: 'int32' }))   // [30, 10]
 */
export function take(x: Tensor, indices: Tensor, axis = 0, mode: Bounds = 'clip'): Tensor {
  return composed([x, indices], () => {
    const along = normalizeAxis('take', axis, x.ndim)
    const front = moveAxis(x, along, 0)
    const out = bind1(gatherPrimitive, [front, expandDims(integers('take', indices), -1)], { batch: 0, mode })
    const order = Array.from({ length: out.ndim }, (_, i) => i)
    const moved = order.splice(0, indices.ndim)
    order.splice(along, 0, ...moved)
    return transpose(out, order)
  })
}

/**
 * For each place, the element of its lane that `indices` names. `x` and `indices` agree but for the axis.
 *
 * @throws AdjointError `shape-mismatch` when other axes differ
 * @example
 * takeAlongAxis(tensor([[1, 2], [3, 4]]), tensor([[1], [0]], { dtype: 'int32' }), 1)   // [[2], [3]]
 */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis: number): Tensor {
  return composed([x, indices], () => {
    const along = normalizeAxis('takeAlongAxis', axis, x.ndim)
    const lanes = moveAxis(x, along, -1)
    const at = moveAxis(integers('takeAlongAxis', indices), along, -1)
    const out = bind1(gatherPrimitive, [lanes, expandDims(at, -1)], { batch: x.ndim - 1, mode: 'clip' })
    return moveAxis(out, -1, along)
  })
}

const MASKS = "Cast indices: indices.cast('int32'); for bool masks use where() or await nonzero()"

function integers(fn: string, indices: Tensor): Tensor {
  requireDType(fn, indices, ['int32', 'uint32'], MASKS)
  return cast(indices, 'int32')
}

/**
 * A window whose start is a tensor, moved so that it fits.
 *
 * @param start - int32 `[ndim]`, or one scalar per axis
 * @param sizes - the window's shape
 * @throws AdjointError `shape-mismatch` when the window is larger than the tensor
 * @example
 * dynamicSlice(arange(5), [3], [3])   // [2, 3, 4]
 */
export function dynamicSlice(x: Tensor, start: Tensor | readonly TensorLike[], sizes: Shape): Tensor {
  const operands = [x, ...(isTensor(start) ? [start] : start)]
  return composed(operands, () => bind1(dynamicSlicePrimitive, [x, startTensor(x, start)], { sizes }))
}

/**
 * A copy with the window at `start` replaced; the start is moved so that it fits.
 *
 * @throws AdjointError `shape-mismatch` when the update is larger than the tensor
 * @example
 * dynamicUpdate(zeros([4]), ones([2]), [1])   // [0, 1, 1, 0]
 */
export function dynamicUpdate(x: Tensor, update: TensorLike, start: Tensor | readonly TensorLike[]): Tensor {
  const [into, window] = operands('dynamicUpdate', [x, update])
  return composed([into, window, ...(isTensor(start) ? [start] : start)], () =>
    bind1(dynamicUpdatePrimitive, [into, window, startTensor(into, start)]),
  )
}

function startTensor(x: Tensor, start: Tensor | readonly TensorLike[]): Tensor {
  if (isTensor(start)) return start
  const scalars = start.map((s) => (typeof s === 'number' ? literalTensor(s, 'int32') : s))
  return beside([x], () => (scalars.length === 0 ? broadcastTo(literalTensor(0, 'int32'), [0]) : stack(scalars)))
}

/**
 * 1 at each label, 0 elsewhere. `[...]` -> `[..., n]`; labels outside give zeros.
 *
 * @example
 * oneHot(tensor([1, 0], { dtype: 'int32' }), 3)   // [[0, 1, 0], [1, 0, 0]]
 */
export function oneHot(labels: Tensor, n: number, dtype: 'float32' | 'float64' | 'int32' = 'float32'): Tensor {
  return composed([labels], () => {
    const classes = iotaBeside(labels, { shape: [n], dtype: 'int32', axis: 0 })
    return cast(eq(expandDims(integers('oneHot', labels), -1), classes), dtype)
  })
}

/** Places in a tensor, to read or to replace in a copy. Made by `at`. */
export interface At {
  /** The elements. Tensor indices outside are moved to the edge, or read 0 under `'drop'`. */
  get(mode?: Bounds): Tensor
  /** A copy with the elements replaced; tensor indices outside are dropped. */
  set(values: TensorLike): Tensor
  /** A copy with `values` added; an index named twice counts twice. */
  add(values: TensorLike): Tensor
  /** A copy with the lesser of the elements and `values`. */
  min(values: TensorLike): Tensor
  /** A copy with the greater of the elements and `values`. */
  max(values: TensorLike): Tensor
}

/**
 * Elements by index, NumPy style, to read (`get`) or to replace in a copy (`set`, `add`, `min`, `max`).
 *
 * @param indices - one per leading axis: a number, a range, `null` for all, or an int32 tensor; tensors broadcast together,
 * and their axes come first in the result
 * @throws AdjointError `index-out-of-range` for a number outside; `invalid-argument` for too many; `dtype-mismatch` for other tensors
 * @example
 * const x = tensor([[1, 2], [3, 4]])
 * at(x, 0, 1).get()   // 2
 * at(x, tensor([0, 0], { dtype: 'int32' })).add(1)   // [[3, 4], [3, 4]]
 */
export function at(x: Tensor, ...indices: readonly Index[]): At {
  checkIndexCount('at', indices, x)
  const axes = otherAxes([], x.ndim)
  const byTensor = axes.filter((i) => isTensor(indices[i]))
  const tensors = byTensor.map((i) => integers('at', indices[i] as Tensor))
  const order = [...byTensor, ...otherAxes(byTensor, x.ndim)]
  const ranges = order.slice(byTensor.length).map((i) => (indices[i] ?? null) as Range)
  const points = () => pointsOf(tensors.map((t, i) => wrapped(t, x.shape[byTensor[i]])))

  const select = (from: Tensor, mode: Bounds): Tensor => {
    if (tensors.length === 0) return slice(from, ...ranges)
    const rows = bind1(gatherPrimitive, [transpose(from, order), points()], { batch: 0, mode })
    return slice(rows, ...new Array<null>(rows.ndim - ranges.length).fill(null), ...ranges)
  }
  /** Whole rows go to where the tensors point. */
  const scatterRows = (into: Tensor, given: Tensor, how: ScatterParams['combine']): Tensor => {
    const [front, places] = [transpose(into, order), points()]
    const updates = broadcastTo(given, [...places.shape.slice(0, -1), ...front.shape.slice(byTensor.length)])
    const out = bind1(scatterPrimitive, [front, places, updates], { batch: 0, mode: 'drop', combine: how })
    return transpose(out, inverse(order))
  }
  /** Elements are numbered from 1, and the numbers selected as the elements would be; 0 is none of them. */
  const scatterElements = (into: Tensor, given: Tensor, how: ScatterParams['combine']): Tensor => {
    const from1 = reshape(add(iotaBeside(into, { shape: [x.size], dtype: 'int32', axis: 0 }), 1), x.shape)
    const places = sub(select(from1, 'drop'), 1)
    const updates = broadcastTo(given, places.shape)
    const flat = [reshape(into, [x.size]), reshape(places, [places.size, 1]), reshape(updates, [places.size])]
    return reshape(bind1(scatterPrimitive, flat, { batch: 0, mode: 'drop', combine: how }), x.shape)
  }
  const combine = (how: ScatterParams['combine']) => (values: TensorLike) => {
    const [into, given] = operands(`at().${how}`, [x, values])
    const scatter = tensors.length > 0 && ranges.every((range) => range === null) ? scatterRows : scatterElements
    return composed([into, given, ...tensors], () => beside([into], () => scatter(into, given, how)))
  }
  return {
    get: (mode = 'clip') => composed([x, ...tensors], () => select(x, mode)),
    set: combine('set'),
    add: combine('add'),
    min: combine('min'),
    max: combine('max'),
  }
}

/** Index vectors `[..., k]` from k tensors that broadcast together. */
function pointsOf(tensors: readonly Tensor[]): Tensor {
  const shape = broadcastShapes(
    'at',
    tensors.map((t) => t.shape),
  )
  return stack(
    tensors.map((t) => broadcastTo(t, shape)),
    -1,
  )
}

/** Negative indices count from the end. */
function wrapped(indices: Tensor, length: number): Tensor {
  return where(lt(indices, 0), add(indices, length), indices)
}
