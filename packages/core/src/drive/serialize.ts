// Pytrees as bytes, in the safetensors layout: the length of a JSON header, the header, the raw little-endian data.
// Hugging Face, safetensors format, 2022. The tree itself is JSON in the header's `__metadata__`.

import type { Backend } from '../backend/backend.js'
import { Buffer } from '../backend/buffer.js'
import { defaultBackend } from '../backend/current.js'
import { checkDtypes } from '../bind.js'
import { byteSize, type DType, newArray, type TypedArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { Key } from '../random/key.js'
import { formatAval, formatShape, type Shape, sizeOf } from '../shape.js'
import { concreteTensor, isTensor, type Tensor } from '../tensor.js'

/** A tree as JSON: scalars as they are, arrays as arrays, everything else in an object with one telling key. */
type Encoded =
  | null
  | boolean
  | number
  | string
  | readonly Encoded[]
  | { readonly object: { readonly [key: string]: Encoded } }
  | { readonly tensor: string; readonly weak?: true }
  | { readonly key: readonly [number, number] | string }
  | { readonly number: string }
  | { readonly undefined: true }

const NAMES: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int32: 'I32',
  uint32: 'U32',
  bool: 'BOOL',
}
const TREE_KEY = 'adjoint.tree'
const RESERVED = '__metadata__'
const MAX_DEPTH = 500
const MAX_HEADER = 100_000_000

/**
 * A pytree as bytes: tensors, random keys, numbers, strings, booleans and null come back from `deserialize` bit for bit.
 * Other tools read the tensors as safetensors, under their paths (`layers.0.weight`).
 *
 * @throws AdjointError `invalid-argument` for functions, class instances and cycles; as `data` for unreadable tensors
 * @example
 * const bytes = await serialize({ weight: ones([2, 3]), epoch: 4 })
 * deserialize(bytes)   // { weight: [[1, 1, 1], [1, 1, 1]], epoch: 4 }
 */
export async function serialize(tree: unknown): Promise<Uint8Array> {
  const tensors = new Map<string, Tensor>()
  const encoded = encode(tree, [], tensors)
  // Wide elements first, so that every tensor starts at a multiple of its element size.
  const names = [...tensors.keys()].sort((a, b) => width(tensors, b) - width(tensors, a))
  const data = await Promise.all(names.map((name) => (tensors.get(name) as Tensor).data()))
  const header: [string, unknown][] = [[RESERVED, { [TREE_KEY]: JSON.stringify(encoded) }]]
  let end = 0
  for (const [i, name] of names.entries()) {
    const { dtype, shape } = tensors.get(name) as Tensor
    const begin = end
    end += data[i].byteLength
    header.push([name, { dtype: NAMES[dtype], shape, data_offsets: [begin, end] }])
  }
  return assemble(JSON.stringify(Object.fromEntries(header)), data, end)
}

function width(tensors: ReadonlyMap<string, Tensor>, name: string): number {
  return byteSize((tensors.get(name) as Tensor).dtype)
}

function assemble(json: string, data: readonly TypedArray[], size: number): Uint8Array {
  const header = new TextEncoder().encode(json)
  const padded = Math.ceil(header.length / 8) * 8
  const out = new Uint8Array(8 + padded + size)
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true)
  out.fill(32, 8, 8 + padded).set(header, 8)
  let at = 8 + padded
  for (const { buffer, byteOffset, byteLength } of data) {
    out.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  return out
}

