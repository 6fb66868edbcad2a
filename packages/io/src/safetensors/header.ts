// The header of a safetensors file: JSON that names, types and places every tensor, checked before anything is read.
// Hugging Face, safetensors format, 2022.

import { AdjointError } from '@adjoint/core'
import type { EntryInfo } from '../api.js'
import { byteLength, type ElementType } from '../elements/types.js'
import { corrupt, quote } from '../errors.js'
import { duplicateKey } from './duplicate-key.js'

/** A tensor in a safetensors file: its place counts from the end of the header. */
export interface SafetensorsEntry extends EntryInfo {
  readonly begin: number
  readonly end: number
}

/** A checked header. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>
  /** By place. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>
  /** Bytes of data behind the header. */
  readonly size: number
}

export const RESERVED = '__metadata__'

/** The limit of the reference implementation. */
const MAX_HEADER = 100_000_000

const TYPES: ReadonlyMap<unknown, ElementType> = /* @__PURE__ */ new Map<unknown, ElementType>([
  ['BOOL', 'bool'],
  ['U8', 'uint8'],
  ['I8', 'int8'],
  ['U16', 'uint16'],
  ['I16', 'int16'],
  ['U32', 'uint32'],
  ['I32', 'int32'],
  ['U64', 'uint64'],
  ['I64', 'int64'],
  ['F8_E4M3', 'float8_e4m3'],
  ['F8_E5M2', 'float8_e5m2'],
  ['F8_E8M0', 'float8_e8m0'],
  ['BF16', 'bfloat16'],
  ['F16', 'float16'],
  ['F32', 'float32'],
  ['F64', 'float64'],
  ['C64', 'complex64'],
])

/** The length of the header, from the first eight bytes; `available` is what the file holds behind them. */
export function headerLength(fn: string, start: Uint8Array, available = Number.POSITIVE_INFINITY): number {
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true)
  if (length <= BigInt(MAX_HEADER) && Number(length) <= available) return Number(length)
  throw corrupt(fn, `a header of ${length} bytes`, `at most ${Math.min(MAX_HEADER, available)}`)
}

/** The header behind its bytes. @throws AdjointError `corrupt-data`; `dtype-unsupported` for types of less than a byte */
export function parseHeader(fn: string, bytes: Uint8Array): SafetensorsHeader {
  const { [RESERVED]: metadata, ...rest } = parseObject(fn, bytes)
  const entries = Object.entries(rest).map(([name, entry]) => [name, checkEntry(fn, name, entry)] as const)
  entries.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)
  let end = 0
  for (const [name, entry] of entries) {
    if (entry.begin !== end) throw corrupt(fn, `'${name}' at byte ${entry.begin} of the data`, `byte ${end}, the next`)
    end = entry.end
  }
  return { metadata: checkMetadata(fn, metadata), entries: new Map(entries), size: end }
}

function parseObject(fn: string, bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw corrupt(fn, 'a header that does not begin with {', 'a JSON object')
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw corrupt(fn, 'a header that is not JSON', 'a JSON object in UTF-8', cause)
  }
  const twice = duplicateKey(text)
  if (twice !== undefined) throw corrupt(fn, `a header with two entries ${quote(twice)}`, 'one entry for each name')
  return value as Record<string, unknown>
}

function checkEntry(fn: string, name: string, entry: unknown): SafetensorsEntry {
  if (!isRecord(entry)) throw corrupt(fn, `${quote(name)} without a description`, 'dtype, shape and data_offsets')
  const { dtype, shape, data_offsets: offsets } = entry
  const type = TYPES.get(dtype)
  if (type === undefined) {
    throw new AdjointError('dtype-unsupported', {
      fn,
      given: `${quote(name)} of dtype ${quote(String(dtype))}`,
      expected: [...TYPES.keys()].join(', '),
      fix: 'Convert it where the file was written, for instance to F32',
    })
  }
  const bytes = byteLength(shape, type)
  if (bytes === undefined) throw corrupt(fn, `${quote(name)} with a shape no array has`, 'lengths of axes')
  if (!isPlace(offsets) || offsets[1] - offsets[0] !== bytes) {
    const given = isPlace(offsets) ? `${offsets[1] - offsets[0]} bytes` : 'an invalid place'
    throw corrupt(fn, `${quote(name)} with ${given}`, `the ${bytes} bytes of its shape and dtype ${dtype}`)
  }
  return { shape: shape as number[], type, begin: offsets[0], end: offsets[1] }
}

function checkMetadata(fn: string, metadata: unknown): Readonly<Record<string, string>> {
  if (metadata === undefined) return {}
  if (isRecord(metadata) && Object.values(metadata).every((value) => typeof value === 'string'))
    return metadata as Record<string, string>
  throw corrupt(fn, `${RESERVED} that holds other things than text`, 'text by name')
}

function isPlace(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((n) => Number.isSafeInteger(n) && n >= 0)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
