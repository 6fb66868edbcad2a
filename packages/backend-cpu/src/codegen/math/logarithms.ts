// log and log1p: x = 2^k m with m near 1, log(m) from a series in s = f / (2 + f), f = m - 1.
// P. Tang, Table-driven implementation of the logarithm function, ACM TOMS 1990; coefficients of fdlibm (Sun, 1993).

import { op, type Value } from '../../wasm/value.js'
import { type Kit, polynomial } from './kit.js'

/** log(2) in two parts. */
const LOG2 = {
  f32x4: [0.69313812256, 9.0580006145e-6],
  f64x2: [0.6931471803691238, 1.9082149292705877e-10],
} as const

/** Coefficients of z, z^2, ... in log(1 + f) - f + f^2 / 2, divided by s and less f^2 / 2, for z = s^2. */
const SERIES = {
  f32x4: [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841],
  f64x2: [
    0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
    0.15313837699209373, 0.14798198605116586,
  ],
} as const

/** Bits of sqrt(1/2): mantissas are taken from there to sqrt(2). */
const ROOT_HALF = { f32x4: 0x3f3504f3n, f64x2: 0x3fe6a09e667f3bcdn } as const
const LEAST_NORMAL = { f32x4: 2 ** -126, f64x2: 2 ** -1022 } as const

/** The exponent as a float, and the mantissa. */
export function split(kit: Kit, x: Value): { k: Value; m: Value } {
  const { bits, c, fraction, magic, minusBits, name, plusBits, shape, shiftLeft, shiftRight, sub } = kit
  const exponent = name(shiftRight(minusBits(x, bits(ROOT_HALF[shape])), fraction))
  const m = name(minusBits(x, shiftLeft(exponent, fraction)))
  const k = name(sub(plusBits(exponent, c(magic)), c(magic)))
  return { k, m }
}

/** `k log(2) + log(1 + f) + extra`. */
function assemble(kit: Kit, k: Value, f: Value, extra: Value): Value {
  const { add, c, div, mul, name, shape, sub } = kit
  const [high, low] = LOG2[shape]
  const s = name(div(f, add(c(2), f)))
  const z = name(mul(s, s))
  const half = name(mul(c(0.5), mul(f, f)))
  const series = mul(z, polynomial(kit, z, SERIES[shape]))
  const small = add(mul(s, add(half, series)), add(mul(k, c(low)), extra))
  return sub(mul(k, c(high)), sub(sub(half, small), f))
}

/** Results where the argument is not an ordinary positive number; skipped where all lanes are. */
function withSpecials(kit: Kit, x: Value, least: number, result: Value, infinity: Value): Value {
  const { c, code, eq, lt, pick } = kit
  const out = code.let(result)
  const ordinary = op('v128.and', lt(c(least), x), lt(x, c(Infinity)))
  code.if(op('i32.eqz', op(kit.shape === 'f32x4' ? 'i32x4.all_true' : 'i64x2.all_true', ordinary)), () => {
    code.set(out, pick(eq(x, c(Infinity)), x, out))
    code.set(out, pick(eq(x, infinity), c(-Infinity), out))
    // Below: NaN, as for NaN itself.
    const valid = op(`${kit.shape}.ge`, x, infinity)
    code.set(out, pick(valid, out, c(NaN)))
  })
  return out
}

/** Within 1 ulp. */
export function log(kit: Kit, x: Value): Value {
  const { c, lt, mul, name, pick, shape, sub } = kit
  const subnormal = name(lt(x, c(LEAST_NORMAL[shape])))
  const normal = name(pick(subnormal, mul(x, c(2 ** kit.fraction)), x))
  const { k, m } = split(kit, normal)
  const exponent = name(sub(k, op('v128.and', subnormal, c(kit.fraction))))
  const f = name(sub(m, c(1)))
  return withSpecials(kit, x, 0, assemble(kit, exponent, f, c(0)), c(0))
}

/** log(u) for u = 1 + x, corrected for what the sum lost; near 0 from x itself. */
export function log1p(kit: Kit, x: Value): Value {
  const { add, c, div, eq, lt, name, pick, sub } = kit
  const u = name(add(x, c(1)))
  const { k, m } = split(kit, u)
  const near = name(eq(k, c(0)))
  const lost = pick(lt(x, c(1)), sub(x, sub(u, c(1))), sub(c(1), sub(u, x)))
  const f = name(pick(near, x, sub(m, c(1))))
  const extra = name(pick(near, c(0), div(lost, u)))
  const result = name(assemble(kit, k, f, extra))
  return withSpecials(kit, x, -1, pick(eq(x, c(0)), x, result), c(-1))
}
