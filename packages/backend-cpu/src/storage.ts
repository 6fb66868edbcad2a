// Where tensors lie: small ones in arrays that the garbage collector owns, large ones in the heap while there is room.

import type { ArrayStorage, DType, Storage, TypedArray } from '@adjoint/core'
import { AdjointError } from '@adjoint/core'
import { byteSize } from '@adjoint/core/codegen'
import { LargeStorage } from './heap/contents.js'
import { Heap } from './heap/heap.js'
import { arrayPool } from './pool.js'

/** Bytes from which a tensor lies in the heap: below, copying operands in costs less than keeping a block. */
const LARGE = 1 << 14

/** How the backend keeps tensors. */
export interface Store {
  /** The heap, made when it is first needed; null where WebAssembly is not used. */
  heap(): Heap | null
  /** Moves all tensors to another heap. */
  replaceHeap(make: (limit: number) => Heap): void
  /** A storage with arbitrary contents, for the operation `fn`. */
  allocate(dtype: DType, size: number, fn?: string): Storage
  write(data: TypedArray, dtype: DType, borrowed?: boolean): Storage
  read(storage: Storage): TypedArray
  release(storage: Storage): void
  /** The elements of one call's operands: large ones are brought into the heap first, and stay where they are. */
  operands(inputs: readonly Storage[], outputs: readonly Storage[]): Operands
}

/** Arrays of one call, valid until it returns. */
export interface Operands {
  readonly inputs: TypedArray[]
  readonly outputs: TypedArray[]
}

/** Tensors in arrays, and in a heap of at most `heapBytes`, if any, whose kernels may fuse products. */
export function createStore(heapBytes: number, poolBytes: number, fusesProducts = false): Store {
  const pool = arrayPool(poolBytes)
  let made: Heap | null = null

  function heap(): Heap | null {
    if (heapBytes <= 0) return null
    made ??= new Heap(heapBytes)
    made.fusesProducts = fusesProducts
    return made
  }

  function read(storage: Storage): TypedArray {
    return storage instanceof LargeStorage ? (made as Heap).read(storage) : (storage as ArrayStorage).data
  }

  function bring(storages: readonly Storage[]): void {
    for (let i = 0; i < storages.length; i++) {
      const storage = storages[i]
      if (storage instanceof LargeStorage) (made as Heap).bring(storage)
    }
  }

  function fromPool(dtype: DType, size: number, fn: string): ArrayStorage {
    try {
      return pool.allocate(dtype, size)
    } catch (cause) {
      throw new AdjointError('device-failed', {
        fn,
        given: `a ${dtype} result of ${size} elements, ${size * byteSize(dtype)} bytes, which do not fit into memory`,
        fix: 'Free what is not needed with scope or dispose, work in parts, or recompute with checkpoint',
        cause,
      })
    }
  }

  return {
    heap,
    read,
    replaceHeap(make) {
      const next = make(heapBytes)
      made?.evacuate()
      made = next
    },
    allocate(dtype, size, fn = 'allocate') {
      const inHeap = heapBytes > 0 && size * byteSize(dtype) >= LARGE
      return (inHeap ? heap()?.allocate(dtype, size) : undefined) ?? fromPool(dtype, size, fn)
    },
    write(data, dtype, borrowed = false) {
      const inHeap = heapBytes > 0 && data.byteLength >= LARGE
      return inHeap ? (heap() as Heap).adopt(data, dtype, borrowed) : { kind: 'array', data }
    },
    release(storage) {
      if (storage instanceof LargeStorage) made?.release(storage)
      else pool.release(storage as ArrayStorage)
    },
    operands(inputs, outputs) {
      made?.begin()
      // All of them first: making room may move or detach what was looked up before.
      bring(outputs)
      bring(inputs)
      return { inputs: readAll(inputs), outputs: readAll(outputs) }
    },
  }

  function readAll(storages: readonly Storage[]): TypedArray[] {
    const out = new Array<TypedArray>(storages.length)
    for (let i = 0; i < out.length; i++) out[i] = read(storages[i])
    return out
  }
}
