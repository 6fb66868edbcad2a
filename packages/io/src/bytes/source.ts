// The sources of bytes, seen in the two ways that readers need: chunk after chunk, or any part at once.

import { AdjointError } from '@adjoint/core'
import type { ByteSource, Sliceable, TransferOptions } from '../api.js'
import { corrupt } from '../errors.js'
import { isWatched, watched } from './watch.js'

const CHUNK = 1 << 20

/** Any part of a source, without the rest. */
export interface RandomAccess {
  readonly size: number
  /** Whether the bytes were collected from a stream. */
  readonly isCollected: boolean
  bytes(begin: number, end: number): Promise<Uint8Array>
  /** The same bytes in memory that belongs to nobody else. */
  own(begin: number, end: number, options: TransferOptions): Promise<Uint8Array>
}

/** The bytes of a source, in order, in chunks of any size. */
export function chunksOf(fn: string, source: ByteSource, options: TransferOptions = {}): AsyncGenerator<Uint8Array> {
  const chunks = plainChunks(fn, source, options)
  return isWatched(options) ? watched(chunks, options, sizeOf(source)) : chunks
}

async function* plainChunks(fn: string, source: ByteSource, options: TransferOptions): AsyncGenerator<Uint8Array> {
  const bytes = inMemory(source)
  if (bytes !== undefined) yield* isWatched(options) ? piecesOf(bytes) : [bytes]
  else if (isSliceable(source)) yield* slicesOf(fn, source, 0, source.size)
  else for await (const chunk of streamOf(fn, source, options)) yield checkedChunk(fn, chunk)
}

/** The bytes of a source, where that says so. */
function sizeOf(source: ByteSource): number | undefined {
  if (isSliceable(source)) return source.size
  if (!isObject(source) || !('headers' in source)) return inMemory(source)?.length
  const { headers } = source as Response
  const length = headers.get('content-encoding') === null ? headers.get('content-length') : null
  return length === null ? undefined : Number(length)
}

/** Whether the chunks of a source are memory that nobody else has. */
export function givesFreshChunks(source: ByteSource): boolean {
  return (
    (typeof Blob !== 'undefined' && source instanceof Blob) ||
    (typeof Response !== 'undefined' && source instanceof Response)
  )
}

/** Parts of an array, without a copy. */
export function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK)
}

/** Random access to a source; a stream is collected first. */
export async function randomAccess(
  fn: string,
  source: ByteSource,
  options: TransferOptions = {},
): Promise<RandomAccess> {
  if (isSliceable(source)) return accessToSlices(fn, source)
  const given = inMemory(source)
  const bytes = given ?? (await collect(chunksOf(fn, source, options)))
  return {
    size: bytes.length,
    isCollected: given === undefined,
    bytes: async (begin, end) => bytes.subarray(begin, end),
    own: async (begin, end) => bytes.slice(begin, end),
  }
}

function accessToSlices(fn: string, source: Sliceable): RandomAccess {
  const bytes = (begin: number, end: number) => sliceOf(fn, source, begin, end)
  return {
    size: source.size,
    isCollected: false,
    bytes,
    async own(begin, end, options) {
      if (isWatched(options))
        return collect(watched(slicesOf(fn, source, begin, end), options, end - begin), end - begin)
      return givesFreshChunks(source) ? bytes(begin, end) : (await bytes(begin, end)).slice()
    },
  }
}

/** All chunks in one array, which is made at once where the size is known for sure. */
export async function collect(chunks: AsyncIterable<Uint8Array>, size?: number): Promise<Uint8Array<ArrayBuffer>> {
  if (size !== undefined) {
    const out = new Uint8Array(size)
    let at = 0
    for await (const chunk of chunks) {
      out.set(chunk, at)
      at += chunk.length
    }
    return out
  }
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return concatBytes(parts)
}

/** Arrays of bytes end to end, in a fresh one. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

function inMemory(source: ByteSource): Uint8Array | undefined {
  if (source instanceof Uint8Array) return source
  return source instanceof ArrayBuffer ? new Uint8Array(source) : undefined
}

function isSliceable(source: ByteSource): source is Sliceable {
  return isObject(source) && 'slice' in source && 'size' in source
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

async function* slicesOf(fn: string, source: Sliceable, begin: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = begin; at < end; at += CHUNK) yield await sliceOf(fn, source, at, Math.min(at + CHUNK, end))
}

async function sliceOf(fn: string, source: Sliceable, begin: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await source.slice(begin, end).arrayBuffer())
  if (bytes.length === end - begin) return bytes
  throw corrupt(fn, `${bytes.length} bytes for the slice from ${begin} to ${end}`, `${end - begin} bytes`)
}

function streamOf(fn: string, source: unknown, options: TransferOptions): AsyncIterable<Uint8Array> {
  if (!isObject(source)) throw notASource(fn, source)
  if ('getReader' in source) return chunksOfStream(source as ReadableStream<Uint8Array>, options)
  if (Symbol.asyncIterator in source) return source as AsyncIterable<Uint8Array>
  if ('body' in source && 'status' in source) return chunksOfResponse(fn, source as Response, options)
  throw notASource(fn, source)
}

async function* chunksOfResponse(fn: string, response: Response, options: TransferOptions) {
  const { ok, status, statusText, url, body } = response
  if (!ok) {
    throw new AdjointError('missing-data', {
      fn,
      given: `the answer ${`${status} ${statusText}`.trim()}${url === '' ? '' : ` of ${url}`}`,
      expected: 'a successful response',
      fix: 'Check the address',
    })
  }
  if (body !== null) yield* chunksOfStream(body, options)
}

/** Safari's streams are not async iterables; and a reader can be cancelled while it waits. */
async function* chunksOfStream(
  stream: ReadableStream<Uint8Array>,
  { signal }: TransferOptions,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  let done = false
  const cancel = (): void => void reader.cancel(signal?.reason).catch(() => undefined)
  signal?.addEventListener('abort', cancel)
  try {
    for (;;) {
      const next = await reader.read()
      done = next.done
      if (next.value === undefined) return
      yield next.value
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    if (!done) await reader.cancel().catch(() => undefined)
    reader.releaseLock()
  }
}

function checkedChunk(fn: string, chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new AdjointError('invalid-argument', {
    fn,
    given: `a stream with a chunk of type ${typeof chunk}`,
    expected: 'chunks of Uint8Array',
    fix: 'Open the stream without an encoding',
  })
}

function notASource(fn: string, source: unknown): AdjointError {
  return new AdjointError('invalid-argument', {
    fn,
    given: typeof source === 'string' ? 'a string' : `a value of type ${source === null ? 'null' : typeof source}`,
    expected: 'a Uint8Array, ArrayBuffer, Blob, Response, or stream of bytes',
    fix: "For an address pass await fetch(url); for a path in Node await openAsBlob(path), of 'node:fs'",
  })
}
