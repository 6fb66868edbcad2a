// Each simplifying pass alone, what fusion may join, and lifted literals.

import { expect, test } from 'vitest'
import { setBackend } from '../../src/backend/current.js'
import { reference } from '../../src/backend/reference.js'
import { bind } from '../../src/bind.js'
import { compileJavaScript, interpretKernel } from '../../src/codegen/index.js'
import { compileProgram, compileStats } from '../../src/compile/executable.js'
import { literalValues, paramsKey, programKey } from '../../src/compile/hash.js'
import { removeDeadCode } from '../../src/compile/passes/dead-code.js'
import { inlineCalls } from '../../src/compile/passes/inline.js'
import { simplify } from '../../src/compile/passes/simplify.js'
import { callPrimitive } from '../../src/control/call.js'
import { scan } from '../../src/control/loops.js'
import { add, mul, where } from '../../src/functions/elementwise.js'
import { logSoftmax, logSumExp, softmax, sum } from '../../src/functions/reductions.js'
import { evaluateProgram } from '../../src/program/evaluate.js'
import type { Program } from '../../src/program/program.js'
import { traceProgram } from '../../src/program/trace.js'
import type { Shape } from '../../src/shape.js'
import type { Tensor } from '../../src/tensor.js'
import { grad, valueAndGrad } from '../../src/transforms/grad.js'
import { f64 } from '../support.js'
import { countingBackend } from './support.js'

setBackend(reference)

type Fn = (...xs: Tensor[]) => Tensor | readonly Tensor[]

function trace(fn: Fn, ...shapes: Shape[]): Program {
  const avals = shapes.map((shape) => ({ shape, dtype: 'float64' as const }))
  return traceProgram((xs) => [fn(...xs)].flat() as Tensor[], avals, reference).program
}

const names = (program: Program): string[] => program.equations.map((e) => e.primitive.name)

/** Requires values within 1e-12. */
function close(got: Float64Array, want: Tensor): void {
  const values = want.dataSync()
  got.forEach((v, i) => {
    expect(Math.abs(v - values[i])).toBeLessThan(1e-12)
  })
}

/** The primitives left of a function after simplification. */
const left = (fn: Fn, ...shapes: Shape[]): string[] => names(simplify(trace(fn, ...shapes)))

test('dead code goes, at any distance from the outputs', () => {
  const program = trace(
    (x) => {
      x.sin().exp().sum()
      return x.cos()
    },
    [3],
  )
  expect(names(removeDeadCode(program))).toEqual(['cos'])
})

test('calls are inlined, also calls in calls, each with variables of its own', () => {
  const inner = trace((x) => x.sin(), [2])
  const outer = trace(
    (x) => bind(callPrimitive, bind(callPrimitive, [x], { name: 'a', program: inner }), { name: 'b', program: inner }),
    [2],
  )
  const flat = inlineCalls(outer)
  expect(names(flat)).toEqual(['sin', 'sin'])
  expect(flat.equations[1].inputs[0]).toBe(flat.equations[0].outputs[0])
  expect(evaluateProgram(flat, [f64([1, 2])])[0].dataSync()).toEqual(
    Float64Array.of(Math.sin(Math.sin(1)), Math.sin(Math.sin(2))),
  )
})

test('repeated work is done once, unless its parameters or numbers differ', () => {
  expect(left((x) => x.sin().add(x.sin()), [3])).toEqual(['sin', 'add'])
  expect(left((x) => sum(x, 0).add(sum(x, 1)), [3, 3])).toEqual(['reduceSum', 'reduceSum', 'add'])
  expect(left((x) => [x.mul(2), x.mul(2), x.mul(3)], [3])).toEqual(['mul', 'mul'])
  expect(left((x) => [x.div(0), x.div(-0)], [3])).toHaveLength(2)
})

test('loops that differ in a number alone stay two, even when it is the sign of zero', () => {
  const loop = (x: Tensor, by: number) =>
    scan((s: Tensor) => [s.mul(0.5).div(by), null] as const, x, null, { length: 2 }).carry
  expect(left((x) => [loop(x, 2), loop(x, 2)], [2])).toEqual(['scan'])
  expect(left((x) => [loop(x, 2), loop(x, 3)], [2])).toEqual(['scan', 'scan'])
  expect(left((x) => [loop(x, 0), loop(x, -0)], [2])).toEqual(['scan', 'scan'])
})

test('numbers are folded', () => {
  expect(left((x) => x.mul(add(2, 3)), [3])).toEqual(['mul'])
  expect(literalValues(simplify(trace((x) => x.mul(mul(add(1, 2), 4)), [3])))).toEqual([12])
})

