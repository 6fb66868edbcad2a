import type { DType, KernelCall } from '@adjoint/core'
import { otherAxes, sizeOf } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BACKENDS, build, get, indices, runKernel, type Value, value, values } from './support.js'

type Axes = readonly [readonly number[], readonly number[]]

const multiply = (dtype: DType) =>
  dtype === 'int32' || dtype === 'uint32' ? Math.imul : (a: number, b: number) => a * b

function naive(a: Value, b: Value, contract: Axes, batch: Axes) {
  const free = [
    otherAxes([...contract[0], ...batch[0]], a.shape.length),
    otherAxes([...contract[1], ...batch[1]], b.shape.length),
  ]
  const pick = (x: Value, axes: readonly number[]) => axes.map((i) => x.shape[i])
  const [nb, nm] = [batch[0].length, free[0].length]
  const shape = [...pick(a, batch[0]), ...pick(a, free[0]), ...pick(b, free[1])]
  const place = (axes: Axes[0], values: readonly number[], index: number[]) =>
    axes.forEach((axis, i) => void (index[axis] = values[i]))
  const times = multiply(a.dtype)
  const data = build(a.dtype, shape, (at) => {
    let sum = 0
    for (const p of indices(pick(a, contract[0]))) {
      const [i, j] = [new Array<number>(a.shape.length), new Array<number>(b.shape.length)]
      place(batch[0], at.slice(0, nb), i)
      place(batch[1], at.slice(0, nb), j)
      place(free[0], at.slice(nb, nb + nm), i)
      place(free[1], at.slice(nb + nm), j)
      place(contract[0], p, i)
      place(contract[1], p, j)
      sum += times(get(a, i), get(b, j))
    }
    return sum
  })
  return { shape, data }
}

const counting = (dtype: DType, shape: number[], step: number) =>
  value(
    dtype,
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => ((i * step) % 17) - 8),
  )