function encode(value: unknown, path: readonly string[], tensors: Map<string, Tensor>): Encoded {
  if (path.length > MAX_DEPTH)
    throw notSerialisable(path.slice(0, 3), `a tree deeper than ${MAX_DEPTH} levels, or a cycle`)
  if (isTensor(value)) {
    const tensor = place(value, path, tensors)
    return value.weak ? { tensor, weak: true } : { tensor }
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (value === undefined) return { undefined: true }
  // JSON has no -0, NaN and infinities.
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { number: Object.is(value, -0) ? '-0' : String(value) }
  if (Array.isArray(value)) return Array.from(value, (child, i) => encode(child, [...path, String(i)], tensors))
  if (typeof value !== 'object') throw notSerialisable(path, `a ${typeof value}`)
  if (isKey(value)) return { key: value.words ?? place(value.tensor(), path, tensors) }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    throw notSerialisable(path, `an instance of ${value.constructor.name}`)
  return {
    object: Object.fromEntries(
      Object.entries(value).map(([key, child]) => [key, encode(child, [...path, key], tensors)]),
    ),
  }
}

function isKey(value: object): value is Key {
  return 'words' in value && 'consume' in value
}

/** Adds a tensor to the file, under its path where that is free. */
function place(value: Tensor, path: readonly string[], tensors: Map<string, Tensor>): string {
  const name = freeName(path, tensors)
  tensors.set(name, value)
  return name
}

function freeName(path: readonly string[], taken: ReadonlyMap<string, Tensor>): string {
  const name = path.length === 0 ? 'value' : path.join('.')
  if (name !== RESERVED && !taken.has(name)) return name
  let copy = 2
  while (taken.has(`${name}#${copy}`)) copy++
  return `${name}#${copy}`
}

function notSerialisable(path: readonly string[], given: string): AdjointError {
  return new AdjointError('invalid-argument', {
    fn: 'serialize',
    given: `${given} at ${path.length === 0 ? 'the root' : path.join('.')}`,
    expected: 'plain objects and arrays of tensors, random keys, numbers, strings, booleans and null',
    fix: 'Take the plain parts out of class instances before, and rebuild them after deserialize',
  })
}

/** Options of `deserialize`. */
export interface DeserializeOptions {
  /** Where the tensors go. @defaultValue the default backend */
  readonly backend?: Backend
}

/**
 * The tree that `serialize` was given. A safetensors file of another tool gives an object of tensors by name.
 *
 * @throws AdjointError `corrupt-data` for bytes that are not what they claim; `dtype-unsupported` where the backend lacks one
 * @example
 * const copy = deserialize(await serialize([tensor([1, 2]), 'note']))   // [[1, 2], 'note']
 */
export function deserialize(bytes: Uint8Array, { backend = defaultBackend() }: DeserializeOptions = {}): unknown {
  if (!(bytes instanceof Uint8Array)) {
    throw new AdjointError('invalid-argument', {
      fn: 'deserialize',
      given: `a value of type ${typeof bytes}`,
      expected: 'a Uint8Array',
      fix: 'Wrap an ArrayBuffer: new Uint8Array(buffer)',
    })
  }
  const { header, data } = takeApart(bytes)
  const { [RESERVED]: metadata, ...rest } = header
  const entries = Object.entries(rest).map(([name, entry]) => [name, checkEntry(name, entry)] as const)
  checkLayout(
    entries.map(([, entry]) => entry),
    data.length,
  )
  const text = isRecord(metadata) ? metadata[TREE_KEY] : undefined
  const read: Readers = new Map(entries.map(([name, entry]) => [name, readTensor(name, entry, data, backend)]))
  if (text === undefined) return Object.fromEntries([...read].map(([name, make]) => [name, make(false)]))
  const tree = decode(parse(String(text), 'tree'), read, 0)
  if (read.size > 0) throw corrupt(`tensors that the tree does not use: ${[...read.keys()].slice(0, 3).join(', ')}`)
  return tree
}

function takeApart(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw corrupt(`${bytes.length} bytes, not even a header length`)
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  const limit = Math.min(bytes.length - 8, MAX_HEADER)
  if (length > BigInt(limit)) throw corrupt(`a header of ${length} bytes where at most ${limit} fit`)
  const end = 8 + Number(length)
  const header = parse(utf8(bytes.subarray(8, end)), 'header')
  if (!isRecord(header)) throw corrupt('a header that is not an object')
  return { header, data: bytes.subarray(end) }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw corrupt('a header that is not UTF-8', cause)
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw corrupt(`a ${what} that is not JSON`, cause)
  }
}

interface CheckedEntry {
  readonly dtype: DType
  readonly shape: Shape
  readonly begin: number
  readonly end: number
}

