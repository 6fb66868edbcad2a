// x^y of float32 by way of doubles: exp(y log |x|) has digits to spare there. Special cases are those of IEEE 754.

import { op, type Value } from '../../wasm/value.js'
import { exp } from './exponentials.js'
import type { Kit } from './kit.js'
import { log } from './logarithms.js'

/** Powers of doubles, good to float32: a relative error of some 2^-45. */
export function power(kit: Kit, x: Value, y: Value): Value {
  const { abs, c, code, eq, lt, mul, name, pick, xorBits } = kit
  const size = name(exp(kit, name(mul(y, name(log(kit, name(abs(x))))))))
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
