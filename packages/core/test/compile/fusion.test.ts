// How many kernels well-known functions compile to.

import { expect, test } from 'vitest'
import { setBackend } from '../../src/backend/current.js'
import { reference } from '../../src/backend/reference.js'
import { compileJavaScript } from '../../src/codegen/index.js'
import { compileProgram } from '../../src/compile/executable.js'
import { max, mean, sum } from '../../src/functions/reductions.js'
import { traceProgram } from '../../src/program/trace.js'
import type { Shape } from '../../src/shape.js'
import type { Tensor } from '../../src/tensor.js'
import { countingBackend } from './support.js'

setBackend(reference)

function plan(fn: (...xs: Tensor[]) => Tensor, ...shapes: Shape[]): { kernels: number; operations: number } {
  const { backend } = countingBackend(compileJavaScript, { buffers: 32, operations: 256 })
  const avals = shapes.map((shape) => ({ shape, dtype: 'float32' as const }))
  const { program } = traceProgram((xs) => [fn(...xs)], avals, reference)
  const { kernels, operations } = compileProgram(program, backend).executable
  return { kernels, operations }
}

const keepDims = { keepDims: true }

test('softmax is one kernel', () => {
  const softmax = (x: Tensor) => {
    const e = x.sub(max(x, -1, keepDims)).exp()
    return e.div(sum(e, -1, keepDims))
  }
  expect(plan(softmax, [8, 16])).toEqual({ kernels: 1, operations: 0 })
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
