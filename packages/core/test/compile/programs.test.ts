// Random Programs, compiled, against the reference rules; every storage but inputs and outputs is given back.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { setBackend } from '../../src/backend/current.js'
import { reference } from '../../src/backend/reference.js'
import { compileJavaScript, interpretKernel } from '../../src/codegen/index.js'
import { compileProgram } from '../../src/compile/executable.js'
import { type TypedArray, toArray } from '../../src/dtype.js'
import { isAdjointError } from '../../src/error.js'
import { floor, lt, maximum, minimum, where } from '../../src/functions/elementwise.js'
import { max, min, prod, sum } from '../../src/functions/reductions.js'
import { evaluateProgram } from '../../src/program/evaluate.js'
import { traceProgram } from '../../src/program/trace.js'
import { type Shape, sizeOf } from '../../src/shape.js'
import { type Tensor, tensorFromArray } from '../../src/tensor.js'
import { countingBackend } from './support.js'

setBackend(reference)

type Move = readonly [op: number, a: number, b: number, c: number, pick: number]

const UNARY: readonly ((x: Tensor) => Tensor)[] = [
  (x) => x.neg(),
  (x) => x.abs(),
  (x) => x.exp(),
  (x) => x.sin(),
  (x) => x.sigmoid(),
  (x) => x.sign(),
  (x) => floor(x),
]
const BINARY: readonly ((x: Tensor, y: Tensor | number) => Tensor)[] = [
  (x, y) => x.add(y),
  (x, y) => x.sub(y),
  (x, y) => x.mul(y),
  maximum,
  minimum,
]
const REDUCTIONS = [sum, max, min, prod]

function apply([op, , , , pick]: Move, x: Tensor, y: Tensor, z: Tensor): Tensor {
  if (op < 3) return UNARY[pick % UNARY.length](x)
  if (op < 6) return BINARY[pick % BINARY.length](x, pick % 7 === 0 ? (pick % 5) - 2 : y)
  if (op === 6 && x.ndim > 0) return REDUCTIONS[pick % 4](x, pick % x.ndim, { keepDims: pick % 3 === 0 })
  if (op === 7) return pick % 4 === 0 ? sum(x) : x.transpose()
  if (op === 8) return x.expandDims(pick % (x.ndim + 1))
  if (op === 9) return x.broadcastTo([2 + (pick % 2), ...x.shape])
  return op === 10 ? where(lt(x, z), y, z) : x.flatten()
}

/** Everything the moves make from the inputs; moves whose shapes do not fit are left out. */
function grow(moves: readonly Move[], inputs: readonly Tensor[]): Tensor[] {
  const values = [...inputs]
  const at = (i: number) => values[i % values.length]
  for (const move of moves) {
    try {
      const made = apply(move, at(move[1]), at(move[2]), at(move[3]))
      if (made.size <= 512 && made.ndim <= 4) values.push(made)
    } catch (error) {
      if (!isAdjointError(error) || error.code !== 'shape-mismatch') throw error
    }
  }
  return values
}

const index = fc.nat(1000)
const moves = fc.array(fc.tuple(fc.nat(11), index, index, index, index), { minLength: 1, maxLength: 14 })
const shapes = fc.constantFrom<Shape[]>(
  [[3, 4], [4], [3, 1]],
  [[3, 3], [3], []],
  [[2, 200], [200], [1]],
  [[1, 5], [5, 1], [5]],
  [[0, 3], [3], [1]],
  [[2, 3, 4], [3, 1], [4]],
)
const eighths = fc.integer({ min: -16, max: 16 }).map((n) => n / 8)

function close(got: ArrayLike<number>, want: ArrayLike<number>): boolean {
  return Array.from(want).every((w, i) => {
    const g = got[i]
    return g === w || (Number.isNaN(g) && Number.isNaN(w)) || Math.abs(g - w) <= 1e-9 * Math.max(1, Math.abs(w))
  })
}

const MODES = [
  ['generated', compileJavaScript],
  ['interpreted', interpretKernel],
] as const
const LIMITS = [
  ['wide', { buffers: 32, operations: 256 }],
  ['narrow', { buffers: 6, operations: 8 }],
] as const

for (const [mode, compile] of MODES) {
  for (const [name, limits] of LIMITS) {
    test(`${mode} code in ${name} kernels computes what the reference does`, () => {
      const values = shapes.chain((own) =>
        fc
          .tuple(...own.map((s) => fc.array(eighths, { minLength: sizeOf(s), maxLength: sizeOf(s) })))
          .map((data) => ({ own, data })),
      )
      const picks = fc.array(index, { minLength: 1, maxLength: 4 })
      fc.assert(
        fc.property(values, moves, picks, ({ own, data }, made, outs) => {
          const arrays = data.map((d) => toArray('float64', d))
          const avals = own.map((shape) => ({ shape, dtype: 'float64' as const }))
          const trace = (xs: Tensor[]) => {
            const all = grow(made, xs).filter((x) => x.dtype === 'float64')
            return outs.map((i) => all[i % all.length])
          }
          const { program } = traceProgram(trace, avals, reference)
          const tensors = arrays.map((d, i) => tensorFromArray(reference, d, own[i], 'float64'))
          const want = evaluateProgram(program, tensors).map((t) => t.dataSync())
          const { backend, live } = countingBackend(compile, limits)
          const inputs = arrays.map((d) => backend.write(d, 'float64'))
          const { executable, scalars } = compileProgram(program, backend)
          const got = executable.run(inputs, scalars)
          if (got instanceof Promise) throw new Error('a synchronous backend does not wait')
          got.forEach((storage, i) => {
            const alias = executable.aliases[i]
            expect(inputs.indexOf(storage)).toBe(alias ?? -1)
            expect(close(backend.read(storage, 'float64', want[i].length) as TypedArray, want[i])).toBe(true)
          })
          expect(live.size).toBe(new Set([...inputs, ...got]).size)
        }),
        { numRuns: 300 },
      )
    })
  }
}
