import { createFakeAsync } from '@adjoint/conformance'
import { grad, jit, type Tensor, tensor, withBackend } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import { OT_STATUS, sinkhorn, sinkhornDivergence, solve, solveSample } from '../src/index.js'
import { distance, f64 } from './support.js'

const normal = (seed: number, shape: number[]): Tensor => random.normal(random.key(seed), shape, { dtype: 'float64' })
const [x, y] = [normal(0, [8, 2]), normal(1, [6, 2])]
const small = f64([
  [0, 1],
  [1, 0],
])

describe('solve', () => {
  test('is exact without epsilon, entropic with it', () => {
    expect(solveSample(x, y).plan.kind).toBe('sparse')
    const soft = solveSample(x, y, { epsilon: 0.1 })
    expect(soft.plan.kind).toBe('operator')
    expect(solveSample(x, y, { unbalanced: 1 }).plan.kind).toBe('operator')
    expect(soft.linearCost.item()).toBeGreaterThan(solveSample(x, y).linearCost.item())
  })
  test('a small epsilon comes near the exact plan', () => {
    const [exact, near] = [solveSample(x, y), solveSample(x, y, { epsilon: 1e-4, method: 'sinkhorn' })]
    expect(near.linearCost.item()).toBeCloseTo(exact.linearCost.item(), 6)
    expect(distance(near.plan.toDense(), exact.plan.toDense())).toBeLessThan(1e-5)
  })
  test('where the entropic solver gives up, the exact one takes over under auto only', () => {
    const hard = { epsilon: 1e-4, maxIterations: 3 }
    expect(solveSample(x, y, hard).plan.kind).toBe('sparse')
    const kept = solveSample(x, y, { ...hard, method: 'sinkhorn' })
    expect(OT_STATUS[kept.status.item()]).toMatch(/maxIterations/)
  })
  test('gradients and jit', () => {
    const ours = jit(grad((u: Tensor) => solveSample(u, y, { epsilon: 0.1 }).regularizedCost))(x)
    expect(distance(ours, grad((u: Tensor) => solveSample(u, y, { epsilon: 0.1 }).regularizedCost)(x))).toBeLessThan(
      1e-10,
    )
  })
  test('what makes no problem is said at once, and where', async () => {
    const blocked = f64([
      [Infinity, Infinity],
      [1, 0],
      [Infinity, Infinity],
    ])
    for (const epsilon of [undefined, 0.1]) {
      expect(() => solve(blocked, { epsilon })).toThrow(/only infinite costs from rows 0, 2/)
      expect(() => solve(small, { epsilon, a: f64([1, -1]) })).toThrow(/weights/)
      expect(() => solve(small, { epsilon, a: f64([1, 1]) })).toThrow(/Divide each by its sum/)
      expect(() =>
        solve(
          f64([
            [Number.NaN, 1],
            [1, 0],
          ]),
          { epsilon },
        ),
      ).toThrow(/NaN/)
    }
    expect(() => solve(small, { method: 'exact', unbalanced: 1 })).toThrow(/'sinkhorn'/)
    const late = withBackend(createFakeAsync(), () =>
      solve(
        tensor([
          [0, 1],
          [1, 0],
        ]),
        { a: tensor([1, 1]), epsilon: 1 },
      ),
    )
    expect(OT_STATUS[(await late.status.data())[0]]).toMatch(/differ in sum/)
  })
})

describe('sinkhornDivergence', () => {
  test('is the debiased cost, 0 for equal measures, and symmetric', () => {
    const options = { epsilon: 0.5, epsilonScale: 'absolute', tolerance: 1e-10 } as const
    const { value, converged } = sinkhornDivergence(x, y, options)
    const [xy, xx, yy] = [
      [x, y],
      [x, x],
      [y, y],
    ].map(([u, v]) => sinkhorn(u.reshape([u.shape[0], 1, 2]).sub(v).square().sum(-1), options).regularizedCost.item())
    expect(value.item()).toBeCloseTo(xy - xx / 2 - yy / 2, 8)
    expect(converged.item()).toBe(1)
    expect(sinkhornDivergence(x, x, options).value.item()).toBeCloseTo(0, 9)
    expect(sinkhornDivergence(y, x, options).value.item()).toBeCloseTo(value.item(), 8)
  })
  test('translations cost their square at any epsilon, and the slope of equal measures is 0', () => {
    const shift = f64([1, -2])
    const { value } = sinkhornDivergence(x, x.add(shift), { tolerance: 1e-10 })
    expect(value.item()).toBeCloseTo(5, 7)
    const slope = grad((u: Tensor) => sinkhornDivergence(u, x, { epsilon: 1, tolerance: 1e-12 }).value)(x)
    expect(slope.abs().max().item()).toBeLessThan(1e-9)
  })
  test('unbalanced: not negative, and 0 for equal measures', () => {
    const a = normal(3, [8]).abs()
    const options = { unbalanced: 1, tolerance: 1e-10 }
    expect(sinkhornDivergence(x, x, { ...options, a, b: a }).value.item()).toBeCloseTo(0, 9)
    expect(sinkhornDivergence(x, x, { ...options, a, b: a.mul(2) }).value.item()).toBeGreaterThan(0.01)
  })
})
