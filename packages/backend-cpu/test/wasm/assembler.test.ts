import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { float32, float64, name, signed, unsigned } from '../../src/wasm/bytes.js'
import type { Instruction, ValueType } from '../../src/wasm/instructions.js'
import { signatureOf } from '../../src/wasm/instructions.js'
import { ModuleBuilder } from '../../src/wasm/module.js'
import {
  call,
  extract,
  f32,
  f64,
  i32,
  i64,
  i64Lanes,
  lanes,
  load,
  loadLane,
  op,
  replace,
  select,
  shuffle,
  type Value,
} from '../../src/wasm/value.js'

type Fn = (...args: number[]) => number

/** Validates, compiles and instantiates; `memory` is one page. */
function instantiate(build: (module: ModuleBuilder) => void, functions: Record<string, Fn> = {}) {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory')
  build(module)
  const bytes = module.bytes()
  expect(WebAssembly.validate(bytes)).toBe(true)
  const memory = new WebAssembly.Memory({ initial: 1 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, ...functions } })
  return { memory, run: exports as unknown as Record<string, Fn> }
}

/** A function of one expression. */
function evaluate(params: readonly ValueType[], result: ValueType, value: (...xs: Value[]) => Value): Fn {
  const { run } = instantiate((module) => {
    module.export(
      'f',
      module.function(params, [result], (code) => code.return(value(...code.params))),
    )
  })
  return run.f
}

describe('bytes', () => {
  it('encodes integers as LEB128', () => {
    expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26])
    expect(signed(-123456)).toEqual([0xc0, 0xbb, 0x78])
    expect(unsigned(0xffffffff)).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f])
    expect(signed(64)).toEqual([0xc0, 0x00])
    expect(signed(-64)).toEqual([0x40])
  })

  it('encodes floats and names', () => {
    expect(float32(1)).toEqual([0, 0, 0x80, 0x3f])
    expect(float64(-2)).toEqual([0, 0, 0, 0, 0, 0, 0, 0xc0])
    expect(name('aé')).toEqual([3, 0x61, 0xc3, 0xa9])
  })

  it('brings constants back through a module', () => {
    const integer = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
    fc.assert(
      fc.property(integer, (x) => void expect(evaluate([], 'i32', () => i32(x))()).toBe(x)),
      { numRuns: 50 },
    )
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (x) => void expect(evaluate([], 'i64', () => i64(x))()).toBe(x),
      ),
      { numRuns: 50 },
    )
    fc.assert(
      fc.property(fc.double(), (x) => {
        expect(evaluate([], 'f64', () => f64(x))()).toBe(x)
        expect(evaluate([], 'f32', () => f32(x))()).toBe(Math.fround(x))
      }),
      { numRuns: 50 },
    )
  })
})

const ZERO: Record<ValueType, Value> = { i32: i32(0), i64: i64(0n), f32: f32(0), f64: f64(0), v128: lanes('i32x4', 0) }

