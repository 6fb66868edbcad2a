// Constants of vectors. Engines rebuild a literal vector at every use; a broadcast from memory costs one load.

import { i32, i64Lanes, lanes, load, type Value } from './value.js'

/** Places of constants in memory. */
export interface ConstantPool {
  /** The address of a word of 8 bytes, or of 4 in the lower half; undefined where there is no place left. */
  place(word: bigint): number | undefined
}

/** All lanes a number. */
export function constantVector(pool: ConstantPool | null, shape: 'f32x4' | 'f64x2', value: number): Value {
  const word =
    shape === 'f32x4'
      ? BigInt(new Uint32Array(Float32Array.of(value).buffer)[0])
      : new BigUint64Array(Float64Array.of(value).buffer)[0]
  return broadcast(pool, word, shape === 'f32x4' ? 4 : 8) ?? lanes(shape, value)
}

/** All lanes a bit pattern. */
export function constantBits(pool: ConstantPool | null, shape: 'i32x4' | 'i64x2', pattern: bigint): Value {
  const bytes = shape === 'i32x4' ? 4 : 8
  const word = BigInt.asUintN(8 * bytes, pattern)
  if (bytes === 8) return broadcast(pool, word, bytes) ?? i64Lanes(pattern)
  return broadcast(pool, word, bytes) ?? lanes('i32x4', Number(BigInt.asIntN(32, pattern)))
}

function broadcast(pool: ConstantPool | null, word: bigint, bytes: 4 | 8): Value | undefined {
  const address = pool?.place(word)
  if (address === undefined) return undefined
  return load(bytes === 4 ? 'v128.load32_splat' : 'v128.load64_splat', i32(0), address)
}
