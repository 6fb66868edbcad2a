// Short names for int32 arithmetic on addresses and counters; constants fold.

import { i32, op, type Value } from './value.js'

/** `a + b`. */
export function plus(a: Value, b: Value): Value {
  return op('i32.add', a, b)
}

/** `a - b`. */
export function minus(a: Value, b: Value): Value {
  return op('i32.sub', a, b)
}

/** `a * b`. */
export function times(a: Value, b: Value): Value {
  return op('i32.mul', a, b)
}

/** `a / n` for a power of two, of numbers that are not negative. */
export function divided(a: Value, n: number): Value {
  return op('i32.shr_u', a, i32(Math.log2(n)))
}

/** `a mod n` for a power of two. */
export function remainder(a: Value, n: number): Value {
  return op('i32.and', a, i32(n - 1))
}

/** Whether `a < b`. */
export function less(a: Value, b: Value): Value {
  return op('i32.lt_s', a, b)
}

/** Whether `a >= b`. */
export function notLess(a: Value, b: Value): Value {
  return op('i32.ge_s', a, b)
}

/** Whether both hold, for results of comparisons. */
export function both(a: Value, b: Value): Value {
  return op('i32.and', a, b)
}
