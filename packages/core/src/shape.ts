// Shapes: sizes, strides, NumPy broadcasting and axis arguments, each with the error that explains a misfit.

import type { DType } from './dtype.js'
import { AdjointError, type ErrorCode } from './error.js'

/** Lengths of a tensor's axes; `[]` is a scalar. */
export type Shape = readonly number[]

/** What is known of a tensor without its values. */
export interface Aval {
  readonly shape: Shape
  readonly dtype: DType
  /** True for a traced JavaScript number, which takes the dtype of the tensor it meets. */
  readonly weak?: boolean
}

/** The shape and dtype alone. */
export function typeOf({ shape, dtype }: Aval): Aval {
  return { shape, dtype }
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
    fix: 'Line the axes up with expandDims or transpose',
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

/** An integer within bounds, both included. */
export function checkInteger(
  fn: string,
  value: number,
  { what, low, high = Infinity, code = 'invalid-argument' }: IntegerBounds,
): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value
  const range = high === Infinity ? `of at least ${low}` : `from ${low} to ${high}`
  throw new AdjointError(code, {
    fn,
    given: `${what} ${value}`,
    expected: low > high ? 'none: there is nothing to choose from' : `an integer ${range}`,
  })
}

/** What `checkInteger` accepts, and how its error calls the value. */
interface IntegerBounds {
  readonly what: string
  readonly low: number
  readonly high?: number
  readonly code?: ErrorCode
}

/** A place counted from 0, or from the end where negative, as one counted from 0. */
function fromStart(fn: string, value: number, length: number, what: string, code: ErrorCode): number {
  return (checkInteger(fn, value, { what, low: -length, high: length - 1, code }) + length) % length
}

/** One axis argument as an index from 0, negative counting from the end. */
export function normalizeAxis(fn: string, axis: number, ndim: number): number {
  return fromStart(fn, axis, ndim, `of ${ndim} axes, axis`, 'axis-out-of-range')
}

/** One index along an axis of the given length, negative counting from the end. */
export function normalizeIndex(fn: string, index: number, length: number): number {
  return fromStart(fn, index, length, `on an axis of length ${length}, index`, 'index-out-of-range')
}

/** An axis argument (one, several, or all when left out) as sorted distinct indices. */
export function normalizeAxes(fn: string, axis: number | readonly number[] | undefined, ndim: number): number[] {
  if (axis === undefined) return otherAxes([], ndim)
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
  if (
    !Array.isArray(shape) ||
    shape.some((n) => !Number.isInteger(n) || n < 0) ||
    !Number.isSafeInteger(sizeOf(shape))
  ) {
    throw new AdjointError('shape-mismatch', {
      fn,
      given: `shape ${Array.isArray(shape) ? formatShape(shape) : String(shape)}`,
      expected: 'non-negative integers',
    })
  }
  return shape
}

/** The axes of `0..ndim-1` that are not in `axes`. */
export function otherAxes(axes: readonly number[], ndim: number): number[] {
  return Array.from({ length: ndim }, (_, i) => i).filter((i) => !axes.includes(i))
}

/** The entries of a list, such as a shape, at the given places. */
export function pick<T>(list: readonly T[], places: readonly number[]): T[] {
  return places.map((i) => list[i])
}

/** Refuses data that does not fill a shape. */
export function checkFills(fn: string, length: number, shape: Shape): void {
  const size = sizeOf(checkShape(fn, shape))
  if (length === size) return
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `${length} values for shape ${formatShape(shape)}`,
    expected: `${size} values`,
  })
}

/** Refuses a dtype that the function is not defined on. */
export function requireDType(fn: string, aval: Aval, dtypes: readonly DType[], fix?: string): void {
  if (dtypes.includes(aval.dtype)) return
  throw new AdjointError('dtype-mismatch', {
    fn,
    given: formatAval(aval),
    expected: dtypes.join(' or '),
    fix: fix ?? `Cast it first, as in x.cast('${dtypes[0]}')`,
  })
}
