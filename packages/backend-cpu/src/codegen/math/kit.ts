// Arithmetic on float vectors of either shape, in the words of the formulas, and the few bit patterns they need.

import type { Code } from '../../wasm/code.js'
import { type ConstantPool, constantBits, constantVector } from '../../wasm/constants.js'
import { i32, op, type Value } from '../../wasm/value.js'

/** Shapes of float vectors. */
export type FloatShape = 'f32x4' | 'f64x2'

/** The words for one shape. */
export interface Kit {
  readonly shape: FloatShape
  readonly code: Code
  readonly c: (value: number) => Value
  readonly add: (a: Value, b: Value) => Value
  readonly sub: (a: Value, b: Value) => Value
  readonly mul: (a: Value, b: Value) => Value
  readonly div: (a: Value, b: Value) => Value
  /** The lesser operand, or `a` where one is NaN: one instruction. */
  readonly min: (a: Value, b: Value) => Value
  readonly max: (a: Value, b: Value) => Value
  readonly abs: (a: Value) => Value
  readonly eq: (a: Value, b: Value) => Value
  readonly lt: (a: Value, b: Value) => Value
  /** `a` where the mask holds, else `b`. */
  readonly pick: (mask: Value, a: Value, b: Value) => Value
  /** A value that is used more than once. */
  readonly name: (a: Value) => Value
  /** `a` with the sign of `x`, for `a` that is not negative. */
  readonly signed: (a: Value, x: Value) => Value
  /** Bits as an integer vector of the lanes' width. */
  readonly bits: (pattern: bigint) => Value
  readonly plusBits: (a: Value, b: Value) => Value
  readonly minusBits: (a: Value, b: Value) => Value
  readonly shiftLeft: (a: Value, n: number) => Value
  readonly xorBits: (a: Value, b: Value) => Value
  /** Keeps the sign. */
  readonly shiftRight: (a: Value, n: number) => Value
  /** Bits of the fraction, and of 1.5 * 2^fraction: adding it leaves a whole number in the low bits. */
  readonly fraction: number
  readonly magic: number
  readonly one: bigint
}

/** The words of a shape. `hoist` computes a constant where it is needed once only, such as before a loop. */
export function kitOf(
  shape: FloatShape,
  code: Code,
  pool: ConstantPool | null,
  hoist: (key: string, make: () => Value) => Value = (_, make) => make(),
): Kit {
  const wide = shape === 'f64x2'
  const ints = wide ? 'i64x2' : 'i32x4'
  const fraction = wide ? 52 : 23
  const name = (a: Value) => code.let(a)
  const c = (value: number) =>
    hoist(`${shape} ${Object.is(value, -0) ? '-0' : value}`, () => constantVector(pool, shape, value))
  return {
    shape,
    code,
    name,
    fraction,
    magic: 1.5 * 2 ** fraction,
    one: wide ? 0x3ff0000000000000n : 0x3f800000n,
    c,
    add: (a, b) => op(`${shape}.add`, a, b),
    sub: (a, b) => op(`${shape}.sub`, a, b),
    mul: (a, b) => op(`${shape}.mul`, a, b),
    div: (a, b) => op(`${shape}.div`, a, b),
    min: (a, b) => op(`${shape}.pmin`, a, b),
    max: (a, b) => op(`${shape}.pmax`, a, b),
    abs: (a) => op(`${shape}.abs`, a),
    eq: (a, b) => op(`${shape}.eq`, a, b),
    lt: (a, b) => op(`${shape}.lt`, a, b),
    pick: (mask, a, b) => op('v128.bitselect', a, b, mask),
    signed: (a, x) => op('v128.or', a, op('v128.and', x, c(-0))),
    bits: (pattern) => hoist(`${ints} ${pattern}`, () => constantBits(pool, ints, pattern)),
    plusBits: (a, b) => op(`${ints}.add`, a, b),
    minusBits: (a, b) => op(`${ints}.sub`, a, b),
    xorBits: (a, b) => op('v128.xor', a, b),
    shiftLeft: (a, n) => op(`${ints}.shl`, a, i32(n)),
    shiftRight: (a, n) => op(`${ints}.shr_s`, a, i32(n)),
  }
}

/** `c[0] + c[1] x + c[2] x^2 + ...` by Estrin's scheme: pairs, then pairs of pairs, which do not wait for each other. */
export function polynomial(kit: Kit, x: Value, coefficients: readonly number[]): Value {
  const { add, c, mul, name } = kit
  let terms = coefficients.map(c)
  for (let power = x; terms.length > 1; ) {
    const own = power
    terms = Array.from({ length: Math.ceil(terms.length / 2) }, (_, i) => {
      const [low, high] = [terms[2 * i], terms[2 * i + 1]]
      return high === undefined ? low : add(low, mul(high, own))
    })
    if (terms.length > 1) power = name(mul(own, own))
  }
  return terms[0]
}

/** The nearest whole number, for sizes far below 2^fraction. */
export function whole({ add, c, magic, sub }: Kit, x: Value): Value {
  return sub(add(x, c(magic)), c(magic))
}

/** `2^n` for whole numbers `n` in the range of normal exponents. */
export function powerOfTwo(kit: Kit, n: Value): Value {
  const { add, bits, c, fraction, magic, one, plusBits, shiftLeft } = kit
  return plusBits(shiftLeft(add(n, c(magic)), fraction), bits(one))
}