test.each<[what: string, fn: (x: Tensor) => Tensor]>([
  ['x + 0', (x) => x.add(0)],
  ['0 + x', (x) => add(0, x)],
  ['x - 0', (x) => x.sub(0)],
  ['x * 1', (x) => x.mul(1)],
  ['x / 1', (x) => x.div(1)],
  ['- - x', (x) => x.neg().neg()],
  ['a choice between equals', (x) => where(x.gt(0), x, x)],
  ['a cast to its own dtype', (x) => x.cast('float64')],
  ['a reshape and back', (x) => x.reshape([6]).reshape([3, 2]).reshape([2, 3])],
  ['two transpositions', (x) => x.transpose().transpose()],
  ['a broadcast to its own shape', (x) => x.broadcastTo([2, 3])],
])('%s is x', (_, fn) => {
  const simple = simplify(trace(fn, [2, 3]))
  expect(simple.equations).toEqual([])
  expect(simple.outputs).toEqual(simple.inputs)
})

test.each<[what: string, fn: (x: Tensor) => Tensor]>([
  ['x * 0, which is NaN where x is not finite', (x) => x.mul(0)],
  ['x - x', (x) => x.sub(x)],
  ['x / x', (x) => x.div(x)],
  ['exp(log(x))', (x) => x.log().exp()],
  ['0 - x', (x) => f64(0).sub(x)],
])('%s stays', (_, fn) => {
  expect(simplify(trace(fn, [2, 3])).equations.length).toBeGreaterThan(0)
})

test('bodies of loops are simplified too', () => {
  const simple = simplify(
    trace((x) => scan((s: Tensor) => [s.add(0).mul(1).sin(), null] as const, x, null, { length: 3 }).carry, [2]),
  )
  expect(names((simple.equations[0].params as { body: Program }).body)).toEqual(['sin'])
})

test('simplification changes no value', () => {
  const fn = (x: Tensor, y: Tensor) => [
    x.add(0).mul(y.neg().neg()).reshape([6]).reshape([2, 3]).transpose(),
    x.sin().add(x.sin()).mul(add(1, 1)),
    x.mul(0),
  ]
  const program = trace(fn, [2, 3], [3])
  const inputs = [
    f64([
      [1, NaN, Infinity],
      [4, 2, -3],
    ]),
    f64([2, -1, 0.5]),
  ]
  evaluateProgram(simplify(program), inputs).forEach((y, i) => {
    expect(y.dataSync()).toEqual(evaluateProgram(program, inputs)[i].dataSync())
  })
})

test('keys tell parameters apart that print alike', () => {
  const values = [
    '1',
    1,
    '-0',
    -0,
    0,
    null,
    'null',
    undefined,
    ['a,b'],
    ['a', 'b'],
    { a: 1 },
    { 'a:1': 1 },
    ['"a"'],
    [],
    {},
    [[]],
    true,
    'true',
    NaN,
  ]
  expect(new Set(values.map((v) => paramsKey(v))).size).toBe(values.length)
  expect(paramsKey({ a: 1, b: 2 })).toBe(paramsKey({ b: 2, a: 1 }))
})

test('the structure of a Program does not depend on its numbers, but on everything else', () => {
  const key = (fn: Fn, ...shapes: Shape[]) => programKey(simplify(trace(fn, ...shapes)))
  const base = key((x, y) => x.mul(2).add(y), [2], [2])
  expect(key((x, y) => x.mul(7).add(y), [2], [2])).toBe(base)
  for (const other of [
    key((x, y) => x.mul(2).add(y), [3], [3]),
    key((x, y) => y.mul(2).add(x), [2], [2]),
    key((x, y) => x.mul(2).sub(y), [2], [2]),
    key((x, y) => [x.mul(2).add(y), x], [2], [2]),
  ]) {
    expect(other).not.toBe(base)
  }
})

const WIDE = { buffers: 32, operations: 256 }

function compiled(fn: Fn, limits: { buffers: number; operations: number }, ...shapes: Shape[]) {
  const { backend } = countingBackend(compileJavaScript, limits)
  const program = trace(fn, ...shapes)
  return { backend, program, ...compileProgram(program, backend) }
}

const kernels = (fn: Fn, ...shapes: Shape[]): readonly [kernels: number, operations: number] => {
  const { executable } = compiled(fn, WIDE, ...shapes)
  return [executable.kernels, executable.operations]
}

test('what people write fuses to as few kernels as there can be', () => {
  expect(kernels((x) => softmax(x), [8, 16])).toEqual([1, 0])
  expect(kernels((x) => logSoftmax(x), [8, 16])).toEqual([1, 0])
  expect(kernels((x) => logSumExp(x, -1), [8, 16])).toEqual([1, 0])
  expect(
    kernels((x) => x.sub(x.mean(-1, { keepDims: true })).div(x.std(-1, { keepDims: true }).add(1e-6)), [8, 16]),
  ).toEqual([1, 0])
  expect(kernels((x) => x.sin().mul(2).add(x.exp()).square().sum(), [8, 16])).toEqual([1, 0])
  expect(kernels((x, y) => x.sub(y).square().mean(), [8, 16], [16])).toEqual([1, 0])
  expect(kernels((x) => x, [4])).toEqual([0, 0])
})

