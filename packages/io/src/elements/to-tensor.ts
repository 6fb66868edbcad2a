// The numbers of a file as a tensor: exact, or by a conversion that the caller asked for.

import { AdjointError, type DType, isAdjointError, type Tensor, type TypedArray, transpose, wrap } from '@adjoint/core'
import type { EntryInfo, ReadOptions } from '../api.js'
import { corrupt } from '../errors.js'
import { decode, type Numbers } from './decode.js'
import { LAYOUTS } from './types.js'

/** One array of a file with its bytes. */
export interface RawArray extends EntryInfo {
  /** In memory that becomes the tensor's. */
  readonly bytes: Uint8Array
  /** Columns first. */
  readonly fortranOrder?: boolean
  readonly bigEndian?: boolean
}

/** The tensor of an array whose bytes have the length that shape and type say. */
export function toTensor(fn: string, name: string, array: RawArray, { as, backend }: ReadOptions): Tensor {
  const { shape, type, bytes, fortranOrder = false, bigEndian = false } = array
  const values = decode(type, bytes, bigEndian)
  if (type === 'bool' && values.some((value) => value > 1)) {
    throw corrupt(fn, `booleans other than 0 and 1 in '${name}'`, 'the bytes 0 and 1')
  }
  const dtype = wanted(name, as) ?? LAYOUTS[type].dtype
  const data = convert(fn, name, array, values, dtype)
  const parts = LAYOUTS[type].parts === 1 ? [] : [2]
  const stored = [...(fortranOrder ? shape.toReversed() : shape), ...parts]
  const result = place(fn, name, dtype, () => wrap(data, stored, backend))
  if (!fortranOrder || shape.length < 2) return result
  return transpose(result, [...shape.keys()].reverse().concat(parts.map(() => shape.length)))
}

function wanted(name: string, as: ReadOptions['as']): DType | undefined {
  if (typeof as === 'string' || as === undefined) return as
  return Object.hasOwn(as, name) ? as[name] : undefined
}

function convert(fn: string, name: string, { type }: EntryInfo, values: Numbers, dtype: DType): TypedArray {
  if (dtype === 'float32') return values instanceof Float32Array ? values : new Float32Array(values)
  if (dtype === 'float64') return values instanceof Float64Array ? values : new Float64Array(values)
  const [low, high] = RANGES[dtype] ?? unknownDtype(fn, dtype)
  const wrong = values.findIndex((value) => !(Number.isInteger(value) && value >= low && value <= high))
  if (wrong >= 0) {
    throw new AdjointError('dtype-unsupported', {
      fn,
      given: `'${name}' of ${type} with ${values[wrong]} as element ${wrong}`,
      expected: `values that ${dtype} holds exactly`,
      fix: `Read it with { as: { ${quoted(name)}: '${type === 'float32' ? 'float32' : 'float64'}' } }`,
    })
  }
  if (dtype === 'int32') return values instanceof Int32Array ? values : new Int32Array(values)
  if (dtype === 'uint32') return values instanceof Uint32Array ? values : new Uint32Array(values)
  return values instanceof Uint8Array ? values : new Uint8Array(values)
}

const RANGES: Partial<Readonly<Record<DType, readonly [number, number]>>> = {
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  bool: [0, 1],
}

function unknownDtype(fn: string, dtype: unknown): never {
  throw new AdjointError('invalid-argument', {
    fn,
    given: `as: '${String(dtype)}'`,
    expected: 'float32, float64, int32, uint32 or bool',
  })
}

const quoted = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`)

function place(fn: string, name: string, dtype: DType, make: () => Tensor): Tensor {
  try {
    return make()
  } catch (cause) {
    if (!isAdjointError(cause) || cause.code !== 'dtype-unsupported') throw cause
    throw new AdjointError('dtype-unsupported', {
      fn,
      given: `'${name}' of ${dtype} for a backend without it`,
      fix: `Read it with { as: 'float32' }, or give another backend`,
      cause,
    })
  }
}
