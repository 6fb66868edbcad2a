// The header of an NPY array: magic, version, length, and a Python dictionary of descr, fortran_order and shape.
// NumPy, numpy.lib.format, versions 1.0 to 3.0.

import { AdjointError, type DType, type Tensor } from '@adjoint/core'
import type { RawArray } from '../elements/to-tensor.js'
import { byteLength, type ElementType } from '../elements/types.js'
import { corrupt, quote } from '../errors.js'
import { parseLiteral } from './literal.js'

/** Everything of an array but its bytes. */
export interface NpyHeader extends Omit<RawArray, 'bytes'> {
  /** Bytes of data. */
  readonly size: number
}

/** A version of the format: 2 has room for long headers, 3 is in UTF-8. All three say the same of a tensor. */
export type NpyVersion = 1 | 2 | 3

/** Bytes of magic and version. */
export const PREFIX = 8

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
const MAX_HEADER = 1 << 20
/** NumPy leaves room for the first length to grow in place. */
const LENGTH_ROOM = 21

const TYPES: Readonly<Record<string, ElementType>> = {
  b1: 'bool',
  u1: 'uint8',
  i1: 'int8',
  u2: 'uint16',
  i2: 'int16',
  u4: 'uint32',
  i4: 'int32',
  u8: 'uint64',
  i8: 'int64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  c8: 'complex64',
  c16: 'complex128',
}

const DESCRS: Readonly<Record<DType, string>> = {
  bool: '|b1',
  int32: '<i4',
  uint32: '<u4',
  float32: '<f4',
  float64: '<f8',
}

/** Bytes of the length field behind the prefix. */
export function lengthWidth(fn: string, prefix: Uint8Array): 2 | 4 {
  if (!MAGIC.every((byte, i) => prefix[i] === byte)) throw corrupt(fn, 'bytes without the mark of NPY', '\\x93NUMPY')
  const version = prefix[6]
  if (version < 1 || version > 3) throw corrupt(fn, `version ${version}.${prefix[7]}`, 'version 1.0, 2.0 or 3.0')
  return version === 1 ? 2 : 4
}

/** The length of the dictionary, from its field. */
export function dictionaryLength(fn: string, field: Uint8Array): number {
  const view = new DataView(field.buffer, field.byteOffset, field.length)
  const length = field.length === 2 ? view.getUint16(0, true) : view.getUint32(0, true)
  if (length <= MAX_HEADER) return length
  throw corrupt(fn, `a header of ${length} bytes`, `at most ${MAX_HEADER}`)
}

/** The header behind its dictionary. @throws AdjointError `corrupt-data`; `dtype-unsupported` for types beyond numbers */
export function parseHeader(fn: string, name: string, bytes: Uint8Array): NpyHeader {
  const fields = parseLiteral(new TextDecoder().decode(bytes))
  if (!(fields instanceof Map) || fields.size !== 3) {
    throw corrupt(
      fn,
      'a header that is not a dictionary of three',
      "{'descr': ..., 'fortran_order': ..., 'shape': ...}",
    )
  }
  const descr = fields.get('descr')
  const fortranOrder = fields.get('fortran_order')
  const shape = fields.get('shape')
  if (typeof fortranOrder !== 'boolean') throw corrupt(fn, 'a header without fortran_order', 'True or False')
  const type = elementType(fn, name, descr)
  const size = byteLength(shape, type)
  if (size === undefined) throw corrupt(fn, 'a shape no array has', 'a tuple of the lengths of the axes')
  return { shape: shape as number[], type, fortranOrder, bigEndian: (descr as string)[0] === '>', size }
}

function elementType(fn: string, name: string, descr: unknown): ElementType {
  const [, code] = (typeof descr === 'string' && /^[<>|=]([a-zA-Z]\d+)$/.exec(descr)) || []
  if (code !== undefined && Object.hasOwn(TYPES, code)) return TYPES[code]
  throw new AdjointError('dtype-unsupported', {
    fn,
    given: `'${name}' of ${typeof descr === 'string' ? `descr ${quote(descr)}` : 'a structured type'}`,
    expected: 'booleans, integers, floats of 16 to 64 bits, complex numbers of 64 or 128 bits',
    fix: 'In NumPy save numbers: astype(np.float64), or one array for each field',
  })
}

/** The bytes before the data of a tensor: those that NumPy writes for the same array. */
export function encodeHeader({ dtype, shape }: Tensor, version: NpyVersion): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const room = shape.length === 0 ? 0 : Math.max(0, LENGTH_ROOM - String(shape[0]).length)
  const dictionary = `{'descr': '${DESCRS[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }${' '.repeat(room)}`
  const start = PREFIX + (version === 1 ? 2 : 4)
  // NumPy adds a whole block where the end fits already.
  const unpadded = start + dictionary.length + 1
  const end = unpadded + 64 - (unpadded % 64)
  const out = new Uint8Array(end).fill(0x20)
  out.set(MAGIC)
  out.set([version, 0], MAGIC.length)
  const view = new DataView(out.buffer)
  if (version === 1) view.setUint16(PREFIX, end - start, true)
  else view.setUint32(PREFIX, end - start, true)
  out.set(new TextEncoder().encode(dictionary), start)
  out[end - 1] = 0x0a
  return out
}
