// The directory at the end of a zip file, with the 64-bit fields that NumPy writes; checked before anything is read.
// PKWARE, .ZIP File Format Specification (APPNOTE.TXT), 6.3.

import type { RandomAccess } from '../bytes/source.js'
import { corrupt, quote } from '../errors.js'

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string
  readonly deflated: boolean
  readonly crc: number
  /** Bytes in the archive. */
  readonly packed: number
  /** Bytes of the file. */
  readonly size: number
  /** Where its local header begins. */
  readonly offset: number
  /** Where the next entry, or the directory, begins. */
  readonly limit: number
}

const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
const CENTRAL_SIZE = 46
const LOCAL_SIZE = 30
const FULL = 0xffffffff

/** The files of an archive, by place. @throws AdjointError `corrupt-data` */
export async function readDirectory(fn: string, file: RandomAccess): Promise<readonly ZipEntry[]> {
  const { count, begin, end } = await findDirectory(fn, file)
  const bytes = await file.bytes(begin, end)
  const entries: ZipEntry[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + CENTRAL_SIZE > bytes.length || viewOf(bytes).getUint32(at, true) !== CENTRAL) break
    const view = viewOf(bytes)
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true))
    const next = at + CENTRAL_SIZE + lengths[0] + lengths[1] + lengths[2]
    if (next > bytes.length) break
    entries.push(parseEntry(fn, bytes.subarray(at, next), lengths[0], lengths[1]))
    at = next
  }
  if (at !== bytes.length || entries.length !== count) {
    throw corrupt(fn, `a directory with ${entries.length} readable entries`, `${count}, as its end says`)
  }
  return withLimits(fn, entries, begin)
}

/** The bytes of a file as they lie in the archive. */
export async function locate(fn: string, file: RandomAccess, entry: ZipEntry): Promise<{ begin: number; end: number }> {
  const header = viewOf(await file.bytes(entry.offset, entry.offset + LOCAL_SIZE))
  if (header.getUint32(0, true) !== LOCAL) throw corrupt(fn, `no header for ${quote(entry.name)}`, 'one at its place')
  const begin = entry.offset + LOCAL_SIZE + header.getUint16(26, true) + header.getUint16(28, true)
  if (begin + entry.packed <= entry.limit) return { begin, end: begin + entry.packed }
  throw corrupt(fn, `${quote(entry.name)} running into what comes after it`, 'entries one after the other')
}

async function findDirectory(fn: string, file: RandomAccess) {
  const from = Math.max(0, file.size - END_SIZE - 0xffff)
  const tail = await file.bytes(from, file.size)
  const view = viewOf(tail)
  let at = tail.length - END_SIZE
  while (
    at >= 0 &&
    !(view.getUint32(at, true) === END && at + END_SIZE + view.getUint16(at + 20, true) === tail.length)
  )
    at--
  if (at < 0) throw corrupt(fn, 'a file without the end of a zip archive', 'an archive of NPY arrays')
  const end = from + at
  const located = await findDirectory64(fn, file, end)
  const found = located ?? {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    begin: view.getUint32(at + 16, true),
    end,
  }
  if (found.begin + found.size !== found.end) {
    throw corrupt(fn, `a directory of ${found.size} bytes at ${found.begin}`, `one that ends at byte ${found.end}`)
  }
  return found
}

async function findDirectory64(fn: string, file: RandomAccess, end: number) {
  if (end < 20 + 56) return undefined
  const locator = viewOf(await file.bytes(end - 20, end))
  if (locator.getUint32(0, true) !== LOCATOR_64) return undefined
  const at = wide(fn, locator, 8)
  if (at + 56 > end - 20) throw corrupt(fn, `the end of a directory at byte ${at}`, `at most ${end - 76}`)
  const record = viewOf(await file.bytes(at, at + 56))
  if (record.getUint32(0, true) !== END_64) throw corrupt(fn, 'a locator that leads nowhere', 'the end of a directory')
  return { count: wide(fn, record, 32), size: wide(fn, record, 40), begin: wide(fn, record, 48), end: at }
}

function parseEntry(fn: string, bytes: Uint8Array, nameLength: number, extraLength: number): ZipEntry {
  const view = viewOf(bytes)
  const extraBegin = CENTRAL_SIZE + nameLength
  const name = new TextDecoder().decode(bytes.subarray(CENTRAL_SIZE, extraBegin))
  const flags = view.getUint16(8, true)
  const method = view.getUint16(10, true)
  if (flags & 1) throw corrupt(fn, `${quote(name)}, encrypted`, 'an archive without a password')
  if (method !== 0 && method !== 8) {
    throw corrupt(fn, `${quote(name)} packed by method ${method}`, 'stored or deflated files, as np.savez writes them')
  }
  const wideFields = extended(bytes.subarray(extraBegin, extraBegin + extraLength))
  const field = (at: number): number => {
    const value = view.getUint32(at, true)
    if (value !== FULL || wideFields === undefined) return value
    const part = wideFields.next().value
    if (part === undefined) throw corrupt(fn, `${quote(name)} without its 64-bit sizes`, 'all of them')
    return wide(fn, part, 0)
  }
  // In this order they lie in the extra field.
  const size = field(24)
  const packed = field(20)
  const offset = field(42)
  if (method === 0 && size !== packed) throw corrupt(fn, `${quote(name)} stored in another size`, 'one size')
  return { name, deflated: method === 8, crc: view.getUint32(16, true), packed, size, offset, limit: 0 }
}

/** The 64-bit numbers of the extra field with the id 1, one after the other. */
function extended(extra: Uint8Array): Iterator<DataView, undefined> | undefined {
  const view = viewOf(extra)
  for (let at = 0; at + 4 <= extra.length; ) {
    const begin = at + 4
    const end = begin + view.getUint16(at + 2, true)
    if (view.getUint16(at, true) === 1 && end <= extra.length) return numbersOf(extra.subarray(begin, end))
    at = end
  }
  return undefined
}

function* numbersOf(bytes: Uint8Array): Generator<DataView, undefined> {
  for (let at = 0; at + 8 <= bytes.length; at += 8) yield viewOf(bytes.subarray(at, at + 8))
}

/** No two entries share bytes: an archive of overlapping ones unpacks to far more than it holds. */
function withLimits(fn: string, entries: readonly ZipEntry[], directory: number): readonly ZipEntry[] {
  const sorted = entries.toSorted((a, b) => a.offset - b.offset)
  return sorted.map((entry, i) => {
    const limit = sorted[i + 1]?.offset ?? directory
    if (entry.offset + LOCAL_SIZE + entry.packed <= limit) return { ...entry, limit }
    throw corrupt(fn, `${quote(entry.name)} running into what comes after it`, 'entries one after the other')
  })
}

function wide(fn: string, view: DataView, at: number): number {
  const value = view.getBigUint64(at, true)
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value)
  throw corrupt(fn, `a place or size of ${value} bytes`, 'one inside the file')
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
