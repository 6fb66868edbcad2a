// x^y as 2^(y log2 |x|). Special cases are those of IEEE 754.
// For float32 doubles have digits to spare; for float64 the logarithm has a second part: T. Dekker, A floating-point
// technique for extending the available precision, Numerische Mathematik 1971.

import { op, type Value } from '../../wasm/value.js'
import { exp, expOfReduced } from './exponentials.js'
import type { Kit } from './kit.js'
import { polynomial, whole } from './kit.js'
import { log, split } from './logarithms.js'

/** Powers of doubles, good to float32: a relative error of some 2^-45. */
export function coarsePower(kit: Kit, x: Value, y: Value): Value {
  return withSigns(kit, x, y, coarseSize(kit, kit.name(kit.abs(x)), y))
}

/** Powers of doubles within 2 ulp. */
export function power(kit: Kit, x: Value, y: Value): Value {
  const { abs, c, code, lt, name, pick } = kit
  const base = name(abs(x))
  const size = code.let(fineSize(kit, base, y))
  const isInside = op('v128.and', lt(c(0), base), lt(base, c(Infinity)))
  const ordinary = name(op('v128.and', isInside, lt(abs(y), c(Infinity))))
  // Zeros, infinities and NaN take the way that knows them.
  code.if(op('i32.eqz', op('i64x2.all_true', ordinary)), () =>
    code.set(size, pick(ordinary, size, coarseSize(kit, base, y))),
  )
  return withSigns(kit, x, y, size)
}

function coarseSize(kit: Kit, base: Value, y: Value): Value {
  return exp(kit, kit.name(kit.mul(y, kit.name(log(kit, base)))))
}

/** Sign and special cases of `x^y` for its size. */
function withSigns({ abs, c, code, eq, lt, mul, name, pick, xorBits }: Kit, x: Value, y: Value, size: Value): Value {
  const halved = name(mul(y, c(0.5)))
  const isWhole = name(eq(op('f64x2.trunc', y), y))
  const isOdd = op('v128.andnot', isWhole, eq(op('f64x2.trunc', halved), halved))
  const out = code.let(xorBits(size, op('v128.and', op('v128.and', x, c(-0)), isOdd)))
  const negative = op('v128.and', lt(x, c(0)), lt(c(-Infinity), x))
  code.set(out, pick(op('v128.andnot', negative, isWhole), c(NaN), out))
  const infinite = op('v128.and', eq(x, c(-1)), eq(abs(y), c(Infinity)))
  const isOne = op('v128.or', op('v128.or', eq(y, c(0)), eq(x, c(1))), infinite)
  return pick(isOne, c(1), out)
}

/** (3 artanh(s) / s - 3 - z) / z^2 for z = s^2: minimax, computed in 50 digits. */
const ARTANH = [
  0.6000000000000338, 0.42857142855149205, 0.33333333779914726, 0.27272676547919206, 0.2308013612706037,
  0.19885223542759445, 0.19794521960108172,
]
/** 2 / (3 log(2)), and in two parts, the first of 21 bits. */
const SCALE = 0.9617966939259756
const SCALE_PARTS = [0.9617962837219238, 4.102040517767816e-7] as const
/** Beyond, powers of two are 0 or infinite. */
const LARGEST_EXPONENT = 1100
const LEAST_NORMAL = 2 ** -1022

/** The leading 21 bits: products of two such numbers are exact. */
function leading(kit: Kit, x: Value): Value {
  return kit.name(op('v128.and', x, kit.bits(-(2n ** 32n))))
}

/** log2 of positive numbers as the sum of two, the first of 21 bits. */
function log2Parts(kit: Kit, x: Value): readonly [Value, Value] {
  const { add, c, div, lt, mul, name, pick, sub } = kit
  const subnormal = name(lt(x, c(LEAST_NORMAL)))
  const { k, m } = split(kit, name(pick(subnormal, mul(x, c(2 ** 54)), x)))
  const exponent = name(sub(k, op('v128.and', subnormal, c(54))))
  // s = (m - 1) / (m + 1), where m - 1 is exact, and m + 1 is a sum of two.
  const f = name(sub(m, c(1)))
  const d = name(add(m, c(1)))
  const s = name(div(f, d))
  const s1 = leading(kit, s)
  const d1 = leading(kit, d)
  const d2 = name(add(sub(d, d1), sub(m, sub(d, c(1)))))
  const s2 = name(div(sub(sub(f, mul(s1, d1)), mul(s1, d2)), d))
  // t = 3 + z + ..., so that log(m) = 2/3 s t.
  const z = name(mul(s, s))
  const square = name(mul(s1, s1))
  const rest = name(add(mul(s2, add(s1, s)), mul(mul(z, z), polynomial(kit, z, ARTANH))))
  const t1 = leading(kit, add(add(c(3), square), rest))
  const t2 = sub(rest, sub(sub(t1, c(3)), square))
  const u = name(mul(s1, t1))
  const v = name(add(mul(s2, t1), mul(t2, s)))
  const p1 = leading(kit, add(u, v))
  const p2 = sub(v, sub(p1, u))
  const [high, low] = SCALE_PARTS
  const z1 = name(mul(p1, c(high)))
  const z2 = name(add(mul(p1, c(low)), mul(p2, c(SCALE))))
  const sum1 = leading(kit, add(add(z1, z2), exponent))
  return [sum1, name(sub(z2, sub(sub(sum1, exponent), z1)))]
}

function fineSize(kit: Kit, base: Value, y: Value): Value {
  const { abs, add, c, lt, mul, name, pick, signed, sub } = kit
  const [log1, log2] = log2Parts(kit, base)
  const y1 = leading(kit, y)
  const p1 = name(mul(y1, log1))
  const p2 = name(add(mul(sub(y, y1), log1), mul(y, log2)))
  const sum = name(add(p1, p2))
  const fits = name(lt(abs(sum), c(LARGEST_EXPONENT)))
  const high = name(pick(fits, p1, signed(c(LARGEST_EXPONENT), sum)))
  const n = name(whole(kit, pick(fits, sum, high)))
  const r = name(mul(add(sub(high, n), op('v128.and', fits, p2)), c(Math.LN2)))
  return expOfReduced(kit, n, r)
}
