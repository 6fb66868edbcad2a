// Operands that lie outside the heap, for the time of one call: copied in before it, and back after it where it writes.

import type { TypedArray } from '@adjoint/core'
import { dtypeOf, viewOf } from '../views.js'
import type { Heap } from './heap.js'

/** Where an array's elements are in the heap: in place, or a copy; -1 where there is no room. */
export function lend(heap: Heap, array: TypedArray): number {
  if (heap.holds(array)) return array.byteOffset
  const pointer = heap.borrow(array.byteLength)
  if (pointer >= 0) copyAt(heap, array, pointer).set(array)
  return pointer
}

/** Copies what a call wrote back to an array that was lent a place. */
export function takeBack(heap: Heap, array: TypedArray, pointer: number): void {
  if (!heap.holds(array)) array.set(copyAt(heap, array, pointer))
}

function copyAt(heap: Heap, array: TypedArray, pointer: number): TypedArray {
  return viewOf(dtypeOf(array), heap.memory.buffer, array.length, pointer)
}
