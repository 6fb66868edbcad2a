// Element types, the typed arrays that hold them, and the one promotion rule: tensors never promote, numbers adapt.

import { AdjointError } from './error.js'

/** Element type of a tensor. `bool` is stored as one byte, 0 or 1. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint32' | 'bool'

/** The typed arrays that hold tensor data on the host. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

/** All element types. */
export const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const

/** A zero-filled typed array for `size` elements of `dtype`. */
export function newArray(dtype: DType, size: number): TypedArray {
  return new ARRAYS[dtype](size)
}

/** The array of reference rules: float32 is computed in float64. */
export function wideArray(dtype: DType, size: number): TypedArray {
  return newArray(dtype === 'float32' ? 'float64' : dtype, size)
}

/** One number as an array of `dtype`. */
export function scalarArray(dtype: DType, value: number): TypedArray {
  return newArray(dtype, 1).fill(value)
}

/** Copies numbers into a typed array of `dtype`, with the conversions of `cast`. */
export function toArray(dtype: DType, values: ArrayLike<number>): TypedArray {
  const out = newArray(dtype, values.length)
  for (let i = 0; i < out.length; i++) out[i] = convert(dtype, values[i])
  return out
}

/** One number as `dtype` stores it: bool by truth, integers towards zero and wrapping. */
export function convert(dtype: DType, value: number): number {
  switch (dtype) {
    case 'bool':
      return value !== 0 ? 1 : 0
    case 'int32':
      return value | 0
    case 'uint32':
      return value >>> 0
    case 'float32':
      return Math.fround(value)
    case 'float64':
      return value
  }
}

/** The dtype that a typed array holds. */
export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32'
  if (array instanceof Float64Array) return 'float64'
  if (array instanceof Int32Array) return 'int32'
  if (array instanceof Uint32Array) return 'uint32'
  return 'bool'
}

/** Bytes of one element. */
export function byteSize(dtype: DType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT
}

/** Whether the dtype is float32 or float64: the ones that carry gradients. */
export function isFloat(dtype: DType): dtype is 'float32' | 'float64' {
  return dtype === 'float32' || dtype === 'float64'
}

/** Whether the dtype is int32 or uint32. */
export function isInteger(dtype: DType): dtype is 'int32' | 'uint32' {
  return dtype === 'int32' || dtype === 'uint32'
}

/** The least value of a dtype: the identity of `max`. */
export function lowest(dtype: DType): number {
  return isFloat(dtype) ? -Infinity : dtype === 'int32' ? -2147483648 : 0
}

/** The greatest value of a dtype: the identity of `min`. */
export function highest(dtype: DType): number {
  return isFloat(dtype) ? Infinity : dtype === 'int32' ? 2147483647 : dtype === 'uint32' ? 4294967295 : 1
}

/** Refuses what is no element type. */
export function checkDType(fn: string, dtype: DType): void {
  if (DTYPES.includes(dtype)) return
  throw new AdjointError('invalid-argument', { fn, given: `dtype '${dtype}'`, expected: DTYPES.join(', ') })
}
