import { createFakeAsync } from '@adjoint/conformance'
import { add, grad, matmul, mul, type Tensor, tensor, vmap, withBackend } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { expect, test } from 'vitest'
import {
  conjugateGradient,
  eigsh,
  gmres,
  hutchinsonTrace,
  jacobi,
  lsqr,
  minres,
  powerIteration,
  stochasticLogDet,
} from '../src/iterative/index.js'
import { diagonalOperator } from '../src/operators/index.js'
import './iterative-support.js'

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data())

/** The same on a device that cannot be read synchronously. */
const onDevice = <T>(run: () => T): T => withBackend(createFakeAsync(), run)

test('solvers on an asynchronous device', async () => {
  const result = onDevice(() => {
    const a = tensor([
      [4, 1, 0],
      [1, 3, 1],
      [0, 1, 5],
    ])
    const b = tensor([5, 5, 6])
    const solutions = [conjugateGradient(a, b, { preconditioner: jacobi(a) }), minres(a, b), gmres(a, b), lsqr(a, b)]
    const slope = grad((d: Tensor) => conjugateGradient((x: Tensor) => add(matmul(a, x), mul(d, x)), b).x.sum())(b)
    const lanes = vmap((scale: Tensor) => gmres(a, mul(b, scale)).x)(tensor([1, 2]))
    return { solutions, slope, lanes }
  })
  for (const { x, status } of result.solutions) {
    for (const value of await numbers(x)) expect(value).toBeCloseTo(1, 4)
    expect(await numbers(status)).toEqual([0])
  }
  expect((await numbers(result.slope)).every((v) => v < 0)).toBe(true)
  expect((await numbers(result.lanes))[5]).toBeCloseTo(2, 3)
})

test('eigenvalues and estimators on an asynchronous device', async () => {
  const { largest, ends, trace, logDet } = onDevice(() => {
    const a = diagonalOperator(tensor([1, 2, 4]))
    const key = random.key(0)
    return {
      largest: powerIteration(a).value,
      ends: eigsh(a, 2).values,
      trace: hutchinsonTrace(a, { key, samples: 4 }).value,
      logDet: stochasticLogDet(a, { key, samples: 4 }).value,
    }
  })
  expect((await numbers(largest))[0]).toBeCloseTo(4, 4)
  expect((await numbers(ends)).map((v) => Math.round(v))).toEqual([2, 4])
  expect((await numbers(trace))[0]).toBeCloseTo(7, 4)
  expect((await numbers(logDet))[0]).toBeCloseTo(Math.log(8), 3)
})
