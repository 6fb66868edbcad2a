// exp, expm1, tanh and the logistic function: e^x = 2^n e^r with |r| <= log(2) / 2, where e^r is a polynomial.
// W. Cody, W. Waite, Software Manual for the Elementary Functions, 1980: the reduction in two steps.

import { op, type Value } from '../../wasm/value.js'
import { type Kit, polynomial, powerOfTwo, whole } from './kit.js'

/** log(2) in two parts, the first with trailing zeros, so that its product with n is exact. */
const LOG2 = {
  f32x4: [0.693359375, -0.00021219444005469057],
  f64x2: [0.6931471803691238, 1.9082149292705877e-10],
} as const

/** (e^r - 1 - r) / r^2 on |r| <= log(2) / 2: Chebyshev interpolation, computed in 40 digits. */
const EXP_TAIL = {
  f32x4: [0.5, 0.16666576989698775, 0.041666554617204574, 0.008363179052722578, 0.0013926183587713494],
  f64x2: [
    0.5, 0.16666666666666669, 0.04166666666662413, 0.008333333333330062, 0.0013888888917213717, 0.00019841269863053618,
    2.4801521295954376e-5, 2.7557268459997064e-6, 2.7620088445409746e-7, 2.510038549551032e-8,
  ],
} as const

/** Beyond these e^x is 0 or infinite in all roundings. */
const RANGE = { f32x4: [-104, 89], f64x2: [-746, 710] } as const
/** The bits of 87 and of 708: up to there e^x and e^-x are normal numbers. */
const NORMAL_BITS = { f32x4: 0x42ae0000n, f64x2: 0x4086200000000000n } as const
/** Below this e^x - 1 rounds to -1. */
const MINUS_ONE = { f32x4: -20, f64x2: -40 } as const
/** Up to here e^x - 1 rounds to x. */
const TINY = { f32x4: 2 ** -25, f64x2: 2 ** -54 } as const
/** From here on tanh rounds to 1. */
const TANH_ONE = { f32x4: 10, f64x2: 22 } as const

/** e^r - 1 for |r| <= log(2) / 2. */
function grown(kit: Kit, r: Value): Value {
  const { add, mul, name, shape } = kit
  return name(add(r, mul(mul(r, r), polynomial(kit, r, EXP_TAIL[shape]))))
}

/** Whole n, as it is and in the low bits of a sum, and e^r - 1. */
function reduced(kit: Kit, x: Value): { n: Value; low: Value; rest: Value } {
  const { add, c, magic, mul, name, shape, sub } = kit
  const [high, rounding] = LOG2[shape]
  const low = name(add(mul(x, c(Math.LOG2E)), c(magic)))
  const n = name(sub(low, c(magic)))
  const r = name(sub(sub(x, mul(n, c(high))), mul(n, c(rounding))))
  return { n, low, rest: grown(kit, r) }
}

/** Within 1 ulp. Where all results are normal numbers, n is added to their exponents. */
export function exp(kit: Kit, x: Value): Value {
  const { add, bits, c, code, fraction, plusBits, shape, shiftLeft } = kit
  const { low, rest } = reduced(kit, x)
  const out = code.let(plusBits(add(rest, c(1)), shiftLeft(low, fraction)))
  // Sizes order as their bits do, NaN above all.
  const size = op('v128.andnot', x, c(-0))
  const unusual = op(shape === 'f32x4' ? 'i32x4.gt_s' : 'i64x2.gt_s', size, bits(NORMAL_BITS[shape]))
  code.if(op('v128.any_true', unusual), () => code.set(out, expOfAll(kit, x)))
  return out
}

function expOfAll(kit: Kit, x: Value): Value {
  const { c, max, min, name, shape } = kit
  const [low, high] = RANGE[shape]
  const { n, rest } = reduced(kit, name(max(min(x, c(high)), c(low))))
  return timesPower(kit, rest, n)
}

/** `2^n e^r` for |r| <= log(2) / 2. */
export function expOfReduced(kit: Kit, n: Value, r: Value): Value {
  return timesPower(kit, grown(kit, r), n)
}

/** `(1 + rest) 2^n`: the power of two in two steps, so that subnormal results round once and large ones overflow. */
function timesPower(kit: Kit, rest: Value, n: Value): Value {
  const { add, c, mul, name, sub } = kit
  const half = name(whole(kit, mul(n, c(0.5))))
  return mul(mul(add(rest, c(1)), powerOfTwo(kit, half)), powerOfTwo(kit, sub(n, half)))
}

/** Exact near 0: 2^n (e^r - 1) + (2^n - 1), all halved, so that 2^n does not overflow before the result does. */
export function expm1(kit: Kit, x: Value): Value {
  const { abs, add, c, lt, max, min, mul, name, pick, shape, sub } = kit
  const { n, rest } = reduced(kit, name(max(min(x, c(RANGE[shape][1])), c(MINUS_ONE[shape]))))
  const scale = name(powerOfTwo(kit, sub(n, c(1))))
  const half = name(add(mul(scale, rest), sub(scale, c(0.5))))
  return pick(lt(abs(x), c(TINY[shape])), x, add(half, half))
}

/** t / (t + 2) for t = expm1(2 |x|), with the sign of x. */
export function tanh(kit: Kit, x: Value): Value {
  const { abs, add, c, div, min, name, shape, signed } = kit
  const size = name(min(abs(x), c(TANH_ONE[shape])))
  const t = name(expm1(kit, name(add(size, size))))
  return signed(div(t, add(t, c(2))), x)
}

/** e / (1 + e) or 1 / (1 + e) for e = exp(-|x|): small results keep their digits. */
export function logistic(kit: Kit, x: Value): Value {
  const { abs, add, c, div, lt, name, pick, sub } = kit
  const e = name(exp(kit, name(sub(c(0), abs(x)))))
  return div(pick(lt(x, c(0)), e, c(1)), add(c(1), e))
}
