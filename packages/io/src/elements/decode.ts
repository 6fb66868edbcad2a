// Raw bytes as numbers: narrow floats through tables, 64-bit integers by halves, both byte orders.
// IEEE 754, 2019; P. Micikevicius et al., FP8 Formats for Deep Learning, 2022.

import { type ElementType, LAYOUTS } from './types.js'

/** Numbers in memory of their own. */
export type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array

/** The numbers of an array, both parts of complex ones; 64-bit integers rounded to float64. The bytes become theirs. */
export function decode(type: ElementType, own: Uint8Array, bigEndian: boolean): Numbers {
  const { width } = LAYOUTS[type]
  if (bigEndian) swap(own, width)
  const { buffer, byteOffset, length } = own
  const view = <T>(array: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => T, size = width): T =>
    new array(buffer, byteOffset, length / size)
  switch (type) {
    case 'bool':
    case 'uint8':
      return own
    case 'int8':
      return view(Int8Array)
    case 'uint16':
      return view(Uint16Array)
    case 'int16':
      return view(Int16Array)
    case 'uint32':
      return view(Uint32Array)
    case 'int32':
      return view(Int32Array)
    case 'uint64':
      return byHalves(view(Uint32Array, 4), view(Uint32Array, 4))
    case 'int64':
      return byHalves(view(Uint32Array, 4), view(Int32Array, 4))
    case 'float8_e4m3':
      return looked(own, table(256, float8e4m3))
    case 'float8_e5m2':
      return looked(
        own,
        table(256, (bits) => float16(bits << 8)),
      )
    case 'float8_e8m0':
      return looked(
        own,
        table(256, (bits) => (bits === 255 ? Number.NaN : 2 ** (bits - 127))),
      )
    case 'bfloat16':
      return widened(view(Uint16Array))
    case 'float16':
      return halves(view(Uint16Array))
    case 'float32':
    case 'complex64':
      return view(Float32Array)
    case 'float64':
    case 'complex128':
      return view(Float64Array)
  }
}

function swap(bytes: Uint8Array, width: number): void {
  if (width > 1) for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse()
}

/** One rounding, of the sum: the halves and their shift are exact. */
function byHalves(low: Uint32Array, high: Uint32Array | Int32Array): Float64Array {
  return Float64Array.from({ length: low.length / 2 }, (_, i) => high[2 * i + 1] * 2 ** 32 + low[2 * i])
}

/** bfloat16 is the upper half of float32. */
function widened(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16
  return new Float32Array(words.buffer)
}

/** The table of all float16 costs 65536 steps: worth it for long arrays alone. */
function halves(bits: Uint16Array): Float32Array {
  return bits.length < 4096 ? Float32Array.from(bits, float16) : looked(bits, table(65536, float16))
}

function table(size: number, value: (bits: number) => number): Float32Array {
  return Float32Array.from({ length: size }, (_, bits) => value(bits))
}

function looked(bits: Uint8Array | Uint16Array, values: Float32Array): Float32Array {
  const out = new Float32Array(bits.length)
  for (let i = 0; i < bits.length; i++) out[i] = values[bits[i]]
  return out
}

function float16(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const sign = bits >> 15 === 0 ? 1 : -1
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}

/** Without infinities: the last bit pattern alone is NaN. */
function float8e4m3(bits: number): number {
  const exponent = (bits >> 3) & 15
  const fraction = bits & 7
  const sign = bits >> 7 === 0 ? 1 : -1
  if (exponent === 15 && fraction === 7) return Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -9 : (8 + fraction) * 2 ** (exponent - 10))
}
