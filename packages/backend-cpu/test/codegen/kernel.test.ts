import type { DType, TypedArray } from '@adjoint/core'
import type { Scalar, ScalarKernel, Statement } from '@adjoint/core/codegen'
import { binary, constant, int, interpretKernel, newArray, plus, times, variable } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planLanes } from '../../src/codegen/analysis.js'
import { compileKernel, isCompilable, kernelModule } from '../../src/codegen/kernel.js'
import { Heap } from '../../src/heap/heap.js'
import { DTYPES } from '../support.js'

const heap = new Heap(2 ** 24)
const [g0, g1] = [variable('g0'), variable('g1')]

/** Runs a kernel as WebAssembly and interpreted, on copies of the same arrays; returns what each wrote. */
function both(kernel: ScalarKernel, inputs: readonly TypedArray[], scalars: readonly number[]) {
  expect(isCompilable(kernel)).toBe(true)
  expect(WebAssembly.validate(kernelModule(kernel, heap))).toBe(true)
  const fresh = () => kernel.buffers.slice(inputs.length).map((b) => newArray(b.dtype, b.size))
  const [fast, slow] = [fresh(), fresh()]
  expect(compileKernel(kernel, heap)(inputs, fast, scalars)).toBe(true)
  interpretKernel(kernel)(inputs, slow, scalars)
  return [fast, slow]
}

function data(dtype: DType, size: number, seed: number): TypedArray {
  const out = newArray(dtype, size)
  const special = [NaN, Infinity, -Infinity, -0, 2 ** 31, -(2 ** 31), 2.5, -3.5, 1e10]
  for (let i = 0; i < size; i++) {
    const word = Math.imul(i + seed, 2654435761) >>> 0
    const float = word % 11 === 0 ? special[word % special.length] : ((word % 2001) - 1000) / 64
    out[i] = dtype === 'bool' ? word & 1 : dtype === 'int32' || dtype === 'uint32' ? word >> (word % 31) : float
  }
  return out
}

