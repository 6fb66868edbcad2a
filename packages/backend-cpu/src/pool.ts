// Recycles arrays: what an executor releases serves the next allocation of the same size, without zeroing its pages.

import type { ArrayStorage, DType, TypedArray } from '@adjoint/core'
import { byteSize } from '@adjoint/core/codegen'
import { SmallPool } from './small-pool.js'
import { viewOf } from './views.js'

/** From this many bytes on, arrays lie in blocks that any dtype may have next. */
const LARGE = 8192
/** Blocks come in multiples of a page, so that nearly equal sizes share them. */
const PAGE = 4096

/** What a storage that was taken back holds. */
const NOTHING: TypedArray = /* @__PURE__ */ new Float32Array(0)

interface OwnedStorage extends ArrayStorage {
  data: TypedArray
  /** True while the pool may take the block back: never for arrays of the user. */
  recyclable: boolean
}

/** Bounded cache of free memory blocks by size. */
export interface ArrayPool {
  /** An array with arbitrary contents. */
  allocate(dtype: DType, size: number): ArrayStorage
  /** Takes back an array that `allocate` made; leaves others alone. */
  release(storage: ArrayStorage): void
  /** Free blocks kept for later. */
  idle(): { readonly buffers: number; readonly bytes: number }
}

/** A pool that keeps at most `limit` bytes of free blocks, and a number of small arrays. */
export function arrayPool(limit: number): ArrayPool {
  // Insertion order is order of last release: eviction starts with the size that was released longest ago.
  const free = new Map<number, ArrayBuffer[]>()
  const small = new SmallPool()
  let buffers = 0
  let bytes = 0

  function take(length: number): ArrayBuffer {
    const blocks = free.get(length)
    const block = blocks?.pop()
    if (blocks?.length === 0) free.delete(length)
    if (block === undefined) return new ArrayBuffer(length)
    buffers--
    bytes -= length
    return block
  }

  function keep(block: ArrayBuffer): void {
    const length = block.byteLength
    if (length > limit) return
    while (bytes + length > limit) take(free.keys().next().value ?? 0)
    const blocks = free.get(length) ?? []
    free.delete(length)
    free.set(length, blocks)
    blocks.push(block)
    buffers++
    bytes += length
  }

  return {
    allocate(dtype, size) {
      const length = size * byteSize(dtype)
      const data = length < LARGE ? small.take(dtype, size) : viewOf(dtype, take(Math.ceil(length / PAGE) * PAGE), size)
      return { kind: 'array', data, recyclable: true } as OwnedStorage
    },
    release(storage) {
      const owned = storage as OwnedStorage
      if (owned.recyclable !== true) return
      const { data } = owned
      owned.recyclable = false
      owned.data = NOTHING
      if (data.byteLength < LARGE) small.keep(data)
      else keep(data.buffer as ArrayBuffer)
    },
    idle: () => ({ buffers, bytes }),
  }
}
