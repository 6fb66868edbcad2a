import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { addVectorFunction } from '../../src/codegen/math/functions.js'
import type { FloatShape } from '../../src/codegen/math/kit.js'
import { ModuleBuilder } from '../../src/wasm/module.js'
import { call, load } from '../../src/wasm/value.js'

const stored = JSON.parse(readFileSync(new URL('../reference/functions.json', import.meta.url), 'utf8')) as Record<
  string,
  readonly string[][]
>

type Floats = Float32Array | Float64Array

/** Applies a vector function to arrays. */
function apply(name: string, shape: FloatShape, ...operands: Floats[]): Floats {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory')
  const callee = addVectorFunction(module, null, name, shape)
  const second = 2 ** 21
  const run = module.function(['i32'], [], (code) => {
    const at = code.local('i32')
    code.for(at, code.params[0], 16, () => {
      const values = operands.map((_, i) => load('v128.load', at, i * second))
      code.store('v128.store', at, call(callee, ...values))
    })
  })
  module.export('run', run)
  const memory = new WebAssembly.Memory({ initial: 64 })
  const host = { sin: Math.sin, cos: Math.cos, rem: (a: number, b: number) => a % b }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory }, host })
  const Data = shape === 'f32x4' ? Float32Array : Float64Array
  operands.forEach((x, i) => {
    new Data(memory.buffer, i * second, x.length).set(x)
  })
  ;(exports.run as (bytes: number) => void)(operands[0].byteLength)
  return new Data(memory.buffer, 0, operands[0].length).slice()
}

/** The place of a number among all numbers of its type, in order. */
function ordinal(x: number, shape: FloatShape): bigint {
  const wide = shape === 'f64x2'
  const word = wide ? new BigInt64Array(Float64Array.of(x).buffer)[0] : new Int32Array(Float32Array.of(x).buffer)[0]
  const bits = BigInt(word)
  return bits < 0n ? -(bits & (wide ? 2n ** 63n - 1n : 2n ** 31n - 1n)) : bits
}

/** How many numbers lie between two; NaN only equals NaN, zeros differ by sign. */
function ulps(a: number, b: number, shape: FloatShape): number {
  if (Object.is(a, b)) return 0
  if (Number.isNaN(a) || Number.isNaN(b) || (a === 0 && b === 0)) return Infinity
  const difference = ordinal(a, shape) - ordinal(b, shape)
  return Number(difference < 0n ? -difference : difference)
}

function expectWithin(most: number, actual: Floats, expected: Floats, at: Floats, shape: FloatShape): void {
  for (let i = 0; i < actual.length; i++) {
    const error = ulps(actual[i], expected[i], shape)
    if (error > most) expect(`${actual[i]} at ${at[i]}, ${error} ulp`).toBe(`${expected[i]} at ${at[i]}`)
  }
}

const logistic = (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)))
const { exp, expm1, log, log1p, tanh, sin, cos } = Math
const ORACLES: Record<string, (x: number) => number> = { exp, expm1, log, log1p, tanh, sin, cos, logistic }
const NAMES = Object.keys(ORACLES)

const SPECIAL = [0, -0, Infinity, -Infinity, NaN, 1, -1, 1e-45, -1e-45, 1e-310, -5e-324, 2 ** -126, 3e38, -3e38, 1e300]

/** Numbers of all sizes, a multiple of four. */
function samples(count: number): Float64Array {
  const out = [...SPECIAL, 0.5]
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  while (out.length < count)
    out.push((random() - 0.5) * 2 ** (random() * 40 - 25), (random() - 0.5) * 200, (random() - 0.5) * 1600, random())
  return Float64Array.from(out)
}

/** Functions of two numbers; 1 to any power is 1, where JavaScript says NaN. */
const PAIRED: Record<string, (a: number, b: number) => number> = {
  pow: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
  atan2: Math.atan2,
  rem: (a, b) => a % b,
}

function specialPairs(): { x: Float64Array; y: Float64Array } {
  const all = [...SPECIAL, 2, -2, 3, -3, 0.5, -2.5, 4, 1.7e308, -1.7e308, 2 ** 53, 2 ** -1022]
  const pairs = all.flatMap((a) => all.map((b) => [a, b]))
  while (pairs.length % 4 !== 0) pairs.push([1, 1])
  const [x, y] = [0, 1].map((k) => Float64Array.from(pairs, (pair) => pair[k]))
  return { x, y }
}

describe('float32 functions, within 2 ulp of the rounded double', () => {
  it.each(NAMES)('%s', (name) => {
    const x = Float32Array.from(samples(40_000))
    expectWithin(2, apply(name, 'f32x4', x), x.map(ORACLES[name]), x, 'f32x4')
  })

  it('pow, with all pairs of special values', () => {
    const special = specialPairs()
    const pairs = Array.from(special.x, (a, i) => [a, special.y[i]])
    const numbers = samples(20_000)
    for (let i = 0; i + 1 < numbers.length; i += 2) pairs.push([Math.abs(numbers[i]), numbers[i + 1]])
    while (pairs.length % 4 !== 0) pairs.push([1, 1])
    const [x, y] = [0, 1].map((k) => Float32Array.from(pairs, (pair) => pair[k]))
    const expected = x.map((a, i) => PAIRED.pow(a, y[i]))
    expectWithin(1, apply('pow', 'f32x4', x, y), expected, x, 'f32x4')
  })

  it.each(['atan2', 'rem'])('%s', (name) => {
    const [x, y] = [Float32Array.from(samples(20_000)), Float32Array.from(samples(20_000).reverse())]
    const special = specialPairs()
    x.set(special.x)
    y.set(special.y)
    const expected = x.map((a, i) => PAIRED[name](a, y[i]))
    expectWithin(name === 'rem' ? 0 : 1, apply(name, 'f32x4', x, y), expected, x, 'f32x4')
  })
})

describe('float64 functions', () => {
  it.each(NAMES)('%s, within 4 ulp of JavaScript', (name) => {
    const x = samples(40_000)
    expectWithin(4, apply(name, 'f64x2', x), x.map(ORACLES[name]), x, 'f64x2')
  })

  const number = (word: string) => new DataView(BigInt64Array.of(BigInt(`0x${word}`)).buffer).getFloat64(0, true)
  const cases = Object.entries(stored)

  it.each(cases)('%s, within 4 ulp of figures from 60 digits', (name, table) => {
    const rows = table.length % 2 === 0 ? table : [...table, table[0]]
    const columns = rows[0].map((_, k) => Float64Array.from(rows, (row) => number(row[k])))
    const expected = columns.pop() as Float64Array
    expectWithin(4, apply(name, 'f64x2', ...columns), expected, columns[0], 'f64x2')
  })

  it.each(Object.keys(PAIRED))('%s of all pairs of special values, as IEEE 754 has it', (name) => {
    const { x, y } = specialPairs()
    const expected = x.map((a, i) => PAIRED[name](a, y[i]))
    expectWithin(name === 'rem' ? 0 : 4, apply(name, 'f64x2', x, y), expected, x, 'f64x2')
  })

  it('rem is exact', () => {
    const [x, y] = [samples(40_000), samples(40_000).reverse()]
    for (let i = 0; i < x.length; i += 3) y[i] = x[i] / (i % 40)
    for (let i = 1; i < x.length; i += 3) x[i] = y[i] * (i % 50) * (i % 2 === 0 ? 1 : 1 + 2 ** -52)
    const expected = x.map((a, i) => a % y[i])
    expectWithin(0, apply('rem', 'f64x2', x, y), expected, x, 'f64x2')
  })
})
