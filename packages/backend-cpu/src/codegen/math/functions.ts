// Vector functions of kernels: which there are, and how they are put into a module.

import type { ConstantPool } from '../../wasm/constants.js'
import type { ModuleBuilder } from '../../wasm/module.js'
import { type Callee, call, extract, op, replace, shuffle, type Value } from '../../wasm/value.js'
import { exp, expm1, logistic, tanh } from './exponentials.js'
import { type FloatShape, type Kit, kitOf } from './kit.js'
import { log, log1p } from './logarithms.js'
import { power } from './powers.js'
import { LARGEST_ANGLE, sinOfQuarter } from './trigonometry.js'

const FUNCTIONS: Record<string, (kit: Kit, x: Value) => Value> = { exp, expm1, log, log1p, logistic, tanh }
const QUARTERS = { sin: 0, cos: 1 } as const

/** Whether a function is computed in vectors. */
export function hasVectorFunction(name: string, shape: FloatShape): boolean {
  return Object.hasOwn(FUNCTIONS, name) || Object.hasOwn(QUARTERS, name) || (name === 'pow' && shape === 'f32x4')
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
  if (name === 'sin' || name === 'cos') {
    const wide = angleFunction(module, pool, name)
    return shape === 'f64x2' ? wide : throughDoubles(module, 1, wide)
  }
  if (name === 'pow') {
    const wide = module.function(['v128', 'v128'], ['v128'], (code) =>
      code.return(power(kitOf('f64x2', code, pool), code.params[0], code.params[1])),
    )
    return throughDoubles(module, 2, wide)
  }
  return module.function(['v128'], ['v128'], (code) =>
    code.return(FUNCTIONS[name](kitOf(shape, code, pool), code.params[0])),
  )
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
    code.if(op('i32.eqz', op('i64x2.all_true', small)), () => {
      for (const lane of [0, 1]) {
        const value = call(host, extract('f64x2.extract_lane', lane, x))
        code.set(out, replace('f64x2.replace_lane', lane, out, value))
      }
    })
    code.return(out)
  })
}

/** A float32 function by way of doubles: rounded once, at the end. */
function throughDoubles(module: ModuleBuilder, operands: number, wide: Callee): Callee {
  return module.function(new Array<'v128'>(operands).fill('v128'), ['v128'], (code) => {
    const half = (take: (x: Value) => Value) => {
      const values = code.params.map((x) => op('f64x2.promote_low_f32x4', take(x)))
      return op('f32x4.demote_f64x2_zero', call(wide, ...values))
    }
    const high = half((x) => shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]))
    const low = half((x) => x)
    code.return(shuffle(low, high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]))
  })
}
