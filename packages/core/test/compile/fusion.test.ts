// How many kernels well-known functions compile to.

import { expect, test } from 'vitest'
import { setBackend } from '../../src/backend/current.js'
import { reference } from '../../src/backend/reference.js'
import { bind } from '../../src/bind.js'
import { compileJavaScript, int, interpretKernel, type Scalar, type ScalarKernel } from '../../src/codegen/index.js'
import { compileProgram } from '../../src/compile/executable.js'
import { tensor } from '../../src/functions/create.js'
import { max, mean, sum } from '../../src/functions/reductions.js'
import { definePrimitive, type Primitive } from '../../src/primitive.js'
import { type FlatFunction, traceProgram } from '../../src/program/trace.js'
import type { Shape } from '../../src/shape.js'
import type { Tensor } from '../../src/tensor.js'
import { jit } from '../../src/transforms/jit.js'
import { countingBackend } from './support.js'

setBackend(reference)

function plan(fn: (...xs: Tensor[]) => Tensor, ...shapes: Shape[]): { kernels: number; operations: number } {
  return planned((xs) => [fn(...xs)], shapes, 32)
}

function planned(fn: FlatFunction, shapes: readonly Shape[], buffers: number) {
  const { backend } = countingBackend(compileJavaScript, { buffers, operations: 256 })
  const avals = shapes.map((shape) => ({ shape, dtype: 'float32' as const }))
  const { program } = traceProgram(fn, avals, reference)
  const { kernels, operations } = compileProgram(program, backend).executable
  return { kernels, operations }
}

/** The buffers that the kernels of a function are handed. */
function buffersOf(fn: (x: Tensor) => Tensor, shape: Shape): number[] {
  const seen: number[] = []
  const { backend } = countingBackend(
    (kernel) => {
      seen.push(kernel.buffers.length)
      return compileJavaScript(kernel)
    },
    { buffers: 32, operations: 256 },
  )
  const { program } = traceProgram(([x]) => [fn(x)], [{ shape, dtype: 'float32' }], reference)
  compileProgram(program, backend)
  return seen
}

const keepDims = { keepDims: true }

const softmax = (x: Tensor) => {
  const e = x.sub(max(x, -1, keepDims)).exp()
  return e.div(sum(e, -1, keepDims))
}

test('softmax is one kernel', () => {
  expect(plan(softmax, [8, 16])).toEqual({ kernels: 1, operations: 0 })
})

test('what a sweep leaves for the next lies in the output, where nobody else needs it', () => {
  expect(buffersOf(softmax, [8, 16])).toEqual([2])
  const turned = (x: Tensor) => softmax(x).transpose()
  expect(buffersOf(turned, [8, 16])).toEqual([3])
})

test('logSumExp is one kernel', () => {
  const logSumExp = (x: Tensor) => {
    const top = max(x, -1, keepDims)
    return sum(x.sub(top).exp(), -1)
      .log()
      .add(top.reshape([8]))
  }
  expect(plan(logSumExp, [8, 16])).toEqual({ kernels: 1, operations: 0 })
})

test('layer norm is one kernel', () => {
  const layerNorm = (x: Tensor, gain: Tensor, bias: Tensor) => {
    const centred = x.sub(mean(x, -1, keepDims))
    const spread = mean(centred.square(), -1, keepDims).add(1e-5).sqrt()
    return centred.div(spread).mul(gain).add(bias)
  }
  expect(plan(layerNorm, [8, 16], [16], [16])).toEqual({ kernels: 1, operations: 0 })
})

test('the loss of a two-layer network is two products and two kernels', () => {
  const loss = (x: Tensor, w: Tensor, b: Tensor, v: Tensor, y: Tensor) =>
    mean(x.matmul(w).add(b).tanh().matmul(v).sub(y).square())
  expect(plan(loss, [8, 4], [4, 5], [5], [5, 2], [8, 2])).toEqual({ kernels: 2, operations: 2 })
})

test('a group of too many buffers is cut in two, not taken apart', () => {
  const every = ([x]: Tensor[]) => {
    const steps = [x.exp()]
    while (steps.length < 12) steps.push(steps[steps.length - 1].mul(x).sin())
    return steps
  }
  expect(planned(every, [[8]], 8)).toEqual({ kernels: 3, operations: 0 })
  expect(planned(every, [[8]], 32)).toEqual({ kernels: 1, operations: 0 })
})

test('the code of an expression that shares its parts grows with the parts', () => {
  const sixtyTimesDoubled: Primitive = definePrimitive('doubled', {
    shape: ([x]) => [x],
    reference: ([x]) => [x.data.map((v) => v * 2 ** 60)],
    scalar: ([x]) => {
      let e: Scalar = { op: 'neg', args: [x], dtype: x.dtype }
      for (let i = 0; i < 60; i++) e = { op: 'add', args: [e, e], dtype: x.dtype }
      return { op: 'neg', args: [e], dtype: x.dtype }
    },
  })
  const { backend } = countingBackend(compileJavaScript, { buffers: 8, operations: 64 })
  const f = jit((x: Tensor) => bind(sixtyTimesDoubled, [x])[0].add(1))
  expect(f(tensor([0.5, 2], { backend })).arraySync()).toEqual([2 ** 59, 2 ** 61])
})

test('float32 parameters of a kernel are rounded, compiled and interpreted', () => {
  const kernel: ScalarKernel = {
    name: 'parameter',
    buffers: [{ dtype: 'float64', size: 1, access: 'write' }],
    parameters: ['float32'],
    grid: [],
    workgroup: 1,
    body: [{ kind: 'store', buffer: 0, index: int(0), value: { op: 'parameter', index: 0, dtype: 'float32' } }],
  }
  for (const make of [compileJavaScript, interpretKernel]) {
    const out = new Float64Array(1)
    make(kernel)([], [out], [0.1])
    expect(out[0]).toBe(Math.fround(0.1))
  }
})
