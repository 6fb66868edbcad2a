// The WebAssembly heap as a bounded cache of large tensors. Blocks come back when a storage is released or collected; under
// pressure the block used longest ago is spilled to an ordinary array, so that nothing needs to be freed by hand.

import type { DType, TypedArray } from '@adjoint/core'
import { byteSize } from '@adjoint/core/codegen'
import type { Team } from '../threads/team.js'
import type { ConstantPool } from '../wasm/constants.js'
import { Contents, LargeStorage } from './contents.js'
import { ALIGNMENT, FreeList } from './free-list.js'

const PAGE = 65536
/** Bytes that a memory starts with; it doubles when it is full. */
const FIRST = 1 << 24
/** The lowest addresses hold constants of kernels, then operands that are copied in for one call. */
const CONSTANTS = 1 << 14
const STAGE = 1 << 20
/** From this size on the memory grows only for blocks in use: what OLD calls have not touched is spilled first. */
const EASY = 1 << 26
const OLD = 128
/** A typed array is addressed by 31 bits at most in some engines. */
const MOST = 2 ** 32 - PAGE

/** Blocks and bytes in use, and bytes of the memory. */
export interface HeapInfo {
  readonly blocks: number
  readonly used: number
  readonly reserved: number
}

/** One WebAssembly memory with what lies in it. */
export class Heap implements ConstantPool {
  readonly memory: WebAssembly.Memory
  /** Whether kernels over it may use relaxed SIMD. */
  fusesProducts = false
  /** Whether threads may share it. */
  readonly shared: boolean
  /** The threads that work on it, if any. */
  team: Team | null = null
  /** Most bytes: the memory itself may allow fewer. */
  private readonly limit: number
  private readonly free = new FreeList()
  private readonly finalizers: FinalizationRegistry<Contents>
  private oldest: Contents | null = null
  private newest: Contents | null = null
  private blocks = 0
  private used = 0
  private call = 1
  private staged = CONSTANTS
  /** Bytes that calls could not borrow: the memory grows by as much before the next one. */
  private missing = 0
  /** Up to here the memory grows freely. It rises by what was spilled and then needed after all. */
  private easy = EASY
  private readonly constants = new Map<bigint, number>()
  private readonly temporary: (readonly [pointer: number, bytes: number])[] = []

  /**
   * @param limit - most bytes the memory may grow to
   * @param shared - a memory that threads may share
   */
  constructor(limit: number, shared = false) {
    this.shared = shared
    this.limit = Math.min(Math.max(Math.floor(limit / PAGE) * PAGE, 2 * STAGE), MOST)
    this.memory = reserve(this.limit, shared)
    const first = this.memory.buffer.byteLength
    this.free.give(STAGE, first - STAGE)
    this.finalizers = new FinalizationRegistry((contents) => this.drop(contents))
  }

  /** Whether an array is a view of this memory. */
  holds(array: TypedArray): boolean {
    return array.buffer === this.memory.buffer
  }

  /** What lies in the heap. */
  info(): HeapInfo {
    return { blocks: this.blocks, used: this.used, reserved: this.memory.buffer.byteLength }
  }

  /** A new call begins: what it touches stays in place until the next one. */
  begin(): void {
    this.call++
    if (this.missing === 0) return
    this.grow(this.missing)
    this.missing = 0
  }

  /** A storage with arbitrary contents; null where the heap has no room for it. */
  allocate(dtype: DType, length: number): LargeStorage | null {
    const contents = new Contents(dtype, length)
    if (!this.settle(contents)) return null
    const storage = new LargeStorage(contents, false)
    this.finalizers.register(storage, contents, contents)
    return storage
  }

  /** A storage over an array, copied into the heap when a kernel first needs it there. */
  adopt(array: TypedArray, dtype: DType, borrowed: boolean): LargeStorage {
    const contents = new Contents(dtype, array.length)
    contents.array = array
    return new LargeStorage(contents, borrowed)
  }

  /** Moves a storage into the heap if it fits, and keeps it there for the running call. */
  bring(storage: LargeStorage): void {
    const { contents, borrowed } = storage
    if (contents.pointer >= 0) this.touch(contents)
    else if (!borrowed && contents.array !== null && this.settle(contents)) {
      contents.viewIn(this.memory.buffer).set(contents.array)
      contents.array = null
      if (contents.spilled) this.easy += 2 * contents.bytes
      this.finalizers.register(storage, contents, contents)
    }
  }

  /** The elements, wherever they are. */
  read({ contents }: LargeStorage): TypedArray {
    return contents.pointer >= 0 ? contents.viewIn(this.memory.buffer) : (contents.array as TypedArray)
  }

  /** Takes a block back at once. */
  release({ contents }: LargeStorage): void {
    if (contents.pointer >= 0) {
      this.finalizers.unregister(contents)
      this.drop(contents)
    }
    contents.array = null
  }

