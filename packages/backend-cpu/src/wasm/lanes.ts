// The same words for vectors of each dtype that has SIMD arithmetic, and for its scalars.

import type { Instruction, ValueType } from './instructions.js'
import { extract, f32, f64, i32, lanes, load, op, type Value } from './value.js'

/** Vectors of one dtype. */
export interface Lanes {
  readonly dtype: 'float32' | 'float64' | 'int32'
  readonly scalar: ValueType
  /** Elements of a vector. */
  readonly count: number
  /** Bytes of an element. */
  readonly bytes: number
  readonly zero: Value
  readonly zeros: Value
  readonly loadName: 'f32.load' | 'f64.load' | 'i32.load'
  readonly storeName: 'f32.store' | 'f64.store' | 'i32.store'
  add(a: Value, b: Value): Value
  mul(a: Value, b: Value): Value
  readonly vector: {
    add(a: Value, b: Value): Value
    mul(a: Value, b: Value): Value
  }
  splat(x: Value): Value
  /** All lanes from one element in memory. */
  loadSplat(address: Value, offset?: number): Value
  extract(lane: number, vector: Value): Value
}

const SHAPES = {
  float32: { shape: 'f32x4', scalar: 'f32', splat: 'v128.load32_splat', zero: /* @__PURE__ */ f32(0) },
  float64: { shape: 'f64x2', scalar: 'f64', splat: 'v128.load64_splat', zero: /* @__PURE__ */ f64(0) },
  int32: { shape: 'i32x4', scalar: 'i32', splat: 'v128.load32_splat', zero: /* @__PURE__ */ i32(0) },
} as const

/** The words of a dtype; uint32 has the arithmetic of int32. */
export function lanesOf(dtype: Lanes['dtype']): Lanes {
  const { shape, scalar, splat, zero } = SHAPES[dtype]
  const binary = (name: Instruction) => (a: Value, b: Value) => op(name, a, b)
  return {
    dtype,
    scalar,
    count: shape === 'f64x2' ? 2 : 4,
    bytes: shape === 'f64x2' ? 8 : 4,
    zero,
    zeros: lanes(shape, 0),
    loadName: `${scalar}.load`,
    storeName: `${scalar}.store`,
    add: binary(`${scalar}.add`),
    mul: binary(`${scalar}.mul`),
    vector: { add: binary(`${shape}.add`), mul: binary(`${shape}.mul`) },
    splat: (x) => op(`${shape}.splat`, x),
    loadSplat: (address, offset = 0) => load(splat, address, offset),
    extract: (lane, vector) => extract(`${shape}.extract_lane`, lane, vector),
  }
}
