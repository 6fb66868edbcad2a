// Files on their way out: whole, or as streams of the web, made when they are asked for.

import type { Bytes, TransferOptions } from '../api.js'
import { collect, piecesOf } from './source.js'
import { isWatched, watched } from './watch.js'

/** A file that is being written. */
export interface Outgoing {
  readonly chunks: AsyncGenerator<Uint8Array>
  /** Bytes of all chunks, where that is known. */
  readonly size?: number
}

/** The bytes of a file. */
export async function bytesOf(file: Outgoing, options: TransferOptions): Promise<Bytes> {
  return collect(transferred(file, options), file.size)
}

/** A file as a stream; cancelling it ends the work. */
export function streamFrom(file: Outgoing, options: TransferOptions): ReadableStream<Uint8Array> {
  const chunks = transferred(file, options)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await chunks.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value)
    },
    async cancel() {
      await chunks.return(undefined)
    },
  })
}

function transferred({ chunks, size }: Outgoing, options: TransferOptions): AsyncGenerator<Uint8Array> {
  return isWatched(options) ? watched(divided(chunks), options, size) : chunks
}

async function* divided(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield* piecesOf(chunk)
}
