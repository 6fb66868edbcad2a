// sin and cos in float64: x less whole multiples of pi / 2 in three steps, then a polynomial for each.
// Coefficients of fdlibm (Sun, 1993); the reduction is that of W. Cody, W. Waite, 1980.

import { op, type Value } from '../../wasm/value.js'
import { type Kit, polynomial, whole } from './kit.js'

/** pi / 2 in three parts of 33 bits and a rest. */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const
/** Up to here the product of n with each part is exact. */
export const LARGEST_ANGLE = 2 ** 19

const SIN = [
  -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 2.7557313707070068e-6, -2.5050760253406863e-8,
  1.58969099521155e-10,
]
const COS = [
  0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5, -2.7557314351390663e-7, 2.087572321298175e-9,
  -1.1359647557788195e-11,
]

/** sin(x + quarter * pi / 2) for |x| up to the largest angle. */
export function sinOfQuarter(kit: Kit, x: Value, quarter: 0 | 1): Value {
  const { add, bits, c, magic, mul, name, pick, plusBits, shiftLeft, shiftRight, sub, xorBits } = kit
  const n = name(whole(kit, mul(x, c(2 / Math.PI))))
  const r = name(HALF_PI.reduce<Value>((less, part) => sub(less, mul(n, c(part))), x))
  const z = name(mul(r, r))
  const half = name(mul(c(0.5), z))
  const sine = add(r, mul(mul(r, z), polynomial(kit, z, SIN)))
  const rest = name(sub(c(1), half))
  const cosine = add(rest, add(sub(sub(c(1), rest), half), mul(mul(z, z), polynomial(kit, z, COS))))
  // The low bits of the quarter: odd ones swap sine and cosine, the second changes the sign.
  const turns = name(plusBits(add(n, c(magic)), bits(BigInt(quarter))))
  const odd = shiftRight(shiftLeft(turns, 63), 63)
  const negative = op('v128.and', shiftLeft(turns, 62), bits(-(2n ** 63n)))
  return xorBits(pick(odd, cosine, sine), negative)
}