describe.each(BACKENDS)('dotGeneral, %s', (_, cpu) => {
  const dot = (a: Value, b: Value, contract: Axes, batch: Axes, shape: readonly number[]) =>
    runKernel(cpu, { name: 'dotGeneral' }, [a, b], { contract, batch }, [{ shape, dtype: a.dtype }])[0]

  it('contracts and batches any axes', () => {
    const roles = fc.array(
      fc.tuple(fc.constantFrom('batch', 'contract', 'left', 'right'), fc.integer({ min: 0, max: 4 })),
      { maxLength: 5 },
    )
    const cases = fc
      .tuple(roles, fc.constantFrom<DType>('float32', 'float64', 'int32', 'uint32'), fc.nat(), fc.nat())
      .chain(([axes, dtype, p, q]) => {
        const side = (skip: string, turn: number) => {
          const own = axes.map((_, i) => i).filter((i) => axes[i][0] !== skip)
          return own.map((_, i) => own[(i + turn) % own.length])
        }
        const [l, r] = [side('right', p % 5), side('left', q % 5)]
        const named = (role: string) => axes.map((_, i) => i).filter((i) => axes[i][0] === role)
        const pairs = (role: string): Axes => [
          named(role).map((i) => l.indexOf(i)),
          named(role).map((i) => r.indexOf(i)),
        ]
        return fc.tuple(
          values(
            dtype,
            l.map((i) => axes[i][1]),
          ),
          values(
            dtype,
            r.map((i) => axes[i][1]),
          ),
          fc.constant(pairs('contract')),
          fc.constant(pairs('batch')),
        )
      })
    fc.assert(
      fc.property(cases, ([a, b, contract, batch]) => {
        const { shape, data } = naive(a, b, contract, batch)
        expect(dot(a, b, contract, batch, shape)).toEqual(data)
      }),
    )
  })

  it.each<[DType, number, number, number]>([
    ['float32', 17, 30, 19],
    ['float64', 101, 4, 300],
    ['float32', 50, 1, 61],
    ['int32', 33, 3, 70],
    ['float32', 5, 700, 6],
    ['float32', 1, 90, 70],
    ['float64', 70, 90, 1],
    ['int32', 20, 30, 40],
  ])('multiplies %s [%i, %i] by [_, %i], in every layout', (dtype, m, k, n) => {
    const a = counting(dtype, [m, k], 7)
    const b = counting(dtype, [k, n], 5)
    const aT = value(
      dtype,
      [k, m],
      build(dtype, [k, m], ([p, i]) => get(a, [i, p])),
    )
    const bT = value(
      dtype,
      [n, k],
      build(dtype, [n, k], ([j, p]) => get(b, [p, j])),
    )
    const expected = naive(a, b, [[1], [0]], [[], []]).data
    expect(dot(a, b, [[1], [0]], [[], []], [m, n])).toEqual(expected)
    expect(dot(aT, b, [[0], [0]], [[], []], [m, n])).toEqual(expected)
    expect(dot(a, bT, [[1], [1]], [[], []], [m, n])).toEqual(expected)
    expect(dot(aT, bT, [[0], [1]], [[], []], [m, n])).toEqual(expected)
  })

  it('crosses the borders of packed blocks', () => {
    const [a, b] = [counting('float64', [99, 260], 3), counting('float64', [260, 517], 11)]
    const out = dot(a, b, [[1], [0]], [[], []], [99, 517])
    const cell = (i: number, j: number) =>
      Array.from({ length: 260 }, (_, p) => get(a, [i, p]) * get(b, [p, j])).reduce((x, y) => x + y)
    for (const [i, j] of [
      [0, 0],
      [95, 511],
      [96, 512],
      [98, 516],
      [3, 515],
      [97, 2],
    ])
      expect(out[i * 517 + j]).toBe(cell(i, j))
  })

  it('multiplies batches of matrices', () => {
    const [a, b] = [counting('float32', [3, 15, 14], 3), counting('float32', [3, 14, 13], 5)]
    const expected = naive(a, b, [[2], [1]], [[0], [0]])
    expect(dot(a, b, [[2], [1]], [[0], [0]], expected.shape)).toEqual(expected.data)
  })

  it('wraps integers', () => {
    const x = value('int32', [1, 2], [0x7fffffff, 0x12345])
    const y = value('int32', [2, 1], [0x7fffffff, 0x54321])
    expect([...dot(x, y, [[1], [0]], [[], []], [1, 1])]).toEqual([(1 + Math.imul(0x12345, 0x54321)) | 0])
  })

  it('keeps NaN and infinities where they belong', () => {
    const a = value(
      'float32',
      [20, 20],
      Array.from({ length: 400 }, (_, i) => (i === 21 ? NaN : i === 50 ? Infinity : 1)),
    )
    const out = dot(a, value('float32', [20, 20], new Array(400).fill(1)), [[1], [0]], [[], []], [20, 20])
    expect([...out.subarray(0, 20)]).toEqual(new Array(20).fill(20))
    expect([...out.subarray(20, 40)]).toEqual(new Array(20).fill(NaN))
    expect([...out.subarray(40, 60)]).toEqual(new Array(20).fill(Infinity))
  })

  it('serves the kernels of other packages', () => {
    const scaled = {
      name: '@test/kernels:scaledSquare',
      kernels: {
        cpu:
          (api: import('@adjoint/core').CpuKernelApi, { inputs }: KernelCall) =>
          ([x]: readonly Value['data'][], [out]: readonly Value['data'][]) => {
            const n = inputs[0].shape[0]
            out.fill(0)
            api.gemm({
              m: n,
              n,
              k: n,
              alpha: 2,
              a: x,
              aOffset: 0,
              aStrides: [n, 1],
              b: x,
              bOffset: 0,
              bStrides: [1, n],
              c: out,
              cOffset: 0,
              cStride: n,
            })
          },
      },
    }
    const x = counting('float64', [14, 14], 3)
    const [out] = runKernel(cpu, scaled, [x], {}, [x])
    expect(out).toEqual(naive(x, x, [[1], [1]], [[], []]).data.map((v) => 2 * v))
  })
})
