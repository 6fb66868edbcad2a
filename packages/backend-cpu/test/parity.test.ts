import type { Aval, DType, Primitive } from '@adjoint/core'
import { isAdjointError, reference } from '@adjoint/core'
import { isFloat } from '@adjoint/core/codegen'
import * as exported from '@adjoint/core/primitives'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BACKENDS, DTYPES, numbers, runKernel, type Value, value, values } from './support.js'

const isPrimitive = (x: unknown): x is Primitive =>
  typeof x === 'object' && x !== null && 'name' in x && 'shape' in x && typeof x.shape === 'function'

const primitives = new Map(
  Object.values(exported)
    .filter(isPrimitive)
    .map((p) => [p.name, p]),
)

/** Operands of each element-wise primitive. */
const ELEMENTWISE: Record<string, number> = {
  ...Object.fromEntries(
    'neg abs sign floor ceil round exp expm1 log log1p sqrt sin cos tanh logistic not'.split(' ').map((n) => [n, 1]),
  ),
  ...Object.fromEntries(
    'add sub mul div rem pow max min atan2 and or xor shiftLeft shiftRight eq lt le'.split(' ').map((n) => [n, 2]),
  ),
}

const axes = (...list: number[]) => ({ axes: list })
const none: number[][] = [[], []]

/** Shapes and parameters that the other primitives are run with, in every dtype they take. */
const CASES: readonly (readonly [name: string, shapes: readonly number[][], params: object])[] = [
  ['transpose', [[2, 3, 4]], { permutation: [2, 0, 1] }],
  ['broadcast', [[3, 1]], { shape: [2, 3, 4] }],
  ['slice', [[5, 6]], { starts: [1, 0], limits: [5, 6], strides: [2, 3] }],
  ['pad', [[2, 3], []], { low: [1, 0], high: [0, 2], interior: [1, 0] }],
  ['flip', [[3, 4]], axes(1)],
  [
    'concat',
    [
      [2, 3],
      [2, 1],
    ],
    { axis: 1 },
  ],
  ['reduceSum', [[4, 5, 6]], axes(1)],
  ['reduceSum', [[4, 0]], axes(1)],
  ['reduceProd', [[4, 5]], axes(0, 1)],
  ['reduceMax', [[4, 5, 6]], axes(0, 2)],
  ['reduceMin', [[0, 3]], axes(0)],
  ['argMax', [[4, 5]], { axis: 0 }],
  ['argMin', [[4, 5]], { axis: 1 }],
  ['cumulative', [[4, 5]], { op: 'sum', axis: 0, reverse: true }],
  ['cumulative', [[4, 5]], { op: 'max', axis: 1, reverse: false }],
  [
    'dotGeneral',
    [
      [2, 3, 4],
      [4, 2, 5],
    ],
    { contract: [[2], [0]], batch: [[0], [1]] },
  ],
  [
    'dotGeneral',
    [
      [20, 30],
      [30, 25],
    ],
    { contract: [[1], [0]], batch: none },
  ],
  ['sort', [[3, 7]], { keys: 1, descending: true }],
  [
    'sort',
    [
      [2, 40],
      [2, 40],
    ],
    { keys: 1, descending: false },
  ],
]

function outputsOf(primitive: Primitive, inputs: readonly Aval[], params: object): readonly Aval[] | undefined {
  try {
    return primitive.shape(inputs, params)
  } catch (error) {
    if (isAdjointError(error) && error.code === 'dtype-mismatch') return undefined
    throw error
  }
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, dtype: DType): void {
  expect(actual.length).toBe(expected.length)
  const tolerance = !isFloat(dtype) ? 0 : dtype === 'float32' ? 1e-6 : 1e-13
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i], expected[i]]
    const same = a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= tolerance * (1 + Math.abs(b))
    if (!same) expect(`${a} at ${i}`).toBe(`${b} at ${i}`)
  }
}

