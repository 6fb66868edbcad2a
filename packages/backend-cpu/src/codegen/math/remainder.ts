// The remainder of a division, exact: a - q b with the nearest whole q, whose products with the parts of b are exact.
// T. Dekker, A floating-point technique for extending the available precision, Numerische Mathematik 1971.

import { op, type Value } from '../../wasm/value.js'
import type { Kit } from './kit.js'

/** Up to here a quotient times either part of a divisor, of 26 and 27 bits, is exact. */
const LARGEST_QUOTIENT = 2 ** 24
/** Up to here nothing overflows on the way. */
const LARGEST = 2 ** 1022

/** Where `remainder` holds: other lanes are left to JavaScript. */
export function hasShortQuotient({ abs, c, div, lt, name }: Kit, a: Value, b: Value): Value {
  const [dividend, divisor] = [name(abs(a)), name(abs(b))]
  const fits = op('v128.and', lt(dividend, c(LARGEST)), lt(divisor, c(Infinity)))
  return op('v128.and', fits, lt(div(dividend, divisor), c(LARGEST_QUOTIENT)))
}

/** `a - trunc(a / b) b`, with the sign of `a`. */
export function remainder(kit: Kit, a: Value, b: Value): Value {
  const { abs, add, bits, c, div, lt, mul, name, signed, sub } = kit
  const [dividend, divisor] = [name(abs(a)), name(abs(b))]
  const q = name(op('f64x2.nearest', div(dividend, divisor)))
  const high = name(op('v128.and', divisor, bits(-(2n ** 27n))))
  const nearest = name(sub(sub(dividend, mul(q, high)), mul(q, sub(divisor, high))))
  const least = add(nearest, op('v128.and', lt(nearest, c(0)), divisor))
  return signed(abs(least), a)
}
