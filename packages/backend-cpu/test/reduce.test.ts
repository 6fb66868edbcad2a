import type { DType } from '@adjoint/core'
import { highest, lowest, otherAxes, sizeOf } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BACKENDS, build, get, indices, runKernel, shapes, type Value, value, values } from './support.js'

const NUMERIC: DType[] = ['float32', 'float64', 'int32', 'uint32']
const EVERY: DType[] = [...NUMERIC, 'bool']

const float = (dtype: DType) => dtype === 'float32' || dtype === 'float64'
const reductions = [
  { name: 'reduceSum', dtypes: NUMERIC, start: () => 0, step: (a: number, b: number) => a + b },
  {
    name: 'reduceProd',
    dtypes: NUMERIC,
    start: () => 1,
    step: (a: number, b: number, d: DType) => (float(d) ? a * b : Math.imul(a, b)),
  },
  { name: 'reduceMax', dtypes: EVERY, start: lowest, step: (a: number, b: number) => Math.max(a, b) },
  { name: 'reduceMin', dtypes: EVERY, start: highest, step: (a: number, b: number) => Math.min(a, b) },
]

/** The values that each output sees. */
function groups(x: Value, axes: readonly number[]) {
  const kept = otherAxes(axes, x.shape.length)
  const shape = kept.map((i) => x.shape[i])
  const inner = indices(axes.map((i) => x.shape[i]))
  const group = (at: number[]) =>
    inner.map((j) => {
      const index = new Array<number>(x.shape.length)
      kept.forEach((axis, i) => void (index[axis] = at[i]))
      axes.forEach((axis, i) => void (index[axis] = j[i]))
      return get(x, index)
    })
  return { shape, group }
}

const withAxes = (dtypes: readonly DType[]) =>
  fc
    .tuple(fc.constantFrom(...dtypes), shapes())
    .chain(([dtype, shape]) => fc.tuple(values(dtype, shape, true), fc.subarray(shape.map((_, i) => i))))

describe.each(BACKENDS)('reductions, %s', (_, cpu) => {
  it.each(reductions)('$name agrees with a loop', ({ name, dtypes, start, step }) => {
    fc.assert(
      fc.property(withAxes(dtypes), ([x, axes]) => {
        const { shape, group } = groups(x, axes)
        const [out] = runKernel(cpu, { name }, [x], { axes }, [{ shape, dtype: x.dtype }])
        const expected = build(x.dtype, shape, (at) => group(at).reduce((a, b) => step(a, b, x.dtype), start(x.dtype)))
        expect(zeros(out)).toEqual(zeros(expected))
      }),
    )
  })

  it.each<[number[], number[]]>([
    [[3, 1500], [1]],
    [[1500, 3], [0]],
    [[300, 5], [0]],
    [[2, 300, 4], [1]],
    [
      [3, 40, 7, 33],
      [1, 3],
    ],
    [
      [130, 3, 140, 2],
      [0, 2],
    ],
    [[2, 2100], [0]],
    [[5000], [0]],
  ])('adds up %j over %j in blocks', (shape, axes) => {
    const x = value(
      'float64',
      shape,
      Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7) % 101),
    )
    const { shape: kept, group } = groups(x, axes)
    const [out] = runKernel(cpu, { name: 'reduceSum' }, [x], { axes }, [{ shape: kept, dtype: 'float64' }])
    expect(out).toEqual(build('float64', kept, (at) => group(at).reduce((a, b) => a + b, 0)))
  })

  it('keeps sums of many small numbers exact enough', () => {
    for (const shape of [[100_000], [50_000, 2]]) {
      const x = value('float32', shape, new Float64Array(sizeOf(shape)).fill(0.1))
      const [out] = runKernel(cpu, { name: 'reduceSum' }, [x], { axes: [0] }, [
        { shape: shape.slice(1), dtype: 'float32' },
      ])
      expect(Math.abs(out[0] / shape[0] - 0.1)).toBeLessThan(1e-8)
    }
  })

  it.each([
    ['argMax', (a: number, b: number) => a > b],
    ['argMin', (a: number, b: number) => a < b],
  ] as const)('%s finds the first winner, NaN before all', (name, better) => {
    const cases = fc
      .tuple(fc.constantFrom(...EVERY), shapes({ min: 1, minLength: 1 }), fc.nat(3))
      .chain(([dtype, shape, a]) => fc.tuple(values(dtype, shape, true), fc.constant(a % shape.length)))
    fc.assert(
      fc.property(cases, ([x, axis]) => {
        const { shape, group } = groups(x, [axis])
        const [out] = runKernel(cpu, { name }, [x], { axis }, [{ shape, dtype: 'int32' }])
        const winner = (row: number[]) => {
          const nan = row.findIndex(Number.isNaN)
          return nan >= 0 ? nan : row.reduce((best, v, i) => (better(v, row[best]) ? i : best), 0)
        }
        expect(out).toEqual(build('int32', shape, (at) => winner(group(at))))
      }),
    )
  })

  it('accumulates along any axis, in both directions', () => {
    const cases = fc
      .tuple(fc.constantFrom(...NUMERIC), shapes({ minLength: 1 }), fc.nat(3))
      .chain(([dtype, shape, a]) =>
        fc.tuple(
          values(dtype, shape, true),
          fc.constant(a % shape.length),
          fc.boolean(),
          fc.constantFrom('sum', 'max'),
        ),
      )
    fc.assert(
      fc.property(cases, ([x, axis, reverse, op]) => {
        const [out] = runKernel(cpu, { name: 'cumulative' }, [x], { op, axis, reverse }, [x])
        const expected = build(x.dtype, x.shape, (index) => {
          const n = x.shape[axis]
          const range = Array.from({ length: n }, (_, i) => i).filter((i) =>
            reverse ? i >= index[axis] : i <= index[axis],
          )
          const row = range.map((i) => get(x, index.with(axis, i)))
          return op === 'sum' ? row.reduce((a, b) => a + b, 0) : Math.max(...row)
        })
        expect(zeros(out)).toEqual(zeros(expected))
      }),
    )
  })
})

/** Without negative zeros: adding or comparing them may keep or lose the sign. */
const zeros = (data: Value['data']) => Array.from(data, (v) => v + 0)
