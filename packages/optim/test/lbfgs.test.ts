import {
  applyUpdates,
  grad,
  isAdjointError,
  jit,
  log,
  oneHot,
  softmax,
  type Tensor,
  tensor,
  valueAndGrad,
} from '@adjoint/core'
import { wine } from '@adjoint/datasets'
import { expect, test } from 'vitest'
import { lbfgs, minimize } from '../src/index.js'
import { problems, scipy, sumOfSquares } from './problems.js'
import { f64, list } from './support.js'

const rosenbrock = sumOfSquares(problems.rosenbrock)

/** Softmax regression with a penalty on standardised features. */
async function softmaxRegression() {
  const { features, labels } = await wine({ dtype: 'float64' })
  const mean = features.mean(0)
  const x = features.sub(mean).div(features.sub(mean).square().mean(0).sqrt())
  const hot = oneHot(labels, 3, 'float64')
  const loss = ({ w, b }: { w: Tensor; b: Tensor }) =>
    hot
      .mul(log(softmax(x.matmul(w).add(b))))
      .sum()
      .div(-x.shape[0])
      .add(w.square().sum().mul(0.01))
  return { loss, start: { w: f64(Array.from({ length: 13 }, () => [0, 0, 0]) as never), b: f64([0, 0, 0]) } }
}

test('softmax regression on wine, as SciPy: by the solver and by the optimizer', async () => {
  const { loss, start } = await softmaxRegression()
  const found = jit((p: typeof start) => minimize(loss, p, { tolerance: 1e-5 }))(start)
  expect(found.status.item()).toBe(0)
  expect(found.value.item()).toBeCloseTo(scipy.wine.value, 8)
  expect(found.iterations.item()).toBeLessThanOrEqual(1.5 * scipy.wine.iterations)
  const seen: number[] = []
  const fit = await minimize(loss, start, {
    optimizer: lbfgs(),
    steps: 60,
    every: 5,
    tolerance: 1e-5,
    onProgress: ({ value }) => seen.push(value),
  })
  expect(fit.status).toBe('converged')
  expect(fit.value).toBeCloseTo(scipy.wine.value, 8)
  expect(fit.iterations).toBeLessThanOrEqual(1.5 * scipy.wine.iterations)
  expect(seen).toEqual([...seen].sort((a, b) => b - a))
})

test('an update goes the way of the solver', () => {
  const optimizer = lbfgs({ memory: 10 })
  const step = jit((params: Tensor, state: ReturnType<typeof optimizer.init>) => {
    const { value, grad } = valueAndGrad(rosenbrock)(params)
    const context = { params, value, valueAndGrad: (p: unknown) => valueAndGrad(rosenbrock)(p as Tensor) }
    const { updates, state: next } = optimizer.update(grad, state, context)
    return { params: applyUpdates(params, updates), state: next }
  })
  let at = { params: f64([-1.2, 1]), state: optimizer.init(f64([-1.2, 1])) }
  for (let i = 0; i < 12; i++) at = step(at.params, at.state)
  const solver = minimize(rosenbrock, f64([-1.2, 1]), { maxSteps: 12 })
  for (const [i, x] of list(solver.x).entries()) expect(list(at.params)[i]).toBeCloseTo(x, 10)
})

test('where nothing lower can be found, nothing changes', () => {
  const optimizer = lbfgs()
  const params = tensor([1, 1])
  const uphill = (x: unknown) => valueAndGrad((p: Tensor) => p.sum().neg())(x as Tensor)
  const context = { params, value: tensor(-2), valueAndGrad: uphill }
  const { updates } = optimizer.update(grad((p: Tensor) => p.sum())(params), optimizer.init(params), context as never)
  expect(list(updates)).toEqual([0, 0])
})

test('what it needs is named', () => {
  expect(() => lbfgs({ memory: 0 })).toThrow('memory 0')
  const optimizer = lbfgs()
  const x = tensor([1])
  try {
    optimizer.update(x, optimizer.init(x), { params: x })
    expect.unreachable()
  } catch (error) {
    expect(isAdjointError(error) && error.code).toBe('missing-argument')
  }
})
