// The bytes of one file of an archive, inflated piece by piece, so that no claim of a size allocates anything.
// P. Deutsch, DEFLATE Compressed Data Format, RFC 1951, 1996; fflate does the work.

import { Inflate } from 'fflate'
import type { RandomAccess } from '../bytes/source.js'
import { corrupt, quote } from '../errors.js'
import { crc32 } from './crc32.js'
import { locate, type ZipEntry } from './directory.js'

/** Deflate packs at most 1032 to 1: a piece becomes 64 MiB at worst. */
const PIECE = 1 << 16
const STORED_PIECE = 1 << 24

/** Checks size and checksum at the end. */
export async function* unpack(fn: string, file: RandomAccess, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  let size = 0
  let crc = 0
  const { begin, end } = await locate(fn, file, entry)
  for await (const chunk of entry.deflated ? inflated(fn, file, entry.name, begin, end) : stored(file, begin, end)) {
    size += chunk.length
    crc = crc32(chunk, crc)
    if (size > entry.size) break
    yield chunk
  }
  if (size !== entry.size) throw corrupt(fn, `${quote(entry.name)} of another size`, `${entry.size} bytes`)
  if (crc !== entry.crc) throw corrupt(fn, `${quote(entry.name)} with a wrong checksum`, `CRC-32 ${entry.crc}`)
}

async function* stored(file: RandomAccess, begin: number, end: number) {
  for (let at = begin; at < end; at += STORED_PIECE) yield await file.bytes(at, Math.min(at + STORED_PIECE, end))
}

async function* inflated(fn: string, file: RandomAccess, name: string, begin: number, end: number) {
  const chunks: Uint8Array[] = []
  const inflate = new Inflate((chunk) => chunks.push(chunk))
  for (let at = begin; at < end || at === begin; at += PIECE) {
    const next = Math.min(at + PIECE, end)
    const piece = await file.bytes(at, next)
    try {
      inflate.push(piece, next === end)
    } catch (cause) {
      throw corrupt(fn, `${quote(name)} that does not inflate`, 'deflated bytes', cause)
    }
    yield* chunks.splice(0)
  }
}
