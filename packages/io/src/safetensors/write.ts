// Writes safetensors as the reference implementation does: wide elements first, then by name, the header padded to 8.
// Hugging Face, safetensors format, 2022.

import { AdjointError, type DType, type Tensor } from '@adjoint/core'
import type { Bytes, TransferOptions } from '../api.js'
import { bytesOf, type Outgoing, streamFrom } from '../bytes/stream.js'
import { namedTensors, tensorBytes } from '../elements/from-tensor.js'
import { type NarrowType, narrow } from '../elements/narrow.js'
import { elementSize } from '../elements/types.js'
import { RESERVED } from './header.js'

/** Options of `safetensors.write` and `safetensors.stream`. */
export interface SafetensorsWriteOptions extends TransferOptions {
  /** Notes for the reader, as text by name. @defaultValue none */
  readonly metadata?: Readonly<Record<string, string>>
  /**
   * Store float32 tensors in 16 bits, rounded to the nearest; all of them, or by name.
   *
   * @defaultValue the dtype of the tensor
   */
  readonly as?: NarrowType | Readonly<Record<string, NarrowType>>
}

type StoredType = DType | NarrowType

/** The types of the format that tensors are stored in. */
const TYPES: Readonly<Record<StoredType, string>> = {
  bool: 'BOOL',
  float16: 'F16',
  bfloat16: 'BF16',
  int32: 'I32',
  uint32: 'U32',
  float32: 'F32',
  float64: 'F64',
}
/** In the order of the reference implementation's sort. */
const RANKS: readonly StoredType[] = ['bool', 'float16', 'bfloat16', 'int32', 'uint32', 'float32', 'float64']

interface Entry {
  readonly name: string
  readonly x: Tensor
  readonly type: StoredType
}

/**
 * Tensors by name as a safetensors file.
 *
 * @throws AdjointError `invalid-argument` for anything but tensors and text; as `Tensor.data` for unreadable tensors
 * @example
 * const file = await safetensors.write({ weight: ones([2, 3]) }, { metadata: { made: 'by hand' } })
 * await safetensors.read(file)   // { weight }
 */
export async function write(
  tensors: Readonly<Record<string, Tensor>>,
  options: SafetensorsWriteOptions = {},
): Promise<Bytes> {
  return bytesOf(fileOf('safetensors.write', tensors, options), options)
}

/**
 * The same file as a stream, which reads one tensor at a time: for a `Response`, a file of the browser, or
 * `writeFile(path, stream)` of `node:fs/promises`.
 *
 * @throws AdjointError as `write`; what concerns values comes through the stream
 * @example
 * const upload = new Response(safetensors.stream({ weight: ones([2, 3]) }))
 */
export function stream(
  tensors: Readonly<Record<string, Tensor>>,
  options: SafetensorsWriteOptions = {},
): ReadableStream<Uint8Array> {
  return streamFrom(fileOf('safetensors.stream', tensors, options), options)
}

function fileOf(
  fn: string,
  tensors: Readonly<Record<string, Tensor>>,
  { metadata, as }: SafetensorsWriteOptions,
): Outgoing {
  const entries = namedTensors(fn, tensors)
    .map(([name, x]): Entry => ({ name, x, type: storedType(fn, name, x, as) }))
    .sort((a, b) => RANKS.indexOf(b.type) - RANKS.indexOf(a.type) || (a.name < b.name ? -1 : 1))
  if (entries.some(({ name }) => name === RESERVED)) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: `a tensor named ${RESERVED}`,
      expected: 'another name; the format keeps this one',
      fix: 'Pass notes as { metadata }',
    })
  }
  const header = encodeHeader(entries, checkedMetadata(fn, metadata))
  const chunks = async function* () {
    yield header
    for (const { x, type } of entries) yield await storedBytes(x, type)
  }
  const size = entries.reduce((sum, { x, type }) => sum + x.size * elementSize(type), header.length)
  return { chunks: chunks(), size }
}

function storedType(fn: string, name: string, { dtype }: Tensor, as: SafetensorsWriteOptions['as']): StoredType {
  const byName = typeof as === 'object' && Object.hasOwn(as, name)
  const type = byName ? as[name] : typeof as === 'string' && dtype === 'float32' ? as : dtype
  if (type === dtype || (dtype === 'float32' && (type === 'float16' || type === 'bfloat16'))) return type
  throw new AdjointError('invalid-argument', {
    fn,
    given: `'${name}' of ${dtype} to be stored as ${type}`,
    expected: 'float16 or bfloat16, of a float32 tensor',
    fix: 'Cast it before',
  })
}

async function storedBytes(x: Tensor, type: StoredType): Promise<Uint8Array> {
  if (type !== 'float16' && type !== 'bfloat16') return tensorBytes(x)
  return new Uint8Array(narrow((await x.data()) as Float32Array, type).buffer)
}

function checkedMetadata(fn: string, metadata: SafetensorsWriteOptions['metadata']) {
  const wrong = Object.entries(metadata ?? {}).find(([, value]) => typeof value !== 'string')
  if (wrong === undefined) return metadata
  throw new AdjointError('invalid-argument', {
    fn,
    given: `metadata '${wrong[0]}' of type ${typeof wrong[1]}`,
    expected: 'text',
    fix: 'Use String(value) or JSON.stringify(value)',
  })
}

/** Entry by entry, since an object would move names like '0' to the front. */
function encodeHeader(entries: readonly Entry[], metadata: unknown): Uint8Array {
  const parts = metadata === undefined ? [] : [`"${RESERVED}":${JSON.stringify(metadata)}`]
  let end = 0
  for (const { name, type, x } of entries) {
    const begin = end
    end += x.size * elementSize(type)
    parts.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: TYPES[type], shape: x.shape, data_offsets: [begin, end] })}`,
    )
  }
  const json = new TextEncoder().encode(`{${parts.join(',')}}`)
  const padded = Math.ceil(json.length / 8) * 8
  const out = new Uint8Array(8 + padded).fill(0x20)
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true)
  out.set(json, 8)
  return out
}
