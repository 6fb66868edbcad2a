// The types that the formats share: where bytes come from, how elements become tensors, and files read piece by piece.

import type { Backend, DType, Tensor } from '@adjoint/core'
import type { ElementType } from './elements/types.js'

/**
 * Bytes that can be read anywhere without reading the rest. A `Blob` is one: what a file input holds, what
 * `await openAsBlob(path)` of `node:fs` and `Bun.file(path)` give. Anything else with these two members works too.
 */
export interface Sliceable {
  /** Number of bytes. */
  readonly size: number
  /** The bytes from `begin` to `end` (exclusive), to be read later. */
  slice(begin: number, end: number): Pick<Blob, 'arrayBuffer'>
}

/**
 * Where a file comes from: bytes, a `Blob`, the `Response` of a fetch, or a stream of chunks (of the web, or of Node).
 *
 * @example
 * const source: ByteSource = new Blob(['x,y\n1,2\n'])
 * const { tensors } = await csv.read(source)
 */
export type ByteSource =
  | Uint8Array
  | ArrayBuffer
  | Sliceable
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>

/** How far reading or writing has come. */
export interface TransferProgress {
  /** Bytes so far; of compressed arrays, the unpacked ones. */
  readonly bytes: number
  /** Bytes in all, where that is known. */
  readonly total: number | undefined
}

/** Options of everything that reads or writes a file. */
export interface TransferOptions {
  /** Stops the work between two chunks, or while it waits for one: the promise or stream fails with the signal's reason. */
  readonly signal?: AbortSignal
  /** Called after each chunk. */
  readonly onProgress?: (progress: TransferProgress) => void
}

/** How the elements of a file become a tensor. */
export interface ReadOptions extends TransferOptions {
  /**
   * Element type of the tensors, for all entries or by name. Floats round; integers and booleans must be exact.
   *
   * @defaultValue the file's own where Adjoint has it; float32 for narrower floats, int32 for the integers below 32 bits
   * and for int64, uint32 for uint64
   */
  readonly as?: DType | Readonly<Record<string, DType>>
  /** Where the tensors go. @defaultValue the default backend */
  readonly backend?: Backend
}

/** One array of a file, before it is read. */
export interface EntryInfo {
  /** Lengths of the axes, in the file; a complex entry becomes a tensor with one more axis, of real and imaginary part. */
  readonly shape: readonly number[]
  /** Element type in the file. */
  readonly type: ElementType
}

/** A file of named arrays whose index has been read, and whose arrays are read one by one. */
export interface TensorFile {
  /** The names of the arrays, in the order of the file. */
  readonly names: readonly string[]
  /** The array of one name. @throws AdjointError `missing-data` for another name; otherwise as the `read` of the format */
  read(name: string, options?: ReadOptions): Promise<Tensor>
}

/** Bytes of a file, whole. */
export type Bytes = Uint8Array<ArrayBuffer>
