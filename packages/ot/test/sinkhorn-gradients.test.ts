import { checkGrads } from '@adjoint/conformance'
import { grad, hessian, jit, type Tensor, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import { cost, pointCloud, type SinkhornOptions, sinkhorn } from '../src/index.js'
import { distance, f64 } from './support.js'

const normal = (seed: number, shape: number[]): Tensor => random.normal(random.key(seed), shape, { dtype: 'float64' })
const [x, y] = [normal(0, [5, 2]), normal(1, [4, 2])]
const weights = normal(2, [5]).abs().add(0.1)
const options: SinkhornOptions = { epsilon: 1, epsilonScale: 'absolute', tolerance: 1e-13 }
const differences = { rtol: 1e-5, atol: 1e-6 }

/** Central differences, entry by entry. */
function slope(f: (z: Tensor) => Tensor, at: Tensor): Tensor {
  const [run, values, h] = [jit(f), Array.from(at.dataSync()), 1e-4]
  const moved = (i: number, by: number) =>
    run(f64(values.map((v, k) => (k === i ? v + by : v))).reshape(at.shape)).item()
  return f64(values.map((_, i) => (moved(i, h) - moved(i, -h)) / (2 * h))).reshape(at.shape)
}

/** What derivatives may be wanted of, as functions of points, weights and epsilon. */
const values = {
  regularizedCost: (o: SinkhornOptions) => (z: Tensor) => sinkhorn(pointCloud(z, y), o).regularizedCost,
  linearCost: (o: SinkhornOptions) => (z: Tensor) => sinkhorn(pointCloud(z, y).costMatrix(), o).linearCost,
  potentials: (o: SinkhornOptions) => (z: Tensor) => sinkhorn(pointCloud(z, y), o).potentials.f.mul(weights).sum(),
  plan: (o: SinkhornOptions) => (z: Tensor) => sinkhorn(pointCloud(z, y).costMatrix(), o).plan.toDense().square().sum(),
}

describe.each([
  ['balanced', {}],
  ['unbalanced', { unbalanced: 2 }],
])('%s', (_, more) => {
  test.each(Object.keys(values) as (keyof typeof values)[])('%s: implicit = unrolled = differences', (name) => {
    const implicit = values[name]({ ...options, ...more })
    const unrolled = values[name]({ ...options, ...more, gradient: 'unroll', maxIterations: 120 })
    const ours = grad(implicit)(x)
    expect(distance(ours, slope(implicit, x))).toBeLessThan(1e-6)
    expect(distance(ours, grad(unrolled)(x))).toBeLessThan(1e-8)
  })
  test('the envelope gives the gradient of regularizedCost, and only that', () => {
    const envelope = { ...options, ...more, gradient: 'envelope' } as const
    const full = grad(values.regularizedCost({ ...options, ...more }))(x)
    expect(distance(grad(values.regularizedCost(envelope))(x), full)).toBeLessThan(1e-9)
    expect(grad(values.linearCost(envelope))(x).abs().max().item()).toBe(0)
  })
})

test('weights and epsilon', () => {
  const byWeights = (w: Tensor) => sinkhorn(pointCloud(x, y), { ...options, a: w.div(w.sum()) }).linearCost
  expect(distance(grad(byWeights)(weights), slope(byWeights, weights))).toBeLessThan(1e-6)
  const byEpsilon = (epsilon: Tensor) => sinkhorn(pointCloud(x, y), { ...options, epsilon }).linearCost
  expect(distance(grad(byEpsilon)(f64(0.7)), slope(byEpsilon, f64(0.7)))).toBeLessThan(1e-6)
})

test('the gradient with respect to costs is the plan, to weights the potential', () => {
  const matrix = pointCloud(x, y).costMatrix()
  const a = weights.div(weights.sum())
  const { plan, potentials } = sinkhorn(matrix, { ...options, a })
  const byCost = grad((c: Tensor) => sinkhorn(c, { ...options, a }).regularizedCost)(matrix)
  expect(distance(byCost, plan.toDense())).toBeLessThan(1e-10)
  const byWeight = grad((w: Tensor) => sinkhorn(matrix, { ...options, a: w }).regularizedCost)(a)
  expect(distance(byWeight, potentials.f)).toBeLessThan(1e-10)
})

test('second derivatives, through the potentials', () => {
  const f = values.regularizedCost(options)
  const second = hessian((z: Tensor) => f(z.reshape([5, 2])))(x.reshape([10]))
  const first = (i: number) => (z: Tensor) => grad(f)(z).reshape([10]).slice(i)
  for (const i of [0, 7]) {
    expect(distance(second.slice(i), slope(first(i), x).reshape([10]))).toBeLessThan(1e-6)
  }
  expect(distance(second, second.transpose())).toBeLessThan(1e-10)
})

test('points and columns without mass', () => {
  const b = f64([0.5, 0, 0.5, 0])
  const f = (z: Tensor) =>
    sinkhorn(pointCloud(z, y), { ...options, b })
      .potentials.g.square()
      .sum()
  expect(distance(grad(f)(x), slope(f, x))).toBeLessThan(1e-6)
})

test('lanes of gradients', () => {
  const xs = normal(3, [2, 5, 2])
  const f = grad(values.linearCost({ epsilon: 0.1 }))
  const lanes = vmap(f)(xs)
  for (let i = 0; i < 2; i++) expect(distance(lanes.slice(i), f(xs.slice(i)))).toBeLessThan(1e-8)
})

test('a cost of your own gets gradients of its parameters, to the second order', async () => {
  const stretched = (u: Tensor, v: Tensor, [w]: readonly Tensor[]) => u.sub(v).square().mul(w).sum()
  const f = (w: Tensor) => sinkhorn(pointCloud(x, y, cost(stretched, [w])), options).regularizedCost
  await checkGrads(f, [f64([1, 0.5])], { order: 2, ...differences })
})
