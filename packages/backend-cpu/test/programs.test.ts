// Random Programs on each path against the reference rules: element-wise work, movements and reductions over odd shapes,
// as they are and with an argument that is donated. All of it is continuous and bounded, so that rounding stays rounding.

import {
  type Backend,
  type DType,
  isAdjointError,
  jit,
  lt,
  max,
  maximum,
  mean,
  min,
  minimum,
  reference,
  type Shape,
  softmax,
  type Tensor,
  tensor,
  where,
} from '@adjoint/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCpu, threads } from '../src/index.js'
import { BACKENDS } from './support.js'

type Move = readonly [op: number, a: number, b: number, pick: number]

const UNARY: readonly ((x: Tensor) => Tensor)[] = [
  (x) => x.neg(),
  (x) => x.abs(),
  (x) => x.exp().div(x.exp().add(1)),
  (x) => x.sin(),
  (x) => x.sigmoid(),
  (x) => x.tanh(),
  (x) => x.abs().log1p(),
  (x) => x.square().add(1).sqrt().log(),
  (x) => x.abs().add(0.5).pow(-1.3),
]
const BINARY: readonly ((x: Tensor, y: Tensor | number) => Tensor)[] = [
  (x, y) => x.add(y).mul(0.5),
  (x, y) => x.sub(y).mul(0.5),
  (x, y) => x.sin().mul(y),
  maximum,
  minimum,
]
const REDUCTIONS = [mean, max, min]

function apply([op, , , pick]: Move, x: Tensor, y: Tensor, inputs: readonly Tensor[]): Tensor {
  const axis = pick % Math.max(x.ndim, 1)
  if (op < 3) return UNARY[pick % UNARY.length](x)
  if (op < 6) return BINARY[pick % BINARY.length](x, pick % 7 === 0 ? (pick % 5) - 2 : y)
  if (op === 6 && x.ndim > 0) return REDUCTIONS[pick % 3](x, axis, { keepDims: pick % 2 === 0 })
  if (op === 7) return pick % 4 === 0 ? mean(x) : x.transpose()
  if (op === 8) return x.expandDims(pick % (x.ndim + 1))
  if (op === 9) return x.broadcastTo([2 + (pick % 2), ...x.shape])
  if (op === 10 && x.ndim > 0) return softmax(x, axis)
  // The inputs are exact on every path, so that all of them choose alike.
  return op === 11 ? where(lt(inputs[0], inputs[1]), x, y) : x.flatten()
}

/** What the moves make of the inputs; those whose shapes do not fit are left out. */
function grow(moves: readonly Move[], inputs: readonly Tensor[]): Tensor[] {
  const values = [...inputs]
  for (const move of moves) {
    const [x, y] = [values[move[1] % values.length], values[move[2] % values.length]]
    try {
      const made = apply(move, x, y, inputs)
      if (made.size > 0 && made.size <= 800 && made.ndim <= 4) values.push(made)
    } catch (error) {
      if (!isAdjointError(error) || error.code !== 'shape-mismatch') throw error
    }
  }
  return values
}

const nat = fc.nat(1000)
const cases = fc.record({
  moves: fc.array(fc.tuple(fc.nat(12), nat, nat, nat), { minLength: 1, maxLength: 14 }),
  outs: fc.array(nat, { minLength: 1, maxLength: 3 }),
  shapes: fc.constantFrom<Shape[]>(
    [[3, 4], [4], [3, 1]],
    [[17], [1], []],
    [[2, 200], [200], [1]],
    [[7, 5], [5, 1].reverse(), [5]],
    [[2, 3, 19], [3, 1], [19]],
    [[150, 2], [2], [150, 1]],
  ),
  seed: fc.nat(100),
})

function inputsOn(backend: Backend, shapes: readonly Shape[], dtype: DType, seed: number): Tensor[] {
  return shapes.map((shape, k) => {
    const size = shape.reduce((a, b) => a * b, 1)
    const data = Float64Array.from({ length: size }, (_, i) => (((i * 37 + 11 * k + seed) % 33) - 16) / 8)
    return tensor(data, { shape, dtype, backend })
  })
}

/** The values that `outs` picks of what the moves make. */
const programOf =
  (moves: readonly Move[], outs: readonly number[]) =>
  (...xs: Tensor[]) => {
    const all = grow(moves, xs)
    return outs.map((i) => all[all.length - 1 - (i % all.length)])
  }

describe.each(BACKENDS)('random Programs, %s', (name, backend) => {
  it.each(['float32', 'float64'] as const)('of %s', (dtype) => {
    const tolerance = dtype === 'float32' ? 1e-4 : 1e-11
    fc.assert(
      fc.property(cases, ({ moves, outs, shapes, seed }) => {
        const program = programOf(moves, outs)
        const expected = program(...inputsOn(reference, shapes, dtype, seed)).map((y) => y.dataSync())
        for (const donate of [[], [0, 1, 2]]) {
          const results = jit(program, { donate })(...inputsOn(backend, shapes, dtype, seed)).map((y) => y.dataSync())
          results.forEach((actual, k) => {
            for (let i = 0; i < actual.length; i++)
              expect(Math.abs(actual[i] - expected[k][i])).toBeLessThanOrEqual(tolerance)
          })
        }
      }),
      { numRuns: name === 'interpreted' ? 60 : 150 },
    )
  })
})

it('keeps both infinities apart where several extrema start in one loop', () => {
  const cpu = createCpu({ name: 'extrema', webassemblyFrom: 1 })
  const extrema = jit((x: Tensor) => [min(x, 0, { keepDims: true }), max(x, 0, { keepDims: true })])
  const values = [-1, 2, 3, -4]
  for (const row of extrema(tensor([values], { backend: cpu }))) expect([...row.dataSync()]).toEqual(values)
})

describe('random Programs on one thread, two and three', () => {
  const backends = [1, 2, 3].map((count) => ({ count, cpu: createCpu({ name: `cpu-${count}`, webassemblyFrom: 1 }) }))

  beforeAll(async () => {
    for (const { count, cpu } of backends) await threads(count, { backend: cpu, from: 0 })
  })

  afterAll(async () => {
    for (const { cpu } of backends) await threads(1, { backend: cpu })
  })

  it.each(['float32', 'float64'] as const)('of %s give the same bits', (dtype) => {
    fc.assert(
      fc.property(cases, ({ moves, outs, shapes, seed }) => {
        const program = jit(programOf(moves, outs))
        const bits = backends.map(({ cpu }) =>
          program(...inputsOn(cpu, shapes, dtype, seed)).map((y) => Buffer.from(y.dataSync().buffer as ArrayBuffer)),
        )
        for (const other of bits.slice(1)) other.forEach((bytes, k) => void expect(bytes.equals(bits[0][k])).toBe(true))
      }),
      { numRuns: 80 },
    )
  })
})
