// Gzip through the platform's own DecompressionStream: no library, the same in Node and in browsers.

import { corrupt } from './corrupt.js'

/**
 * Inflates gzip; bytes that are not gzip come back unchanged, because some web servers inflate `.gz` files on the way.
 *
 * @throws AdjointError `corrupt-data` when the stream is damaged or cut short
 */
export async function gunzip(fn: string, file: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
    return new Uint8Array(await new Response(stream).arrayBuffer())
  } catch (cause) {
    throw corrupt(fn, file, 'a damaged gzip stream', 'a complete gzip file', cause)
  }
}
