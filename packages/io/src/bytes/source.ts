// The sources of bytes, seen in the two ways that readers need: chunk after chunk, or any part at once.

import { AdjointError } from '@adjoint/core'
import type { ByteSource, Sliceable } from '../api.js'
import { corrupt } from '../errors.js'

const CHUNK = 1 << 20

/** Any part of a source, without the rest. */
export interface RandomAccess {
  readonly size: number
  bytes(begin: number, end: number): Promise<Uint8Array>
}

/** The bytes of a source, in order, in chunks of any size. */
export async function* chunksOf(fn: string, source: ByteSource): AsyncGenerator<Uint8Array> {
  const bytes = inMemory(source)
  if (bytes !== undefined) yield bytes
  else if (isSliceable(source)) yield* slicesOf(fn, source)
  else for await (const chunk of streamOf(fn, source)) yield checkedChunk(fn, chunk)
}

/** Random access to a source; a stream is collected first. */
export async function randomAccess(fn: string, source: ByteSource): Promise<RandomAccess> {
  if (isSliceable(source)) return { size: source.size, bytes: (begin, end) => sliceOf(fn, source, begin, end) }
  const bytes = inMemory(source) ?? (await collect(chunksOf(fn, source)))
  return { size: bytes.length, bytes: async (begin, end) => bytes.subarray(begin, end) }
}

/** All chunks in one array. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
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

async function* slicesOf(fn: string, source: Sliceable): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += CHUNK) {
    yield await sliceOf(fn, source, at, Math.min(at + CHUNK, source.size))
  }
}

async function sliceOf(fn: string, source: Sliceable, begin: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await source.slice(begin, end).arrayBuffer())
  if (bytes.length === end - begin) return bytes
  throw corrupt(fn, `${bytes.length} bytes for the slice from ${begin} to ${end}`, `${end - begin} bytes`)
}

function streamOf(fn: string, source: unknown): AsyncIterable<Uint8Array> {
  if (!isObject(source)) throw notASource(fn, source)
  if (Symbol.asyncIterator in source) return source as AsyncIterable<Uint8Array>
  if ('getReader' in source) return chunksOfStream(source as ReadableStream<Uint8Array>)
  if ('body' in source && 'status' in source) return chunksOfResponse(fn, source as Response)
  throw notASource(fn, source)
}

async function* chunksOfResponse(fn: string, { ok, status, statusText, url, body }: Response) {
  if (!ok) {
    throw new AdjointError('missing-data', {
      fn,
      given: `the answer ${`${status} ${statusText}`.trim()}${url === '' ? '' : ` of ${url}`}`,
      expected: 'a successful response',
      fix: 'Check the address',
    })
  }
  if (body !== null) yield* chunksOfStream(body)
}

/** Safari's streams are not async iterables. */
async function* chunksOfStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  let done = false
  try {
    for (;;) {
      const next = await reader.read()
      done = next.done
      if (next.value === undefined) return
      yield next.value
    }
  } finally {
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