describe('instructions', () => {
  const every = `i32.add i32.div_u i32.rotl i32.eqz i64.shr_s f32.copysign f32.nearest f64.min f64.ge f32.convert_i32_u
    f64.convert_i32_s f32.demote_f64 f64.promote_f32 i32.reinterpret_f32 i32.trunc_sat_f64_s i64.extend_i32_u
    f64.reinterpret_i64 i32.wrap_i64 i32x4.splat i64x2.splat f32x4.splat f64x2.splat i32x4.le_u f32x4.eq f64x2.ge
    v128.andnot v128.not i8x16.narrow_i16x8_s i16x8.narrow_i32x4_s i32x4.mul i32x4.max_u i64x2.mul f32x4.div f64x2.max
    v128.bitselect f32x4.demote_f64x2_zero f64x2.promote_low_f32x4 f32x4.nearest f64x2.ceil f64x2.nearest
    i16x8.extend_low_i8x16_u i32x4.extend_low_i16x8_u i32x4.abs i64x2.extend_high_i32x4_s f32x4.sqrt f64x2.sqrt
    i32x4.trunc_sat_f32x4_s f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero f64x2.convert_low_i32x4_u v128.any_true
    i32x4.bitmask i32x4.shr_u i64x2.shl`.split(/\s+/) as Instruction[]

  it.each(every)('%s is valid', (instruction) => {
    const { operands, result } = signatureOf(instruction)
    instantiate((module) => {
      module.function([], [result], (code) => code.return(op(instruction, ...operands.map((type) => ZERO[type]))))
    })
  })

  it('refuses operands of other types when the expression is built', () => {
    expect(() => op('f32.add', f32(1), f64(1))).toThrow('f32.add takes (f32, f32), not (f32, f64)')
    expect(() => op('i32.eqz')).toThrow('i32.eqz takes (i32), not ()')
  })

  it('computes as JavaScript does', () => {
    const half = evaluate(['f64', 'f64'], 'f64', (x, y) => op('f64.div', op('f64.add', x, y), f64(2)))
    expect(half(1, 4)).toBe(2.5)
    expect(evaluate(['f32'], 'f32', (x) => op('f32.nearest', x))(2.5)).toBe(2)
    expect(evaluate(['i32', 'i32'], 'i32', (x, y) => op('i32.mul', x, y))(65537, 65539)).toBe(Math.imul(65537, 65539))
    expect(evaluate(['i32'], 'i32', (x) => select(x, i32(7), i32(8)))(0)).toBe(8)
  })

  it('moves lanes', () => {
    const lane = (vector: (x: Value) => Value, i: number) =>
      evaluate(['f32'], 'f32', (x) => extract('f32x4.extract_lane', i, vector(x)))
    expect(lane((x) => replace('f32x4.replace_lane', 2, lanes('f32x4', 1), x), 2)(5)).toBe(5)
    expect(lane((x) => op('f32x4.mul', op('f32x4.splat', x), lanes('f32x4', 3)), 3)(5)).toBe(15)
    const swapped = (x: Value) =>
      shuffle(op('f32x4.splat', x), lanes('f32x4', 9), [16, 17, 18, 19, 0, 1, 2, 3, 16, 17, 18, 19, 0, 1, 2, 3])
    expect([0, 1, 2, 3].map((i) => lane(swapped, i)(4))).toEqual([9, 4, 9, 4])
    const wide = evaluate([], 'i64', () => extract('i64x2.extract_lane', 1, i64Lanes(-5n)))
    expect(wide()).toBe(-5n)
    const chosen = evaluate(['i32'], 'i32', (x) =>
      extract('i32x4.extract_lane', 0, select(x, lanes('i32x4', 1), lanes('i32x4', 2))),
    )
    expect([chosen(1), chosen(0)]).toEqual([1, 2])
  })
})

describe('code', () => {
  it('loops, branches and calls', () => {
    const { run } = instantiate(
      (module) => {
        const log = module.importFunction('env', 'log', ['f64'], [])
        const twice = module.importFunction('env', 'twice', ['f64'], ['f64'])
        module.importFunction('env', 'twice', ['f64'], ['f64'])
        const factorial = module.function(['i32'], ['i32'], (code, self) => {
          const [n] = code.params
          const out = code.let(i32(1))
          code.if(op('i32.gt_s', n, i32(1)), () =>
            code.set(out, op('i32.mul', n, call(self, op('i32.sub', n, i32(1))))),
          )
          code.return(out)
        })
        const sum = module.function(['i32', 'i32'], ['f64'], (code) => {
          const [n, stop] = code.params
          const total = code.local('f64')
          const i = code.local('i32')
          code.for(i, n, 1, () => code.set(total, op('f64.add', total, op('f64.convert_i32_s', i))))
          code.while(op('i32.gt_s', i, stop), () => {
            code.if(
              op('i32.and', i, i32(1)),
              () => code.set(total, op('f64.add', total, f64(1000))),
              () => code.call(log, total),
            )
            code.set(i, op('i32.sub', i, i32(1)))
          })
          code.return(call(twice, total))
        })
        module.export('factorial', factorial)
        module.export('sum', sum)
      },
      { log: (x) => logged.push(x), twice: (x) => 2 * x },
    )
    const logged: number[] = []
    expect(run.factorial(5)).toBe(120)
    expect(run.sum(4, 0)).toBe(2 * (6 + 2000))
    expect(logged).toEqual([6, 1006])
    expect(run.sum(0, 0)).toBe(0)
  })

  it('reads, writes, copies and fills memory', () => {
    const { memory, run } = instantiate((module) => {
      module.segment(64, [1, 2, 3, 4])
      const move = module.function(['i32'], ['f32'], (code) => {
        const [at] = code.params
        code.copy(at, i32(64), i32(4))
        code.fill(i32(128), i32(7), i32(3))
        code.store('v128.store', at, lanes('f32x4', 1.5), 16)
        code.storeLane('v128.store32_lane', 1, at, lanes('f32x4', 2.5), 20)
        const lane = loadLane('v128.load32_lane', 3, at, lanes('f32x4', 0), 20)
        code.return(op('f32.add', extract('f32x4.extract_lane', 3, lane), load('f32.load', at, 16)))
      })
      module.export('move', move)
    })
    const bytes = new Uint8Array(memory.buffer)
    expect(run.move(256)).toBe(4)
    expect([...bytes.subarray(256, 260)]).toEqual([1, 2, 3, 4])
    expect([...bytes.subarray(127, 132)]).toEqual([0, 7, 7, 7, 0])
    expect([...new Float32Array(memory.buffer, 272, 4)]).toEqual([1.5, 2.5, 1.5, 1.5])
  })
})
