// Movement: transpose, broadcast, slice, flip, pad, concat and dynamic windows, each a strided copy.

import type { CpuKernelFactory, Shape } from '@adjoint/core'
import { broadcastStrides, sizeOf, stridesOf } from '@adjoint/core/codegen'
import { strided } from '../loops/copy.js'

/** Axis `i` of the output is axis `permutation[i]` of the input. */
export const transpose: CpuKernelFactory<{ readonly permutation: readonly number[] }> = (
  api,
  { inputs, outputs, params },
) => {
  const [{ shape, dtype }] = outputs
  const own = stridesOf(inputs[0].shape)
  const copy = strided(
    api,
    dtype,
    shape,
    params.permutation.map((i) => own[i]),
    stridesOf(shape),
  )
  return ([x], [out]) => copy(x, out, 0, 0)
}

/** NumPy's broadcast to a shape. */
export const broadcast: CpuKernelFactory<object> = (api, { inputs, outputs }) => {
  const [{ shape, dtype }] = outputs
  const copy = strided(api, dtype, shape, broadcastStrides(inputs[0].shape, shape), stridesOf(shape))
  return ([x], [out]) => copy(x, out, 0, 0)
}

/** Every `strides[i]`-th element from `starts[i]` up to `limits[i]`. */
export const slice: CpuKernelFactory<{ readonly starts: readonly number[]; readonly strides: readonly number[] }> = (
  api,
  { inputs, outputs, params: { starts, strides } },
) => {
  const [{ shape, dtype }] = outputs
  const own = stridesOf(inputs[0].shape)
  const copy = strided(
    api,
    dtype,
    shape,
    own.map((s, i) => s * strides[i]),
    stridesOf(shape),
  )
  const start = dot(starts, own)
  return ([x], [out]) => copy(x, out, start, 0)
}

/** Some axes backwards. */
export const flip: CpuKernelFactory<{ readonly axes: readonly number[] }> = (api, { outputs, params: { axes } }) => {
  const [{ shape, dtype }] = outputs
  const own = stridesOf(shape)
  const copy = strided(
    api,
    dtype,
    shape,
    own.map((s, i) => (axes.includes(i) ? -s : s)),
    own,
  )
  const start = axes.reduce((sum, i) => sum + (shape[i] - 1) * own[i], 0)
  return ([x], [out]) => copy(x, out, start, 0)
}

/** Parameters of pad: elements added before, after and between neighbours. */
export interface PadParams {
  readonly low: readonly number[]
  readonly interior: readonly number[]
}

/** The input inside a frame of one value. */
export const pad: CpuKernelFactory<PadParams> = (api, { inputs: [{ shape }], outputs, params: { low, interior } }) => {
  const [{ shape: padded, dtype }] = outputs
  const own = stridesOf(padded)
  const copy = strided(
    api,
    dtype,
    shape,
    stridesOf(shape),
    own.map((s, i) => s * (interior[i] + 1)),
  )
  const start = dot(low, own)
  return ([x, value], [out]) => {
    out.fill(value[0])
    copy(x, out, 0, start)
  }
}

/** Inputs one after the other along an axis. */
export const concat: CpuKernelFactory<{ readonly axis: number }> = (api, { inputs, outputs, params: { axis } }) => {
  const [{ shape, dtype }] = outputs
  const to = stridesOf(shape)
  const copies = inputs.map((x) => strided(api, dtype, x.shape, stridesOf(x.shape), to))
  return (arrays, [out]) => {
    let start = 0
    for (let i = 0; i < arrays.length; i++) {
      copies[i](arrays[i], out, 0, start)
      start += inputs[i].shape[axis] * to[axis]
    }
  }
}

/** A window whose start is known when it runs, moved inside where it would stick out. */
export const dynamicSlice: CpuKernelFactory<object> = (api, { inputs: [x], outputs: [{ shape, dtype }] }) => {
  const own = stridesOf(x.shape)
  const copy = strided(api, dtype, shape, own, stridesOf(shape))
  return ([data, start], [out]) => copy(data, out, windowStart(start, x.shape, shape, own), 0)
}

/** The input with a window replaced. */
export const dynamicUpdate: CpuKernelFactory<object> = (api, { inputs: [x, update] }) => {
  const own = stridesOf(x.shape)
  const copy = strided(api, x.dtype, update.shape, stridesOf(update.shape), own)
  return ([data, values, start], [out]) => {
    out.set(data)
    copy(values, out, 0, windowStart(start, x.shape, update.shape, own))
  }
}

function windowStart(start: ArrayLike<number>, shape: Shape, window: Shape, strides: readonly number[]): number {
  let at = 0
  for (let i = 0; i < shape.length; i++) at += Math.min(Math.max(start[i], 0), shape[i] - window[i]) * strides[i]
  return at
}

/** `output[index] = index[axis]`. */
export const iota: CpuKernelFactory<{ readonly axis: number }> = (_, { outputs: [{ shape }], params: { axis } }) => {
  const inner = sizeOf(shape.slice(axis + 1))
  const period = inner * shape[axis]
  return (_inputs, [out]) => {
    for (let i = 0, at = 0; at < Math.min(period, out.length); i++, at += inner) out.fill(i, at, at + inner)
    for (let at = period; at < out.length; at += period) out.copyWithin(at, 0, period)
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0)
}
