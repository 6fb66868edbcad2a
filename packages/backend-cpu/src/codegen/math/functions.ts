// Vector functions of kernels: which there are, and how they are put into a module.

import type { Code, Local } from '../../wasm/code.js'
import type { ConstantPool } from '../../wasm/constants.js'
import type { ModuleBuilder } from '../../wasm/module.js'
import { type Callee, call, extract, op, replace, shuffle, type Value } from '../../wasm/value.js'
import { atan2 } from './arctangent.js'
import { exp, expm1, logistic, tanh } from './exponentials.js'
import { type FloatShape, type Kit, kitOf } from './kit.js'
import { log, log1p } from './logarithms.js'
import { coarsePower, power } from './powers.js'
import { hasShortQuotient, remainder } from './remainder.js'
import { LARGEST_ANGLE, sinOfQuarter } from './trigonometry.js'

const FUNCTIONS: Record<string, (kit: Kit, x: Value) => Value> = { exp, expm1, log, log1p, logistic, tanh }
const QUARTERS = { sin: 0, cos: 1 } as const
/** Computed in doubles, whatever the shape. */
const IN_DOUBLES = ['sin', 'cos', 'pow', 'atan2', 'rem']

/** Whether a function is computed in vectors. */
export function hasVectorFunction(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name) || IN_DOUBLES.includes(name)
}

/** The function written where it is used; undefined for those that are called. */
export function inlineFunction(kit: Kit, name: string, x: Value): Value | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name](kit, kit.name(x)) : undefined
}

/** Adds a function to a module: as many vectors in as it has operands, one out. */
export function addVectorFunction(
  module: ModuleBuilder,
  pool: ConstantPool | null,
  name: string,
  shape: FloatShape,
): Callee {
  if (IN_DOUBLES.includes(name)) {
    const wide = functionOfDoubles(module, pool, name, shape)
    return shape === 'f64x2' ? wide : throughDoubles(module, wide)
  }
  return module.function(['v128'], ['v128'], (code) =>
    code.return(FUNCTIONS[name](kitOf(shape, code, pool), code.params[0])),
  )
}

function functionOfDoubles(module: ModuleBuilder, pool: ConstantPool | null, name: string, result: FloatShape): Callee {
  if (name === 'sin' || name === 'cos') return angleFunction(module, pool, name)
  if (name === 'rem') return remainderFunction(module, pool)
  const compute = name === 'atan2' ? atan2 : result === 'f64x2' ? power : coarsePower
  return module.function(['v128', 'v128'], ['v128'], (code) =>
    code.return(compute(kitOf('f64x2', code, pool), code.params[0], code.params[1])),
  )
}

/** The remainder of doubles; long quotients are left to JavaScript, lane by lane. */
function remainderFunction(module: ModuleBuilder, pool: ConstantPool | null): Callee {
  const host = module.importFunction('host', 'rem', ['f64', 'f64'], ['f64'])
  return module.function(['v128', 'v128'], ['v128'], (code) => {
    const [a, b] = code.params
    const kit = kitOf('f64x2', code, pool)
    const out = code.let(remainder(kit, a, b))
    code.if(op('i32.eqz', op('i64x2.all_true', hasShortQuotient(kit, a, b))), () =>
      eachLane(code, out, host, code.params),
    )
    code.return(out)
  })
}

/** Sets the lanes of a vector of doubles to what a function says of the operands' lanes. */
function eachLane(code: Code, out: Local, host: Callee, operands: readonly Value[]): void {
  for (const lane of [0, 1]) {
    const values = operands.map((x) => extract('f64x2.extract_lane', lane, x))
    code.set(out, replace('f64x2.replace_lane', lane, out, call(host, ...values)))
  }
}

/** sin or cos of doubles; large angles, infinities and NaN are left to JavaScript, lane by lane. */
function angleFunction(module: ModuleBuilder, pool: ConstantPool | null, name: 'sin' | 'cos'): Callee {
  const host = module.importFunction('host', name, ['f64'], ['f64'])
  return module.function(['v128'], ['v128'], (code) => {
    const [x] = code.params
    const kit = kitOf('f64x2', code, pool)
    const out = code.let(sinOfQuarter(kit, x, QUARTERS[name]))
    if (name === 'sin') code.set(out, kit.pick(kit.eq(x, kit.c(0)), x, out))
    const small = op('f64x2.le', kit.abs(x), kit.c(LARGEST_ANGLE))
    code.if(op('i32.eqz', op('i64x2.all_true', small)), () => eachLane(code, out, host, code.params))
    code.return(out)
  })
}

/** A float32 function by way of doubles: rounded once, at the end. */
function throughDoubles(module: ModuleBuilder, wide: Callee): Callee {
  return module.function(wide.params, ['v128'], (code) => {
    const half = (take: (x: Value) => Value) => {
      const values = code.params.map((x) => op('f64x2.promote_low_f32x4', take(x)))
      return op('f32x4.demote_f64x2_zero', call(wide, ...values))
    }
    const high = half((x) => shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]))
    const low = half((x) => x)
    code.return(shuffle(low, high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]))
  })
}
