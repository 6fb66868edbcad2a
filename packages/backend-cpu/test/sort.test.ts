import type { DType } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpu } from '../src/index.js'
import { BACKENDS, DTYPES, runKernel, type Value, value, values } from './support.js'

/** Negative: a before b. */
function compare(a: number, b: number, descending: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a === b ? 0 : a < b !== descending ? -1 : 1
}

function naive(operands: readonly Value[], keys: number, descending: boolean) {
  const { shape } = operands[0]
  const n = shape[shape.length - 1] ?? 1
  const order: number[] = []
  for (let start = 0; start < sizeOf(shape); start += n) {
    const row = Array.from({ length: n }, (_, i) => start + i)
    const byKeys = (a: number, b: number) =>
      operands.slice(0, keys).reduce((sign, x) => sign || compare(x.data[a], x.data[b], descending), 0)
    order.push(...row.sort(byKeys))
  }
  return operands.map((x) => x.data.map((_, i) => x.data[order[i]]))
}

const sorted = (operands: readonly Value[], keys: number, descending: boolean) =>
  runKernel(cpu, { name: 'sort' }, operands, { keys, descending }, operands)

const operandsOf = (shape: number[]) =>
  fc
    .array(fc.constantFrom(...DTYPES), { minLength: 1, maxLength: 3 })
    .chain((dtypes) => fc.tuple(...dtypes.map((dtype) => values(dtype, shape, true))))

describe('sort', () => {
  it.each([[[7]], [[2, 3]], [[3, 40]], [[0]], [[2, 0]], [[1]]])('sorts %j stably by several keys', (shape) => {
    fc.assert(
      fc.property(operandsOf(shape), fc.nat(2), fc.boolean(), (operands, k, descending) => {
        const keys = 1 + (k % operands.length)
        const expected = naive(operands, keys, descending)
        sorted(operands, keys, descending).forEach((out, i) => void expect(out).toEqual(expected[i]))
      }),
      { numRuns: 60 },
    )
  })

  it.each<DType>(['float32', 'float64', 'int32', 'uint32'])('orders all of %s', (dtype) => {
    const wide = fc.array(fc.double({ noNaN: true }), { minLength: 200, maxLength: 200 })
    fc.assert(
      fc.property(wide, fc.boolean(), (numbers, descending) => {
        const x = value(dtype, [200], numbers)
        expect(sorted([x], 1, descending)).toEqual(naive([x], 1, descending))
      }),
      { numRuns: 30 },
    )
  })

  it('puts NaN last in both directions, and keeps the order of zeros', () => {
    const x = value('float32', [6], [0, NaN, -0, 1, -Infinity, Infinity])
    expect([...sorted([x], 1, false)[0]]).toEqual([-Infinity, 0, -0, 1, Infinity, NaN])
    expect([...sorted([x], 1, true)[0]]).toEqual([Infinity, 1, 0, -0, -Infinity, NaN])
  })
})

describe('long rows', () => {
  it('are sorted as short ones are, with what comes along', () => {
    const n = 5000
    const numbers = Array.from(
      { length: n },
      (_, i) => [NaN, -0, 0, Infinity, -Infinity][i % 97] ?? ((i * 7919) % 1013) - 500,
    )
    const places = Array.from({ length: n }, (_, i) => i)
    const rank = (x: number) => (Number.isNaN(x) ? Infinity : x)
    for (const dtype of ['float32', 'float64', 'int32'] as const) {
      const keys = value(dtype, [n], dtype === 'int32' ? numbers.map((x) => x | 0) : numbers)
      const order = [...places].sort((a, b) => {
        const [x, y] = [keys.data[a], keys.data[b]]
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b
        return rank(x) === rank(y) ? a - b : x < y ? -1 : 1
      })
      for (const [, backend] of BACKENDS) {
        const inputs = [keys, value('int32', [n], places)]
        const [sorted, along] = runKernel(backend, { name: 'sort' }, inputs, { keys: 1, descending: false }, inputs)
        expect([...along]).toEqual(order)
        expect([...sorted]).toEqual(order.map((i) => keys.data[i]))
      }
    }
  })
})