describe.each(BACKENDS)('agrees with the reference rules, %s', (_, cpu) => {
  const compare = (primitive: Primitive, inputs: readonly Value[], params: object) => {
    const outputs = outputsOf(primitive, inputs, params)
    if (outputs === undefined) return
    const expected = runKernel(reference, primitive, inputs, params, outputs)
    const actual = runKernel(cpu, primitive, inputs, params, outputs)
    outputs.forEach(({ dtype }, i) => void expectClose(actual[i], expected[i], dtype))
  }

  const named = (name: string): Primitive => {
    const primitive = primitives.get(name)
    if (primitive === undefined) throw new Error(`the core has no primitive ${name}`)
    return primitive
  }

  it.each(Object.entries(ELEMENTWISE))('%s', (name, count) => {
    const shapes = [[3, 4], [4]]
    const operands = fc
      .constantFrom(...DTYPES)
      .chain((dtype) => fc.tuple(...shapes.slice(0, count).map((s) => values(dtype, s, true))))
    fc.assert(fc.property(operands, (inputs) => compare(named(name), inputs, {})))
  })

  it('select', () => {
    const cases = fc
      .constantFrom(...DTYPES)
      .chain((dtype) => fc.tuple(values('bool', [3, 1]), values(dtype, [4], true), values(dtype, [], true)))
    fc.assert(fc.property(cases, (inputs) => compare(named('select'), inputs, {})))
  })

  it('cast', () => {
    const pairs = fc.tuple(fc.constantFrom(...DTYPES), fc.constantFrom(...DTYPES))
    const cases = pairs.chain(([from, dtype]) => fc.tuple(values(from, [6], true), fc.constant({ dtype })))
    fc.assert(fc.property(cases, ([x, params]) => compare(named('cast'), [x], params)))
    const wide = value('float64', [6], [1e10, -1e10, 2.7, -2.7, 4294967295.5, 0.5])
    for (const dtype of DTYPES) compare(named('cast'), [wide], { dtype })
  })

  it('bitcast', () => {
    const words = ['float32', 'int32', 'uint32'] as const
    for (const from of words) {
      for (const dtype of words) compare(named('bitcast'), [value(from, [3], [1, 2, 0])], { dtype })
    }
  })

  it.each(CASES)('%s of %j with %j', (name, shapes, params) => {
    const cases = fc.constantFrom(...DTYPES).chain((dtype) => fc.tuple(...shapes.map((s) => values(dtype, s, true))))
    fc.assert(
      fc.property(cases, (inputs) => compare(named(name), inputs, params)),
      { numRuns: 30 },
    )
  })

  it('gather and scatter', () => {
    const index = fc
      .array(fc.integer({ min: -2, max: 5 }), { minLength: 8, maxLength: 8 })
      .map((n) => value('int32', [2, 2, 2], n))
    const cases = fc
      .constantFrom<DType>('float32', 'float64', 'int32', 'uint32')
      .chain((dtype) => fc.tuple(values(dtype, [2, 3, 4, 5], true), index, values(dtype, [2, 2, 5], true)))
    fc.assert(
      fc.property(cases, ([x, at, updates]) => {
        for (const mode of ['clip', 'drop']) {
          compare(named('gather'), [x, at], { batch: 1, mode })
          for (const combine of ['add', 'set', 'min', 'max']) {
            compare(named('scatter'), [x, at, updates], { batch: 1, mode, combine })
          }
        }
      }),
    )
  })

  it('dynamicSlice and dynamicUpdate', () => {
    const start = numbers('int32', 2).map((n) => value('int32', [2], n))
    fc.assert(
      fc.property(values('float32', [5, 6]), values('float32', [2, 3]), start, (x, update, at) => {
        compare(named('dynamicSlice'), [x, at], { sizes: [2, 3] })
        compare(named('dynamicUpdate'), [x, update, at], {})
      }),
    )
  })

  it('iota and randomBits', () => {
    for (const dtype of ['float32', 'float64', 'int32', 'uint32'])
      compare(named('iota'), [], { shape: [3, 4, 2], dtype, axis: 1 })
    const key = value('uint32', [3, 2], [1, 2, 0xffffffff, 4, 0, 0])
    compare(named('randomBits'), [key], { shape: [5, 7] })
  })
})
