// The element types of files, and what each becomes in a tensor.

import type { DType } from '@adjoint/core'

/** Element types that files hold. The 8-bit floats are those of the Open Compute Project, 2023. */
export type ElementType =
  | 'bool'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'float8_e4m3'
  | 'float8_e5m2'
  | 'float8_e8m0'
  | 'bfloat16'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'complex64'
  | 'complex128'

/** An element type: bytes of a number, numbers of an element, and the dtype that holds it best. */
export interface ElementLayout {
  readonly width: number
  readonly parts: 1 | 2
  readonly dtype: DType
}

const layout = (width: number, dtype: DType, parts: 1 | 2 = 1): ElementLayout => ({ width, parts, dtype })

/** The layout of each element type. */
export const LAYOUTS: Readonly<Record<ElementType, ElementLayout>> = /* @__PURE__ */ (() => ({
  bool: layout(1, 'bool'),
  uint8: layout(1, 'int32'),
  int8: layout(1, 'int32'),
  uint16: layout(2, 'int32'),
  int16: layout(2, 'int32'),
  uint32: layout(4, 'uint32'),
  int32: layout(4, 'int32'),
  uint64: layout(8, 'uint32'),
  int64: layout(8, 'int32'),
  float8_e4m3: layout(1, 'float32'),
  float8_e5m2: layout(1, 'float32'),
  float8_e8m0: layout(1, 'float32'),
  bfloat16: layout(2, 'float32'),
  float16: layout(2, 'float32'),
  float32: layout(4, 'float32'),
  float64: layout(8, 'float64'),
  complex64: layout(4, 'float32', 2),
  complex128: layout(8, 'float64', 2),
}))()

/** Bytes of one element. */
export function elementSize(type: ElementType): number {
  return LAYOUTS[type].width * LAYOUTS[type].parts
}

/** More axes than any array has; a longer shape is an attack. */
const MAX_AXES = 64

/** Bytes of an array, or `undefined` for a shape that no array has. */
export function byteLength(shape: unknown, type: ElementType): number | undefined {
  if (!Array.isArray(shape) || shape.length > MAX_AXES) return undefined
  let bytes = elementSize(type)
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) return undefined
    // Also beside a zero the product must stay a number that addresses bytes.
    bytes *= Math.max(length, 1)
    if (bytes > Number.MAX_SAFE_INTEGER) return undefined
  }
  return shape.includes(0) ? 0 : bytes
}
