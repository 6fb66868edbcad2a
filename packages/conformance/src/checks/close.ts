// Comparing values: exact for integers, within a tolerance for floats, NaN equal to NaN, infinities by sign.

import type { DType, Shape, Tensor, TypedArray } from '@adjoint/core'
import { tree } from '@adjoint/core'
import { CheckFailure } from './failure.js'

/** Host values with their type. */
export interface HostValue {
  readonly shape: Shape
  readonly dtype: DType
  readonly data: TypedArray
}

/** What is compared, for the message. */
export interface Comparison {
  readonly subject: string
  readonly check: string
  readonly hint: string
  /** Largest `|actual - expected| / max(1, |expected|)`. */
  readonly tolerance: number
}

/** Whether the dtype is a float. */
export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64'
}

/** The usual tolerance of one operation in a dtype. */
export function toleranceOf(dtype: DType): number {
  return dtype === 'float64' ? 1e-12 : dtype === 'float32' ? 4e-6 : 0
}

/** How far two numbers are apart: absolute for small ones, relative for large ones; Infinity where only one is finite. */
function errorBetween(actual: number, expected: number): number {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return 0
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected))
  return Number.isFinite(error) && Number.isFinite(expected) ? error : Infinity
}

/** The largest error over two arrays, and where it is. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): { error: number; at: number } {
  let error = 0
  let at = 0
  for (let i = 0; i < expected.length; i++) {
    const here = errorBetween(actual[i], expected[i])
    if (here > error) {
      error = here
      at = i
    }
  }
  return { error, at }
}

/** `float32[2, 3]`. */
function typeText({ dtype, shape }: { readonly dtype: DType; readonly shape: Shape }): string {
  return `${dtype}[${shape.join(', ')}]`
}

/** The index vector of a flat position. */
export function indexText(at: number, shape: Shape): string {
  const index: number[] = []
  let rest = at
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis])
    rest = Math.floor(rest / shape[axis])
  }
  return `[${index.join(', ')}]`
}

/**
 * The largest error between two values.
 *
 * @throws CheckFailure when types differ or the error exceeds the tolerance
 */
export function requireClose(actual: HostValue, expected: HostValue, comparison: Comparison, place = ''): number {
  const { subject, check, hint, tolerance } = comparison
  if (typeText(actual) !== typeText(expected)) {
    throw new CheckFailure({
      subject,
      check,
      hint,
      found: `${place}${typeText(actual)} instead of ${typeText(expected)}`,
    })
  }
  const { error, at } = largestError(actual.data, expected.data)
  if (error > (isFloat(expected.dtype) ? tolerance : 0)) {
    const found = `${place}${actual.data[at]} instead of ${expected.data[at]} at ${indexText(at, expected.shape)} of ${typeText(expected)}, an error of ${error.toPrecision(3)}`
    throw new CheckFailure({ subject, check, hint, found })
  }
  return error
}

/** A tensor's values on the host. */
export async function read(x: Tensor): Promise<HostValue> {
  return { shape: x.shape, dtype: x.dtype, data: await x.data() }
}

/**
 * Compares pytrees of tensors and numbers, leaf by leaf.
 *
 * @returns the largest error
 * @throws CheckFailure
 */
export async function requireTreesClose(actual: unknown, expected: unknown, comparison: Comparison): Promise<number> {
  const [a, e] = [tree.flatten(actual), tree.flatten(expected)]
  if (a.leaves.length !== e.leaves.length) {
    throw new CheckFailure({ ...comparison, found: `${a.leaves.length} leaves instead of ${e.leaves.length}` })
  }
  const values = await Promise.all([a, e].map(({ leaves }) => Promise.all(leaves.map((leaf) => leafValue(leaf)))))
  let largest = 0
  values[1].forEach((value, i) => {
    const place = values[1].length === 1 ? '' : `leaf ${i}: `
    largest = Math.max(largest, requireClose(values[0][i], value, comparison, place))
  })
  return largest
}

function leafValue(leaf: tree.Leaf): Promise<HostValue> {
  return typeof leaf === 'number'
    ? Promise.resolve({ shape: [], dtype: 'float64', data: Float64Array.of(leaf) })
    : read(leaf)
}
