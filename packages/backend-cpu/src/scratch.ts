// Scratch space of kernels: each request within one kernel gets its own slot; the next kernel finds the slots again.

import type { DType, TypedArray } from '@adjoint/core'
import { byteSize } from '@adjoint/core/codegen'
import { viewOf } from './pool.js'

/** Slots larger than this are not kept for the next kernel. */
const LARGEST = 1 << 24

/** Reusable work space. */
export interface Scratch {
  /** An array with arbitrary contents, valid until `reset`. */
  take(dtype: DType, length: number): TypedArray
  /** A new kernel begins: all slots are free again. */
  reset(): void
}

/** Work space that grows with the largest request of each slot. */
export function createScratch(): Scratch {
  const slots: ArrayBuffer[] = []
  let used = 0
  return {
    take(dtype, length) {
      const bytes = length * byteSize(dtype)
      const slot = used++
      if (bytes > LARGEST) return viewOf(dtype, new ArrayBuffer(bytes), length)
      if (slots[slot] === undefined || slots[slot].byteLength < bytes) slots[slot] = new ArrayBuffer(roomFor(bytes))
      return viewOf(dtype, slots[slot], length)
    },
    reset() {
      used = 0
    },
  }
}

function roomFor(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, 1024)))
}
