// Typed views of memory.

import type { DType, TypedArray } from '@adjoint/core'

/** `size` elements of a block of memory, from a byte offset. */
export function viewOf(dtype: DType, block: ArrayBufferLike, size: number, offset = 0): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(block, offset, size)
    case 'float64':
      return new Float64Array(block, offset, size)
    case 'int32':
      return new Int32Array(block, offset, size)
    case 'uint32':
      return new Uint32Array(block, offset, size)
    case 'bool':
      return new Uint8Array(block, offset, size)
  }
}

/** The dtype that a typed array holds. */
export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return 'float32'
  if (array instanceof Float64Array) return 'float64'
  if (array instanceof Int32Array) return 'int32'
  return array instanceof Uint32Array ? 'uint32' : 'bool'
}