test('the training step of a network is its products and a few kernels', () => {
  const loss = (w: Tensor, v: Tensor, x: Tensor, y: Tensor) =>
    logSoftmax(x.matmul(w).relu().matmul(v)).mul(y).sum().neg()
  const step = (w: Tensor, v: Tensor, x: Tensor, y: Tensor) => {
    const { value, grad: g } = valueAndGrad(loss, { argnums: [0, 1] })(w, v, x, y) as unknown as {
      value: Tensor
      grad: readonly Tensor[]
    }
    return [value, w.sub(g[0].mul(0.1)), v.sub(g[1].mul(0.1))]
  }
  const [fused, operations] = kernels(step, [4, 8], [8, 3], [16, 4], [16, 3])
  expect(fused).toBeLessThanOrEqual(7)
  // Two products forward, three backward, and at most as many copies in front of them.
  expect(operations).toBeLessThanOrEqual(10)
})

test('nothing exceeds the limits of a backend', () => {
  const wide = (...xs: Tensor[]) => xs.reduce((a, b) => a.mul(b).add(1))
  const shapes = Array.from({ length: 12 }, (): Shape => [4])
  for (const limits of [{ buffers: 4, operations: 256 }, { buffers: 32, operations: 3 }, WIDE]) {
    let [most, made] = [0, 0]
    const { backend } = countingBackend((kernel) => {
      most = Math.max(most, kernel.buffers.length)
      made++
      return compileJavaScript(kernel)
    }, limits)
    const program = trace(wide, ...shapes)
    const { executable, scalars } = compileProgram(program, backend)
    const inputs = shapes.map((_, i) => backend.write(Float64Array.of(1, 2, 3, i), 'float64'))
    const [out] = executable.run(inputs, scalars) as unknown[]
    const tensors = shapes.map((_, i) => f64([1, 2, 3, i]))
    expect(backend.read(out, 'float64', 4)).toEqual(evaluateProgram(program, tensors)[0].dataSync())
    expect(made).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(limits.buffers)
  }
})

test('arguments and results keep their order, used or not, twice or never', () => {
  const { backend, executable, scalars } = compiled(
    (a, b, _, d) => [d.sub(a), b, a.sub(d), b, d.sub(a)],
    WIDE,
    [2],
    [2],
    [2],
    [2],
  )
  const inputs = [1, 2, 3, 4].map((v) => backend.write(Float64Array.of(v, 10 * v), 'float64'))
  const outputs = executable.run(inputs, scalars) as unknown[]
  expect(outputs.map((s) => Array.from(backend.read(s, 'float64', 2) as Float64Array))).toEqual([
    [3, 30],
    [2, 20],
    [-3, -30],
    [2, 20],
    [3, 30],
  ])
  expect(executable.aliases).toEqual([undefined, 1, undefined, 1, undefined])
  expect(new Set(outputs).size).toBe(4)
})

test('numbers are handed in at each run, also those of loops in loops and of results', () => {
  const { backend } = countingBackend(compileJavaScript, WIDE)
  const fn = (k: number) => (x: Tensor) => {
    const inner = (s: Tensor) =>
      scan((t: Tensor) => [t.mul(k + 0.25).sin(), null] as const, s, null, { length: 2 }).carry
    return [
      scan((s: Tensor) => [inner(s).add(k), s.mul(k - 0.5)] as const, x.mul(k + 1), null, { length: 3 }).carry,
      f64(k),
    ]
  }
  const compiles: number[] = []
  for (const k of [2.5, 3.5, -4.5]) {
    const program = trace(fn(k), [2])
    const before = compileStats.compiles
    const { executable, scalars } = compileProgram(program, backend)
    compiles.push(compileStats.compiles - before)
    // The captured scalar is an input of the Program, as x is.
    const inputs = program.inputs.map(({ shape }) => (shape.length === 0 ? f64(k) : f64([0.5, -1])))
    const outputs = executable.run(
      inputs.map((x) => backend.write(x.dataSync(), 'float64')),
      scalars,
    ) as unknown[]
    const want = evaluateProgram(program, inputs)
    outputs.forEach((s, i) => {
      close(backend.read(s, 'float64', want[i].size) as Float64Array, want[i])
    })
  }
  expect(compiles).toEqual([3, 0, 0])
})

test('derivatives compile to the same values, generated and interpreted', () => {
  const f = (x: Tensor, y: Tensor) =>
    logSumExp(
      x
        .mul(y)
        .sin()
        .sub(x.max(-1, { keepDims: true })),
      -1,
    ).sum()
  const program = trace((x, y) => grad(f, { argnums: [0, 1] })(x, y) as unknown as Tensor[], [3, 4], [4])
  const data = [Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)), Float64Array.of(1, -2, 0.5, 3)]
  const want = evaluateProgram(program, [f64(Array.from(data[0]), [3, 4]), f64(Array.from(data[1]))])
  for (const compile of [compileJavaScript, interpretKernel]) {
    const { backend } = countingBackend(compile, { buffers: 8, operations: 40 })
    const { executable, scalars } = compileProgram(program, backend)
    const outputs = executable.run(
      data.map((d) => backend.write(d, 'float64')),
      scalars,
    ) as unknown[]
    outputs.forEach((s, i) => {
      close(backend.read(s, 'float64', want[i].size) as Float64Array, want[i])
    })
  }
})
