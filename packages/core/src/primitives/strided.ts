// Walking host arrays by strides: what reference rules of movements, reductions and products share.

import type { TypedArray } from '../dtype.js'
import type { HostArray } from '../primitive.js'
import { broadcastStrides, pick, type Shape, sameShape, sizeOf, stridesOf } from '../shape.js'

/** Elements of a strided window of `data`, row-major in `shape`. */
export function gatherStrided(data: TypedArray, shape: Shape, strides: readonly number[], offset = 0): TypedArray {
  const out = newLike(data, sizeOf(shape))
  visit(shape, strides, offset, (i, at) => {
    out[i] = data[at]
  })
  return out
}

/** The elements with axes in another order. */
export function permuted({ data, shape }: HostArray, order: readonly number[]): TypedArray {
  const strides = stridesOf(shape)
  return gatherStrided(data, pick(shape, order), pick(strides, order))
}

/** The elements repeated as broadcasting to `shape` does. */
export function spreadData({ data, shape: own }: HostArray, shape: Shape): TypedArray {
  return sameShape(own, shape) ? data : gatherStrided(data, shape, broadcastStrides(own, shape))
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

/** The offset of an index under strides. */
export function offsetOf(index: readonly number[], strides: readonly number[]): number {
  return index.reduce((sum, n, i) => sum + n * strides[i], 0)
}

/** An array of the same kind. */
export function newLike(data: TypedArray, size: number): TypedArray {
  return new (data.constructor as new (size: number) => TypedArray)(size)
}
