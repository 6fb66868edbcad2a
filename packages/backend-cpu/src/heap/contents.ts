// What one large tensor holds: an array, or a block of the heap.

import type { DType, HeapStorage, TypedArray } from '@adjoint/core'
import { viewOf } from '../views.js'

/** Elements of one storage. The heap knows it while it has a block; the storage handed out knows it always. */
export class Contents {
  /** Present while there is no block. */
  array: TypedArray | null = null
  /** Byte offset of the block; -1 without one. */
  pointer = -1
  /** Bytes of the block. */
  bytes = 0
  /** The call that used it last: blocks of the running call are not evicted. */
  call = 0
  /** It had a block, which was needed for something else. */
  spilled = false
  /** Neighbours in order of use. */
  older: Contents | null = null
  newer: Contents | null = null
  private view: TypedArray | null = null

  readonly dtype: DType
  readonly length: number

  constructor(dtype: DType, length: number) {
    this.dtype = dtype
    this.length = length
  }

  /** The elements inside the heap; derived anew when the memory has grown. */
  viewIn(buffer: ArrayBuffer): TypedArray {
    if (this.view === null || this.view.buffer !== buffer)
      this.view = viewOf(this.dtype, buffer, this.length, this.pointer)
    return this.view
  }

  /** Forgets the block. */
  leave(): void {
    this.pointer = -1
    this.view = null
  }
}

/** The storage that the core holds: when it is gone, so is the block. */
export class LargeStorage implements HeapStorage {
  readonly kind = 'heap'
  readonly contents: Contents
  /** Memory of the user, who may change it between calls: never cached. */
  readonly borrowed: boolean

  constructor(contents: Contents, borrowed: boolean) {
    this.contents = contents
    this.borrowed = borrowed
  }

  get pointer(): number {
    return this.contents.pointer
  }

  get length(): number {
    return this.contents.length
  }
}
