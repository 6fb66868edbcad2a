// atan2 in float64: the lesser size over the greater, brought below tan(pi / 8), then an odd polynomial.
// W. Cody, W. Waite, Software Manual for the Elementary Functions, 1980, chapter 11.

import { op, type Value } from '../../wasm/value.js'
import { type Kit, polynomial } from './kit.js'

/** (atan(t) - t) / t^3 in t^2: minimax up to tan(pi / 8), computed in 50 digits. */
const SERIES = [
  -0.333333333333332, 0.1999999999995404, -0.14285714280244147, 0.11111110785908772, -0.09090897829586655,
  0.07692061510660166, -0.06663118901093397, 0.05847997823565495, -0.05039794262180031, 0.03807698881402266,
  -0.01792078954508919,
]
const TAN_EIGHTH = Math.SQRT2 - 1
/** What pi / 2 has beyond its double. */
const HALF_PI_REST = 6.123233995736766e-17

/** The angle of `(x, y)`, within 2 ulp. */
export function atan2(kit: Kit, y: Value, x: Value): Value {
  const { abs, add, c, div, eq, lt, max, min, mul, name, pick, signed, sub } = kit
  const [across, up] = [name(abs(x)), name(abs(y))]
  const [lesser, greater] = [name(min(across, up)), name(max(across, up))]
  // Equal sizes, also infinite ones, lie on the diagonal; the origin counts as its axis.
  const diagonal = op('v128.and', eq(lesser, greater), lt(c(0), greater))
  const flat = eq(greater, c(0))
  const ratio = name(pick(diagonal, c(1), pick(flat, c(0), div(lesser, greater))))
  const steep = name(lt(c(TAN_EIGHTH), ratio))
  const t = name(pick(steep, div(sub(ratio, c(1)), add(ratio, c(1))), ratio))
  const z = name(mul(t, t))
  const tail = name(mul(mul(t, z), polynomial(kit, z, SERIES)))
  const rest = op('v128.and', steep, c(HALF_PI_REST / 2))
  const eighth = name(add(op('v128.and', steep, c(Math.PI / 4)), add(t, add(tail, rest))))
  const quarter = name(pick(lt(across, up), add(sub(c(Math.PI / 2), eighth), c(HALF_PI_REST)), eighth))
  const turned = add(sub(c(Math.PI), quarter), c(2 * HALF_PI_REST))
  const left = kit.shiftRight(x, 63)
  return pick(op('v128.and', eq(x, x), eq(y, y)), signed(pick(left, turned, quarter), y), c(NaN))
}
