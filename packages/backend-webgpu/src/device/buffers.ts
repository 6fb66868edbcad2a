// GPU buffers, counted while they live and kept by size for reuse afterwards.

import { AdjointError } from '@adjoint/core'

/** An allocation on the device. */
export interface Slot {
  readonly id: number
  readonly buffer: GPUBuffer
  readonly capacity: number
  /** The batch of commands that used it last. */
  batch: number
}

/** A live buffer of a tensor. */
export interface GpuStorage {
  readonly slot: Slot
  /** Bytes in use. */
  readonly bytes: number
  /** Memory of the user, which the pool must not take. */
  readonly borrowed: boolean
  /** Why its contents were never computed. */
  error: AdjointError | undefined
  live: boolean
}

const STORAGE = 0x80
const COPY_SRC = 0x4
const COPY_DST = 0x8
const SMALLEST = 256

const USAGE = STORAGE | COPY_SRC | COPY_DST
/** What buffers of others must have to be bound and read. */
export const BORROWED_USAGE: number = STORAGE | COPY_SRC

/** Allocates, counts and recycles. */
export class Buffers {
  private readonly device: GPUDevice
  private readonly most: number
  private readonly free = new Map<number, Slot[]>()
  private readonly doomed: Slot[] = []
  private kept = 0
  private made = 0
  private buffers = 0
  private bytes = 0

  constructor(device: GPUDevice, most: number) {
    this.device = device
    this.most = most
  }

  /** A buffer of `bytes`; its contents are whatever they were. Not one that batch `avoid` uses, where given. */
  take(bytes: number, avoid = -1): GpuStorage {
    const capacity = sizeClass(bytes)
    const waiting = this.free.get(capacity)
    const at = waiting?.findLastIndex((slot) => slot.batch !== avoid) ?? -1
    const slot = at < 0 ? this.create(capacity) : (waiting as Slot[]).splice(at, 1)[0]
    if (at >= 0) this.kept -= capacity
    return this.count({ slot, bytes, borrowed: false, error: undefined, live: true })
  }

  /** A storage over a buffer of the user. */
  borrow(buffer: GPUBuffer, bytes: number): GpuStorage {
    const slot = { id: ++this.made, buffer, capacity: buffer.size, batch: -1 }
    return this.count({ slot, bytes, borrowed: true, error: undefined, live: true })
  }

  release(storage: GpuStorage): void {
    if (!storage.live) throw new Error('a GPU buffer was released twice')
    storage.live = false
    this.buffers--
    this.bytes -= storage.bytes
    const { slot } = storage
    if (storage.borrowed) return
    if (this.kept + slot.capacity > this.most) {
      this.doomed.push(slot)
      return
    }
    const waiting = this.free.get(slot.capacity)
    if (waiting === undefined) this.free.set(slot.capacity, [slot])
    else waiting.push(slot)
    this.kept += slot.capacity
  }

  /** Destroys what the pool has no room for; called when no recorded command uses it. */
  sweep(): void {
    for (const { buffer } of this.doomed.splice(0)) buffer.destroy()
  }

  memory(): { buffers: number; bytes: number } {
    return { buffers: this.buffers, bytes: this.bytes }
  }

  private count(storage: GpuStorage): GpuStorage {
    this.buffers++
    this.bytes += storage.bytes
    return storage
  }

  private create(capacity: number): Slot {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits
    const most = Math.min(maxStorageBufferBindingSize, maxBufferSize)
    if (capacity > most) {
      throw new AdjointError('device-failed', {
        fn: 'webgpu',
        given: `a tensor of ${capacity} bytes`,
        expected: `at most ${most} bytes, what the GPU binds at once`,
        fix: 'Split the tensor, or move the work to the CPU with to()',
      })
    }
    return { id: ++this.made, buffer: this.device.createBuffer({ size: capacity, usage: USAGE }), capacity, batch: -1 }
  }
}

/** Sizes in quarters of powers of two, so that at most a fifth is wasted. */
function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST
  const step = 2 ** (Math.ceil(Math.log2(bytes)) - 3)
  return Math.ceil(bytes / step) * step
}
