// Indexing by tensors: index vectors become rows of a matrix on the device, so that nothing is read on the way.

import type { KernelCall, Shape } from '@adjoint/core'
import * as primitives from '@adjoint/core/primitives'
import type { TfjsInfo, TfjsKernel, TfjsOps } from '../api.js'
import { sizeOf } from '../device.js'
import {
  binary,
  broadcast,
  cast,
  clamp,
  countable,
  fill,
  range,
  reshape,
  scalar,
  select,
  slice,
  takeRows,
} from './ops.js'
import { type Entry, entry } from './table.js'

/** The values as a matrix of rows, and the row of each index vector. */
interface Rows {
  readonly count: number
  readonly width: number
  readonly points: number
  /** int32 `[points]`, inside. */
  readonly at: TfjsInfo
  /** bool `[points]`: whether the index was inside before it was moved; absent where that does not matter. */
  readonly inside: TfjsInfo | undefined
}

function rowsOf(ops: TfjsOps, shape: Shape, indices: TfjsInfo, { batch, mode }: primitives.GatherParams): Rows {
  const depth = indices.shape[indices.shape.length - 1]
  const lanes = sizeOf(shape.slice(0, batch))
  const indexed = shape.slice(batch, batch + depth)
  const points = sizeOf(indices.shape.slice(0, -1))
  const flat = reshape(ops, indices, [points, depth])
  const [at, inside] = depth === 0 ? [fill(ops, [points], 0, 'int32')] : placed(ops, flat, indexed, mode === 'drop')
  return {
    count: lanes * sizeOf(indexed),
    width: sizeOf(shape.slice(batch + depth)),
    points,
    at: batch === 0 ? at : binary(ops, 'Add', at, laneStarts(ops, lanes, points, sizeOf(indexed))),
    inside,
  }
}

function placed(ops: TfjsOps, flat: TfjsInfo, indexed: Shape, drop: boolean): [TfjsInfo, TfjsInfo?] {
  const [points, depth] = flat.shape
  const last = ops.constant(
    indexed.map((n) => n - 1),
    [1, depth],
    'int32',
  )
  const near = clamp(ops, flat, last)
  const steps = ops.constant(
    indexed.map((_, i) => sizeOf(indexed.slice(i + 1))),
    [1, depth],
    'int32',
  )
  const at =
    depth === 1
      ? reshape(ops, near, [points])
      : ops.run('Sum', { x: binary(ops, 'Multiply', near, steps) }, { axis: [1], keepDims: false })
  if (!drop) return [at]
  const same = cast(ops, binary(ops, 'Equal', flat, near), 'int32')
  return [at, cast(ops, ops.run('Min', { x: same }, { axis: [1], keepDims: false }), 'bool')]
}

function laneStarts(ops: TfjsOps, lanes: number, points: number, rows: number): TfjsInfo {
  const starts = binary(ops, 'Multiply', range(ops, lanes), scalar(ops, rows, 'int32'))
  return reshape(ops, broadcast(ops, reshape(ops, starts, [lanes, 1]), [lanes, points / lanes]), [points])
}

const gather: TfjsKernel<primitives.GatherParams> = (ops, [x, indices], { params, outputs: [{ shape, dtype }] }) => {
  if (sizeOf(x.shape) === 0) return fill(ops, shape, 0, dtype as TfjsInfo['dtype'])
  const { count, width, points, at, inside } = rowsOf(ops, x.shape, indices, params)
  const taken = takeRows(ops, reshape(ops, countable(ops, x), [count, width]), at, 0)
  if (inside === undefined) return cast(ops, taken, x.dtype)
  const kept = reshape(ops, inside, [points, 1])
  return cast(ops, select(ops, [points, width], kept, taken, scalar(ops, 0, taken.dtype)), x.dtype)
}

/** Dropped updates go to one row more, which is cut off again. */
const scatter: TfjsKernel<primitives.ScatterParams> = (ops, [x, indices, updates], { params }) => {
  if (sizeOf(updates.shape) === 0) return x
  const { count, width, points, at, inside } = rowsOf(ops, x.shape, indices, params)
  const target = inside === undefined ? at : select(ops, [points], inside, at, scalar(ops, count, 'int32'))
  const rows = reshape(ops, target, [points, 1])
  const values = reshape(ops, countable(ops, updates), [points, width])
  const base = reshape(ops, countable(ops, x), [count, width])
  const cut = (t: TfjsInfo) => slice(ops, t, [0, 0], [count, width])
  if (params.combine === 'add') {
    const sums = ops.run('ScatterNd', { indices: rows, updates: values }, { shape: [count + 1, width] })
    return binary(ops, 'Add', base, cut(sums))
  }
  const longer = ops.run('Concat', [base, fill(ops, [1, width], 0, base.dtype)] as never, { axis: 0 })
  const written = ops.run('TensorScatterUpdate', { tensor: longer, indices: rows, updates: values })
  return cast(ops, cut(written), x.dtype)
}

/** Where a window starts along an axis, moved so that it fits: int32 `[1]`. */
function startOf(ops: TfjsOps, start: TfjsInfo, axis: number, length: number, size: number): TfjsInfo {
  return clamp(ops, slice(ops, start, [axis], [1]), scalar(ops, length - size, 'int32'))
}

const dynamicSlice: TfjsKernel<primitives.WindowParams> = (ops, [x, start], { params: { sizes } }) => {
  let out = countable(ops, x)
  sizes.forEach((size, axis) => {
    const length = x.shape[axis]
    if (size === length) return
    const at = binary(ops, 'Add', range(ops, size), startOf(ops, start, axis, length, size))
    out = takeRows(ops, out, at, axis)
  })
  return cast(ops, out, x.dtype)
}

/** Each place of x knows which element of the update it would take, and whether it lies in the window. */
const dynamicUpdate: TfjsKernel = (ops, [x, update, start]) => {
  if (sizeOf(update.shape) === 0) return x
  const { shape } = x
  let [spread, inside] = [countable(ops, update), undefined as TfjsInfo | undefined]
  shape.forEach((length, axis) => {
    const size = update.shape[axis]
    if (size === length) return
    const place = binary(ops, 'Sub', range(ops, length), startOf(ops, start, axis, length, size))
    const near = clamp(ops, place, scalar(ops, size - 1, 'int32'))
    spread = takeRows(ops, spread, near, axis)
    const along = shape.map((_, i) => (i === axis ? length : 1))
    const here = reshape(ops, binary(ops, 'Equal', place, near), along)
    inside = inside === undefined ? here : binary(ops, 'LogicalAnd', inside, here)
  })
  if (inside === undefined) return update
  return cast(ops, select(ops, shape, inside, spread, countable(ops, x)), x.dtype)
}

/** On GPUs the last of several updates to one place need not stay; the least and greatest have no kernel anywhere. */
function combines({ params }: KernelCall<primitives.ScatterParams>, device: string): boolean {
  return params.combine === 'add' || (params.combine === 'set' && !device.startsWith('webg'))
}

/** The indexing kernels; what they do not serve goes to the host. */
export function indexingKernels(): Entry[] {
  return [
    entry(primitives.gatherPrimitive, gather),
    entry(primitives.scatterPrimitive, scatter, combines),
    entry(primitives.dynamicSlicePrimitive, dynamicSlice),
    entry(primitives.dynamicUpdatePrimitive, dynamicUpdate),
  ]
}
