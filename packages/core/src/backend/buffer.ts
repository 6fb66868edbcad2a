// A buffer: one allocation on a backend, counted by the tensors that share it, possibly still to be computed.

import type { DType } from '../dtype.js'
import { AdjointError } from '../error.js'
import type { Backend } from './backend.js'
import type { Storage } from './kernel.js'

/** Life of a buffer. Pending ones wait in an asynchronous backend's queue; failed ones carry the error to `data()`. */
export type BufferState = 'pending' | 'ready' | 'failed' | 'released' | 'donated'

/** @internal */
export class Buffer {
  state: BufferState = 'pending'
  storage: Storage = undefined
  error: unknown = undefined
  /** Resolves when the buffer is no longer pending; never rejects. */
  settled: Promise<void> | undefined = undefined
  readonly backend: Backend
  readonly dtype: DType
  readonly size: number
  /** Memory of the user, which the backend must not reuse. */
  readonly borrowed: boolean
  private references = 1
  /** Queued jobs that still read the storage: a release or donation waits for them. */
  private readers = 0
  /** Whether the storage outlives the buffer, for its readers. */
  kept = false

  constructor(backend: Backend, dtype: DType, size: number, borrowed = false) {
    this.backend = backend
    this.dtype = dtype
    this.size = size
    this.borrowed = borrowed
  }

  /** The buffer with its data. Released meanwhile: the storage goes back at once. */
  fill(storage: Storage): this {
    if (this.isGone && this.readers === 0) this.free(storage)
    else {
      this.storage = storage
      if (this.isGone) this.kept = true
      else this.state = 'ready'
    }
    return this
  }

  /** Keeps the storage for a queued job, whatever happens to the tensors. */
  hold(): this {
    this.readers++
    return this
  }

  /** The end of a `hold`. */
  letGo(): void {
    this.readers--
    if (this.kept) this.drop()
  }

  fail(error: unknown): void {
    this.error = error
    if (this.state === 'pending') this.state = 'failed'
  }

  retain(): this {
    this.references++
    return this
  }

  release(state: 'released' | 'donated' = 'released'): void {
    if (--this.references > 0 && state === 'released') return
    if (this.isGone) return
    this.kept = this.state === 'ready'
    this.state = state
    if (this.kept) this.drop()
  }

  /** Whether it was released or donated. */
  get isGone(): boolean {
    return this.state === 'released' || this.state === 'donated'
  }

  /** What a disposed tensor holds while others share its storage. */
  dead(): Buffer {
    const out = new Buffer(this.backend, this.dtype, 0)
    out.state = 'released'
    return out
  }

  /** Frees the storage of a buffer that is gone, once nobody reads it. */
  private drop(): void {
    if (this.readers > 0) return
    const { storage } = this
    this.kept = false
    this.storage = undefined
    this.free(storage)
  }

  /** Throws where the data can no longer be had. */
  check(fn: string): void {
    if (this.state === 'ready' || this.state === 'pending') return
    if (this.state === 'failed') throw this.error
    const donated = this.state === 'donated'
    throw new AdjointError(donated ? 'donated' : 'released', {
      fn,
      given: donated ? 'a tensor donated to a jitted call' : 'a tensor released by dispose() or its scope',
      expected: 'a live tensor',
      fix: donated
        ? 'Use the result instead, or leave the argument out of `donate`'
        : 'Return it from the scope, or dispose it later',
    })
  }

  private free(storage: Storage): void {
    if (!this.borrowed) this.backend.release?.(storage)
  }
}