  /** Spills everything: another heap takes over. */
  evacuate(): void {
    for (let contents = this.oldest; contents !== null; contents = this.oldest) this.spill(contents)
  }

  place(word: bigint): number | undefined {
    const known = this.constants.get(word)
    if (known !== undefined) return known
    // Every word takes eight bytes: a short one is the lower half.
    const address = 8 * this.constants.size
    if (address >= CONSTANTS) return undefined
    new DataView(this.memory.buffer).setBigUint64(address, word, true)
    this.constants.set(word, address)
    return address
  }

  /** Room for one call without growing the memory, which would detach the views that the call holds; -1 if there is none. */
  borrow(bytes: number): number {
    const size = rounded(bytes)
    if (this.staged + size <= STAGE) {
      this.staged += size
      return this.staged - size
    }
    const pointer = this.free.take(size)
    if (pointer >= 0) this.temporary.push([pointer, size])
    else this.missing += size
    return pointer
  }

  /** Room that is never given back; -1 if there is none. */
  keep(bytes: number): number {
    return this.find(rounded(bytes))
  }

  /** Where the room borrowed so far ends, for `giveBack`. */
  mark(): readonly [staged: number, temporary: number] {
    return [this.staged, this.temporary.length]
  }

  /** Ends what was borrowed since the mark. */
  giveBack([staged, temporary]: readonly [staged: number, temporary: number]): void {
    this.staged = staged
    while (this.temporary.length > temporary) {
      const [pointer, bytes] = this.temporary.pop() as readonly [number, number]
      this.free.give(pointer, bytes)
    }
  }

  /** Gives contents a block. */
  private settle(contents: Contents): boolean {
    const bytes = rounded(contents.length * byteSize(contents.dtype))
    const pointer = this.find(bytes)
    if (pointer < 0) return false
    contents.pointer = pointer
    contents.bytes = bytes
    contents.call = this.call
    this.link(contents)
    this.blocks++
    this.used += bytes
    return true
  }

  private find(bytes: number): number {
    if (bytes > this.limit - STAGE) return -1
    // Spilling what does not make room for the request would be in vain.
    const least = this.used - 2 * bytes
    for (;;) {
      const pointer = this.free.take(bytes)
      if (pointer >= 0) return pointer
      if (this.used > least && this.isStale() && this.evict()) continue
      if (!this.grow(bytes) && !this.evict()) return -1
    }
  }

  /** Whether the memory is large, and holds what has long not been used. */
  private isStale(): boolean {
    return this.memory.buffer.byteLength >= this.easy && this.oldest !== null && this.call - this.oldest.call > OLD
  }

  /** More memory: twice as much, or what is needed. */
  private grow(bytes: number): boolean {
    const size = this.memory.buffer.byteLength
    const wanted = Math.min(Math.max(2 * size, size + Math.ceil(bytes / PAGE) * PAGE), this.limit)
    if (wanted <= size) return false
    try {
      this.memory.grow((wanted - size) / PAGE)
    } catch {
      return false
    }
    this.free.give(size, wanted - size)
    return true
  }

  /** Spills the block used longest ago; false where all blocks belong to the running call. */
  private evict(): boolean {
    const contents = this.oldest
    if (contents === null || contents.call === this.call) return false
    this.spill(contents)
    contents.spilled = true
    return true
  }

  private spill(contents: Contents): void {
    contents.array = contents.viewIn(this.memory.buffer).slice()
    this.finalizers.unregister(contents)
    this.drop(contents)
  }

  private drop(contents: Contents): void {
    if (contents.pointer < 0) return
    this.unlink(contents)
    this.free.give(contents.pointer, contents.bytes)
    this.blocks--
    this.used -= contents.bytes
    contents.leave()
  }

  private touch(contents: Contents): void {
    contents.call = this.call
    if (contents === this.newest) return
    this.unlink(contents)
    this.link(contents)
  }

  private link(contents: Contents): void {
    contents.older = this.newest
    contents.newer = null
    if (this.newest === null) this.oldest = contents
    else this.newest.newer = contents
    this.newest = contents
  }

  /** What has left the list knows nothing of it: else whoever holds one would hold all that came after. */
  private unlink(contents: Contents): void {
    const { older, newer } = contents
    if (older === null) this.oldest = newer
    else older.newer = newer
    if (newer === null) this.newest = older
    else newer.older = older
    contents.older = null
    contents.newer = null
  }
}

/** A memory that may grow to `limit` bytes, or to less where an engine cannot reserve so many addresses. */
function reserve(limit: number, shared: boolean): WebAssembly.Memory {
  const initial = Math.min(FIRST, limit) / PAGE
  try {
    return new WebAssembly.Memory({ initial, maximum: limit / PAGE, shared })
  } catch (error) {
    if (limit <= FIRST) throw error
    return reserve(Math.max(FIRST, Math.floor(limit / 2 / PAGE) * PAGE), shared)
  }
}

function rounded(bytes: number): number {
  return Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT
}