function checkEntry(name: string, entry: unknown): CheckedEntry {
  if (!isRecord(entry)) throw corrupt(`tensor '${name}' without a description`)
  const { shape, data_offsets: offsets } = entry
  const dtype = (Object.keys(NAMES) as DType[]).find((key) => NAMES[key] === entry.dtype)
  if (dtype === undefined)
    throw corrupt(
      `tensor '${name}' of dtype ${JSON.stringify(entry.dtype)}, not one of ${Object.values(NAMES).join(', ')}`,
    )
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
    throw corrupt(`tensor '${name}' without a valid shape and place`)
  const [begin, end] = offsets
  // Compared as a product of counts, which may lose precision but cannot wrap.
  if (end - begin !== sizeOf(shape) * byteSize(dtype))
    throw corrupt(`tensor '${name}' ${formatShape(shape)} in ${end - begin} bytes`)
  return { dtype, shape, begin, end }
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tensors lie end to end: no holes, no overlaps, nothing left over. */
function checkLayout(entries: readonly CheckedEntry[], size: number): void {
  let end = 0
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== end) throw corrupt(`data at byte ${entry.begin} where byte ${end} comes next`)
    end = entry.end
  }
  if (end !== size) throw corrupt(`${size} bytes of data where the header describes ${end}`)
}

function readTensor(name: string, { dtype, shape, begin, end }: CheckedEntry, bytes: Uint8Array, backend: Backend) {
  return (weak: boolean): Tensor => {
    checkDtypes('deserialize', backend, [{ shape, dtype }])
    const array = newArray(dtype, sizeOf(shape))
    new Uint8Array(array.buffer).set(bytes.subarray(begin, end))
    if (dtype === 'bool' && array.some((v) => v > 1)) throw corrupt(`tensor '${name}' of booleans other than 0 and 1`)
    return concreteTensor(shape, new Buffer(backend, dtype, array.length).fill(backend.write(array, dtype)), weak)
  }
}

type Readers = Map<string, (weak: boolean) => Tensor>

function decode(value: unknown, tensors: Readers, depth: number): unknown {
  if (depth > MAX_DEPTH) throw corrupt(`a tree deeper than ${MAX_DEPTH} levels`)
  if (Array.isArray(value)) return value.map((child) => decode(child, tensors, depth + 1))
  if (!isRecord(value)) return value
  if (isRecord(value.object)) {
    return Object.fromEntries(
      Object.entries(value.object).map(([key, child]) => [key, decode(child, tensors, depth + 1)]),
    )
  }
  if (typeof value.tensor === 'string') return taken(value.tensor, tensors)(value.weak === true)
  if (typeof value.number === 'string' && ['-0', 'NaN', 'Infinity', '-Infinity'].includes(value.number))
    return Number(value.number)
  if (value.undefined === true) return undefined
  if (typeof value.key === 'string') return new Key(keyTensor(taken(value.key, tensors)(false)))
  if (isCounts(value.key) && value.key.length === 2) return new Key([value.key[0] >>> 0, value.key[1] >>> 0])
  throw corrupt(`a tree with ${JSON.stringify(Object.keys(value).slice(0, 3))} where a leaf belongs`)
}

function keyTensor(words: Tensor): Tensor {
  if (words.dtype === 'uint32' && words.ndim === 1 && words.size === 2) return words
  throw corrupt(`a random key of ${formatAval(words)}`)
}

/** Each tensor belongs to one place of the tree. */
function taken(name: string, tensors: Readers): (weak: boolean) => Tensor {
  const make = tensors.get(name)
  if (make === undefined) throw corrupt(`a tree that refers to tensor '${name}', which is not there or already used`)
  tensors.delete(name)
  return make
}

function corrupt(given: string, cause?: unknown): AdjointError {
  return new AdjointError('corrupt-data', {
    fn: 'deserialize',
    given,
    expected: 'the bytes that serialize returned, or a safetensors file',
    fix: 'Copy or download them again, in binary mode; check that the file was written to its end',
    cause,
  })
}
