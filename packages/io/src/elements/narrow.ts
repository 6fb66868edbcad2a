// float32 as 16 bits: to the nearest, ties to even. IEEE 754, 2019; bfloat16 is the upper half of float32.

/** The 16-bit floats that tensors can be stored as. */
export type NarrowType = 'float16' | 'bfloat16'

/** Values over the range become infinite, values under it 0. */
export function narrow(values: Float32Array, type: NarrowType): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const round = type === 'float16' ? roundToFloat16 : roundToBfloat16
  const out = new Uint16Array(values.length)
  for (let i = 0; i < out.length; i++) out[i] = round(bits[i])
  return out
}

const INFINITE = 0x7f800000
/** 65520, half-way between the greatest float16 and the next that there would be. */
const OVERFLOW = 0x477ff000
/** 2^-14, the least normal float16. */
const NORMAL = 0x38800000

function roundToBfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > INFINITE) return (bits >>> 16) | 0x40
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
}

function roundToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const size = bits & 0x7fffffff
  if (size > INFINITE) return sign | 0x7e00
  if (size >= OVERFLOW) return sign | 0x7c00
  if (size >= NORMAL) return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13)
  return sign | subnormal(size)
}

/** The multiples of 2^-24: the fraction, shifted by what the exponent lacks. */
function subnormal(size: number): number {
  const shift = 126 - (size >>> 23)
  if (shift > 24) return 0
  const fraction = (size & 0x7fffff) | 0x800000
  const whole = fraction >>> shift
  const rest = fraction & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  return rest > half || (rest === half && whole % 2 === 1) ? whole + 1 : whole
}
