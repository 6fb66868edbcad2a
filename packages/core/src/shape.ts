// Shapes: sizes, strides, NumPy broadcasting and axis arguments, each with the error that explains a misfit.

import type { DType } from './dtype.js'
import { AdjointError } from './error.js'

/** Lengths of a tensor's axes; `[]` is a scalar. */
export type Shape = readonly number[]

/** What is known of a tensor without its values. */
export interface Aval {
  readonly shape: Shape
  readonly dtype: DType
  /** True for a traced JavaScript number, which takes the dtype of the tensor it meets. */
  readonly weak?: boolean
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (let i = 0; i < shape.length; i++) size *= shape[i]
  return size
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step
    step *= shape[i]
  }
  return strides
}

/** Strides that walk `shape` as if broadcast to `target`: 0 along repeated axes. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape)
  const lead = target.length - shape.length
  return target.map((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? 0 : own[i - lead]))
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The NumPy broadcast of several shapes. */
export function broadcastShapes(fn: string, shapes: readonly Shape[]): Shape {
  const first = shapes[0]
  if (shapes.every((s) => sameShape(s, first))) return first
  const ndim = Math.max(...shapes.map((s) => s.length))
  const out = new Array<number>(ndim).fill(1)
  for (const shape of shapes) {
    const lead = ndim - shape.length
    for (let i = 0; i < shape.length; i++) {
      const n = shape[i]
      if (n === 1 || n === out[lead + i]) continue
      if (out[lead + i] !== 1) throw broadcastError(fn, shapes)
      out[lead + i] = n
    }
  }
  return out
}

function broadcastError(fn: string, shapes: readonly Shape[]): AdjointError {
  return new AdjointError('shape-mismatch', {
    fn,
    given: `shapes ${shapes.map(formatShape).join(' and ')}`,
    expected: 'shapes that are equal, or 1, axis by axis from the right',
    fix: 'Insert an axis with expandDims or reorder with transpose so that the axes line up',
  })
}

/** `[2, 3]` as text. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

/** `float32[2, 3]` as text. */
export function formatAval({ shape, dtype }: Aval): string {
  return `${dtype}${formatShape(shape)}`
}

/** One axis argument as an index from 0, negative counting from the end. */
export function normalizeAxis(fn: string, axis: number, ndim: number): number {
  if (!Number.isInteger(axis) || axis < -ndim || axis >= ndim) {
    throw new AdjointError('axis-out-of-range', {
      fn,
      given: `axis ${axis} for a tensor with ${ndim} ${ndim === 1 ? 'axis' : 'axes'}`,
      expected: ndim === 0 ? 'no axis: the tensor is a scalar' : `an integer from ${-ndim} to ${ndim - 1}`,
    })
  }
  return axis < 0 ? axis + ndim : axis
}

/** An axis argument (one, several, or all when left out) as sorted distinct indices. */
export function normalizeAxes(fn: string, axis: number | readonly number[] | undefined, ndim: number): number[] {
  if (axis === undefined) return Array.from({ length: ndim }, (_, i) => i)
  const list = typeof axis === 'number' ? [axis] : axis
  const axes = list.map((a) => normalizeAxis(fn, a, ndim)).sort((a, b) => a - b)
  if (new Set(axes).size !== axes.length) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: `axes [${list.join(', ')}], which name one axis twice`,
      expected: 'distinct axes',
    })
  }
  return axes
}

/** A shape argument, checked to be non-negative integers. */
export function checkShape(fn: string, shape: Shape): Shape {
  if (!Array.isArray(shape) || shape.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new AdjointError('shape-mismatch', {
      fn,
      given: `shape ${Array.isArray(shape) ? formatShape(shape) : String(shape)}`,
      expected: 'an array of non-negative integers',
    })
  }
  return shape
}

/** The axes of `0..ndim-1` that are not in `axes`. */
export function otherAxes(axes: readonly number[], ndim: number): number[] {
  return Array.from({ length: ndim }, (_, i) => i).filter((i) => !axes.includes(i))
}
