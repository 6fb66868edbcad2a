// Reads a stream in pieces of known length. Nothing is allocated for a length that the stream does not have.

import type { ByteSource, TransferOptions } from '../api.js'
import { corrupt } from '../errors.js'
import { chunksOf, concatBytes, givesFreshChunks } from './source.js'

/** Exact pieces of a stream of bytes. */
export class ByteReader {
  private readonly fn: string
  private readonly chunks: AsyncGenerator<Uint8Array>
  private rest: Uint8Array = new Uint8Array(0)
  private position = 0
  private readonly isFresh: boolean
  /** Whether the last piece came from several chunks. */
  private isJoined = false

  constructor(fn: string, source: ByteSource, options: TransferOptions) {
    this.fn = fn
    this.chunks = chunksOf(fn, source, options)
    this.isFresh = givesFreshChunks(source)
  }

  /** The next `count` bytes. @throws AdjointError `corrupt-data` where fewer are left */
  async take(count: number, what: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let missing = count
    while (missing > 0) {
      if (this.rest.length === 0 && !(await this.advance())) {
        const end = this.position
        throw corrupt(this.fn, `the end of the file at byte ${end}, in ${what}`, `${missing} more bytes`)
      }
      const part = this.rest.subarray(0, missing)
      this.rest = this.rest.subarray(part.length)
      this.position += part.length
      missing -= part.length
      parts.push(part)
    }
    this.isJoined = parts.length !== 1
    return this.isJoined ? concatBytes(parts) : parts[0]
  }

  /** The next bytes in memory that belongs to nobody else, aligned for every element type. */
  async takeOwn(count: number, what: string): Promise<Uint8Array> {
    const bytes = await this.take(count, what)
    const mine = this.isFresh || this.isJoined
    // A small part of a chunk would keep the whole in memory.
    const fits = bytes.byteOffset % 8 === 0 && bytes.buffer.byteLength <= 2 * count
    return mine && fits ? bytes : bytes.slice()
  }

  /** @throws AdjointError `corrupt-data` where bytes are left */
  async finish(): Promise<void> {
    while (this.rest.length === 0) if (!(await this.advance())) return
    throw corrupt(this.fn, `bytes after the end of the data, at byte ${this.position}`, 'the end of the file there')
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.chunks.return(undefined)
  }

  private async advance(): Promise<boolean> {
    const next = await this.chunks.next()
    if (next.done !== true) this.rest = next.value
    return next.done !== true
  }
}

/** Runs `body` on the pieces of a source, and lets go of the source afterwards. */
export async function reading<T>(
  fn: string,
  source: ByteSource,
  options: TransferOptions,
  body: (reader: ByteReader) => Promise<T>,
): Promise<T> {
  const reader = new ByteReader(fn, source, options)
  try {
    return await body(reader)
  } finally {
    await reader.close()
  }
}
