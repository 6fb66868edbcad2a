// Scratch space of kernels: room borrowed from the heap until the kernel returns, or arrays kept from one kernel to the next.

import type { DType, TypedArray } from '@adjoint/core'
import { byteSize } from '@adjoint/core/codegen'
import type { Heap } from './heap/heap.js'
import { viewOf } from './views.js'

/** Arrays larger than this are not kept for the next kernel. */
const LARGEST = 1 << 24

/** Reusable work space. */
export interface Scratch {
  /** An array with arbitrary contents, valid until `reset`. */
  take(dtype: DType, length: number): TypedArray
  /** Runs a part of a kernel; what it takes is free again afterwards. */
  during(work: () => void): void
  /** A new kernel begins: all space is free again. */
  reset(): void
}

/** Work space in the heap where there is one. */
export function createScratch(heap: () => Heap | null): Scratch {
  const slots: ArrayBuffer[] = []
  let used = 0
  let start: { readonly place: Heap; readonly mark: ReturnType<Heap['mark']> } | undefined

  function fromSlot(dtype: DType, length: number): TypedArray {
    const bytes = length * byteSize(dtype)
    const slot = used++
    if (bytes > LARGEST) return viewOf(dtype, new ArrayBuffer(bytes), length)
    if (slots[slot] === undefined || slots[slot].byteLength < bytes) slots[slot] = new ArrayBuffer(roomFor(bytes))
    return viewOf(dtype, slots[slot], length)
  }

  return {
    take(dtype, length) {
      const place = heap()
      if (place === null) return fromSlot(dtype, length)
      start ??= { place, mark: place.mark() }
      const pointer = place.borrow(length * byteSize(dtype))
      return pointer < 0 ? fromSlot(dtype, length) : viewOf(dtype, place.memory.buffer, length, pointer)
    },
    during(work) {
      const [slot, place] = [used, heap()]
      const before = place?.mark()
      try {
        work()
      } finally {
        used = slot
        if (before !== undefined) place?.giveBack(before)
      }
    },
    reset() {
      used = 0
      start?.place.giveBack(start.mark)
      start = undefined
    },
  }
}

function roomFor(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, 1024)))
}
