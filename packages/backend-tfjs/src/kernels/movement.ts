// Movement: elements in another arrangement.

import * as primitives from '@adjoint/core/primitives'
import type { TfjsInfo, TfjsKernel, TfjsOps } from '../api.js'
import { sizeOf } from '../device.js'
import { broadcast, cast, countable, fill, range, reshape, select, slice, takeRows, transpose } from './ops.js'
import { type Entry, entry } from './table.js'

const sliced: TfjsKernel<primitives.SliceParams> = (ops, [x], { params, outputs: [{ shape }] }) => {
  const { starts, limits, strides } = params
  if (strides.every((s) => s === 1)) return slice(ops, x, starts, shape)
  // The wasm kernel of StridedSlice calls everything float32.
  if (ops.device === 'wasm' && x.dtype !== 'float32') return pickedByIndex(ops, x, shape, params)
  const whole = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 }
  return ops.run('StridedSlice', { x }, { begin: starts, end: limits, strides, ...whole })
}

function pickedByIndex(
  ops: TfjsOps,
  x: TfjsInfo,
  shape: readonly number[],
  { starts, strides }: primitives.SliceParams,
): TfjsInfo {
  return shape.reduce((out, n, axis) => {
    const places = Array.from({ length: n }, (_, i) => starts[axis] + i * strides[axis])
    return takeRows(ops, out, ops.constant(places, [n], 'int32'), axis)
  }, x)
}

/** tfjs pads with a number known in advance; ours is a tensor, put where a padded mask says that nothing else is. */
const padded: TfjsKernel<primitives.PadParams> = (ops, [x, value], { params, outputs: [{ shape }] }) => {
  if (shape.length === 0) return x
  if (sizeOf(x.shape) === 0) return broadcast(ops, value, shape)
  const inside = surround(ops, fill(ops, x.shape, 1, 'int32'), params)
  return select(ops, shape, cast(ops, inside, 'bool'), surround(ops, x, params), value)
}

function surround(ops: TfjsOps, x: TfjsInfo, { low, high, interior }: primitives.PadParams): TfjsInfo {
  const dtype = x.dtype
  let out = countable(ops, x)
  for (let axis = 0; axis < interior.length; axis++) {
    const n = out.shape[axis]
    if (interior[axis] === 0 || n < 2) continue
    const step = interior[axis] + 1
    const lead = sizeOf(out.shape.slice(0, axis))
    const rest = sizeOf(out.shape.slice(axis + 1))
    const spread = pad(ops, reshape(ops, out, [lead * n, 1, rest]), [0, 0, 0], [0, interior[axis], 0])
    const cut = slice(ops, reshape(ops, spread, [lead, n * step, rest]), [0, 0, 0], [lead, (n - 1) * step + 1, rest])
    out = reshape(
      ops,
      cut,
      out.shape.map((size, i) => (i === axis ? (n - 1) * step + 1 : size)),
    )
  }
  return cast(ops, pad(ops, out, low, high), dtype)
}

function pad(ops: TfjsOps, x: TfjsInfo, low: readonly number[], high: readonly number[]): TfjsInfo {
  if ([...low, ...high].every((n) => n === 0)) return x
  return ops.run('PadV2', { x }, { paddings: low.map((n, i) => [n, high[i]]), constantValue: 0 })
}

const flipped: TfjsKernel<primitives.FlipParams> = (ops, [x], { params: { axes } }) =>
  axes.length === 0 ? x : cast(ops, ops.run('Reverse', { x: countable(ops, x) }, { dims: axes }), x.dtype)

const joined: TfjsKernel<primitives.ConcatParams> = (ops, inputs, { params: { axis } }) => {
  const parts = inputs.filter((x) => sizeOf(x.shape) > 0)
  return parts.length === 1 ? parts[0] : ops.run('Concat', parts as never, { axis })
}

const iota: TfjsKernel<primitives.IotaParams> = (ops, _, { params: { shape, dtype, axis } }) => {
  const along = cast(ops, range(ops, shape[axis]), dtype as TfjsInfo['dtype'])
  return broadcast(ops, reshape(ops, along, [shape[axis], ...shape.slice(axis + 1).map(() => 1)]), shape)
}

/** The movement kernels. */
export function movementKernels(): Entry[] {
  return [
    entry(primitives.transposePrimitive, (ops, [x], { params }) => transpose(ops, x, params.permutation)),
    entry(primitives.broadcastPrimitive, (ops, [x], { outputs: [{ shape }] }) => broadcast(ops, x, shape)),
    entry(primitives.slicePrimitive, sliced),
    entry(primitives.padPrimitive, padded),
    entry(primitives.flipPrimitive, flipped),
    entry(primitives.concatPrimitive, joined),
    entry(primitives.iotaPrimitive, iota),
  ]
}