const FLOAT_UNARY = ['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'sqrt'] as const
const FLOAT_BINARY = ['add', 'sub', 'mul', 'div', 'rem', 'max', 'min'] as const
const INT_UNARY = ['neg', 'abs', 'sign', 'not'] as const
const INT_BINARY = 'add sub mul div rem max min and or xor shiftLeft shiftRight'.split(' ') as 'add'[]
const BUFFERS = DTYPES.length

/** Expressions of one dtype over loads from the first buffers, which hold one dtype each. */
function expression(dtype: DType, depth: number, index: fc.Arbitrary<Scalar>): fc.Arbitrary<Scalar> {
  const load = index.map((i): Scalar => ({ op: 'load', buffer: DTYPES.indexOf(dtype), index: i, dtype }))
  const leaf = fc.oneof(
    { weight: 4, arbitrary: load },
    { weight: 1, arbitrary: fc.constant(constant(dtype === 'bool' ? 1 : 3, dtype)) },
    { weight: 1, arbitrary: fc.constant<Scalar>({ op: 'parameter', index: DTYPES.indexOf(dtype), dtype }) },
  )
  if (depth === 0) return leaf
  const inner = (d: DType) => expression(d, depth - 1, index)
  const cast = fc
    .constantFrom(...DTYPES)
    .chain((from) => inner(from).map((x): Scalar => (from === dtype ? x : { op: 'cast', args: [x], dtype })))
  const select = fc
    .tuple(inner('bool'), inner(dtype), inner(dtype))
    .map(([c, a, b]): Scalar => ({ op: 'select', args: [c, a, b], dtype }))
  if (dtype === 'bool') {
    const compare = fc
      .tuple(fc.constantFrom('eq' as const, 'lt' as const, 'le' as const), fc.constantFrom(...DTYPES))
      .chain(([op, d]) => fc.tuple(inner(d), inner(d)).map(([a, b]): Scalar => ({ op, args: [a, b], dtype })))
    const not = inner('bool').map((a): Scalar => ({ op: 'not', args: [a], dtype }))
    return fc.oneof(leaf, compare, not, select, cast)
  }
  const isFloat = dtype === 'float32' || dtype === 'float64'
  const unary = fc
    .tuple(fc.constantFrom(...(isFloat ? FLOAT_UNARY : INT_UNARY)), inner(dtype))
    .map(([op, a]): Scalar => ({ op, args: [a], dtype }) as Scalar)
  const two = fc
    .tuple(fc.constantFrom(...(isFloat ? FLOAT_BINARY : INT_BINARY)), inner(dtype), inner(dtype))
    .map(([op, a, b]) => binary(op, a, b))
  return fc.oneof(leaf, unary, two, select, cast)
}

/** Positions in a [rows, columns] domain: along it, across it, one for all. */
const indices = (columns: number) =>
  fc.constantFrom<Scalar>(
    plus(times(g0, columns), g1),
    plus(times(g0, columns), g1),
    g1,
    g0,
    int(2),
    plus(times(g1, 2), int(1)),
    plus(times(g0, columns), binary('sub', int(columns - 1), g1)),
  )

function kernelOf(rows: number, columns: number, outputs: readonly DType[], body: readonly Statement[]): ScalarKernel {
  const size = 2 * (rows * columns + columns + 2)
  return {
    name: 'test',
    buffers: [
      ...DTYPES.map((dtype) => ({ dtype, size, access: 'read' as const })),
      ...outputs.map((dtype) => ({ dtype, size, access: 'write' as const })),
    ],
    parameters: DTYPES,
    grid: [rows, columns],
    workgroup: 1,
    body,
  }
}

const inputsFor = (kernel: ScalarKernel) =>
  kernel.buffers.slice(0, BUFFERS).map(({ dtype, size }, i) => data(dtype, size, i + 1))
const SCALARS = [0.125, -0.7, -5, 7, 1]

describe('kernels as WebAssembly', () => {
  it('compute element by element what the interpreter does, to the bit', () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 21 }), fc.constantFrom(...DTYPES))
      .chain(([rows, columns, dtype]) =>
        fc.tuple(fc.constant({ rows, columns, dtype }), expression(dtype, 3, indices(columns))),
      )
    fc.assert(
      fc.property(cases, ([{ rows, columns, dtype }, value]) => {
        const index = plus(times(g0, columns), g1)
        const body: Statement[] = [
          { kind: 'declare', name: 'v', value, mutable: false },
          { kind: 'store', buffer: BUFFERS, index, value: variable('v', dtype) },
        ]
        const kernel = kernelOf(rows, columns, [dtype], body)
        const [fast, slow] = both(kernel, inputsFor(kernel), SCALARS)
        expect(fast).toEqual(slow)
      }),
      { numRuns: 400 },
    )
  })

  const reduction = (dtype: DType, name: string, index: Scalar, inner: number): Statement[] => [
    { kind: 'declare', name: 't', value: constant(name === 'mul' ? 1 : 0, dtype), mutable: true },
    {
      kind: 'loop',
      name: 'r0',
      start: int(0),
      end: int(inner),
      step: 1,
      body: [
        {
          kind: 'assign',
          name: 't',
          value: binary(name as 'add', variable('t', dtype), {
            op: 'load',
            buffer: DTYPES.indexOf(dtype),
            index,
            dtype,
          }),
        },
      ],
    },
    { kind: 'store', buffer: BUFFERS, index: plus(times(g0, 19), g1), value: variable('t', dtype) },
  ]

  it.each(['add', 'mul', 'max', 'min'])('reduces by %s along rows and along columns', (name) => {
    const r0 = variable('r0')
    const along = plus(times(g1, 23), r0)
    const across = plus(times(r0, 19), g1)
    for (const dtype of ['float32', 'float64', 'int32', 'uint32'] as const) {
      for (const index of [along, across]) {
        const kernel = kernelOf(1, 19, [dtype], reduction(dtype, name, index, 23))
        const size = kernel.buffers[0].size + 19 * 23
        const inputs = DTYPES.map((d) => data(d, size, 5).map((x) => (Math.abs(x) < 20 ? x : 1)) as TypedArray)
        const [[fast], [slow]] = both(kernel, inputs, SCALARS)
        for (let i = 0; i < fast.length; i++) {
          const close = Math.abs(fast[i] - slow[i]) <= (dtype === 'float32' ? 1e-6 : 1e-14) * Math.abs(slow[i])
          if (!(close || Object.is(fast[i], slow[i]))) expect(`${fast[i]} at ${i}`).toBe(`${slow[i]} at ${i}`)
        }
      }
    }
  })

  it('leave kernels with arrays of their own, barriers and sums of bools to JavaScript', () => {
    const kernel = kernelOf(1, 4, ['bool'], [])
    const b = { op: 'load', buffer: 4, index: g1, dtype: 'bool' } as const
    const store = (value: Scalar): Statement => ({ kind: 'store', buffer: BUFFERS, index: g1, value })
    expect(isCompilable({ ...kernel, body: [store(binary('and', b, b))] })).toBe(true)
    expect(isCompilable({ ...kernel, body: [store(binary('add', b, b))] })).toBe(false)
    expect(isCompilable({ ...kernel, body: [{ kind: 'barrier' }] })).toBe(false)
    const array = { kind: 'array', name: 'a', dtype: 'float32', length: 4, space: 'private' } as const
    expect(isCompilable({ ...kernel, body: [array] })).toBe(false)
    expect(isCompilable({ ...kernel, workgroup: 64 })).toBe(false)
  })
})

describe('iterations side by side', () => {
  const load = (buffer: number, index: Scalar): Scalar => ({ op: 'load', buffer, index, dtype: 'float32' })
  const store = (buffer: number, index: Scalar, value: Scalar): Statement => ({ kind: 'store', buffer, index, value })
  const i = variable('i')

  it('need memory that no other iteration writes', () => {
    expect(planLanes('i', [store(0, i, load(1, i))])).toMatchObject({ contiguous: 2, apart: 0 })
    expect(planLanes('i', [store(0, i, binary('add', load(0, i), load(1, i)))])).not.toBeNull()
    expect(planLanes('i', [store(0, plus(i, int(1)), load(0, i))])).toBeNull()
    expect(planLanes('i', [store(0, int(3), load(1, i))])).toBeNull()
    expect(planLanes('i', [store(0, load(2, i), load(1, i))])).toBeNull()
  })

  it('need variables of their own, or ones that they only add to', () => {
    const total = variable('t', 'float32')
    const add: Statement = { kind: 'assign', name: 't', value: binary('add', total, load(0, i)) }
    expect(planLanes('i', [add])?.reductions.size).toBe(1)
    expect(planLanes('i', [add, store(1, i, total)])).toBeNull()
    expect(planLanes('i', [{ kind: 'assign', name: 't', value: load(0, i) }])).toBeNull()
    expect(planLanes('i', [{ kind: 'assign', name: 't', value: binary('sub', total, load(0, i)) }])).toBeNull()
  })
})
