// Chunks that can be watched and stopped on their way.

import type { TransferOptions } from '../api.js'

/** Milliseconds of work after which timers, signals and the page get a turn. */
const TURN = 50

/** Whether anyone watches, so that large pieces are worth dividing. */
export function isWatched({ signal, onProgress }: TransferOptions): boolean {
  return signal !== undefined || onProgress !== undefined
}

/** The same chunks: each is reported, and none comes once the signal is aborted. */
export async function* watched(
  chunks: AsyncGenerator<Uint8Array>,
  { signal, onProgress }: TransferOptions,
  total?: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let turn = Date.now() + TURN
  const abortion = abortionOf(signal)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const next = await abortion.before(chunks.next())
      if (next.done === true) return
      bytes += next.value.length
      onProgress?.({ bytes, total })
      yield next.value
      // Awaiting what is there already never leaves the microtask queue.
      if (Date.now() > turn) {
        await new Promise((resolve) => setTimeout(resolve))
        turn = Date.now() + TURN
      }
    }
  } finally {
    abortion.forget()
    const closed = chunks.return(undefined)
    // A source that is being waited for closes when it answers.
    if (signal?.aborted === true) closed.catch(() => undefined)
    else await closed
  }
}

/** Waits for a result, or fails when the signal is aborted. */
function abortionOf(signal: AbortSignal | undefined) {
  let fail = (_: unknown): void => undefined
  const listener = (): void => fail(signal?.reason)
  signal?.addEventListener('abort', listener)
  return {
    before<T>(result: Promise<T>): Promise<T> {
      if (signal === undefined) return result
      return new Promise<T>((resolve, reject) => {
        fail = reject
        result.then(resolve, reject)
      })
    },
    forget: () => signal?.removeEventListener('abort', listener),
  }
}
