import { jit, type Tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { expect, test } from 'vitest'
import { emd, mirrorSinkhorn, OT_STATUS, smoothTransport } from '../src/index.js'
import { f64 } from './support.js'

const cost = random.uniform(random.key(0), [6, 5], { dtype: 'float64' })
const [a, b] = [6, 5].map((size, k) => {
  const w = random.uniform(random.key(k + 1), [size], { dtype: 'float64' }).add(0.2)
  return w.div(w.sum())
})
const linear = (plan: Tensor): Tensor => plan.mul(cost).sum()

test('a linear objective comes nearer to exact transport with more steps', () => {
  const exact = emd(cost, { a, b }).linearCost.item()
  const gaps = [100, 1000, 10000].map((steps) => {
    const run = jit(() => {
      const { plan, value } = mirrorSinkhorn(linear, a, b, { steps })
      return { value, rows: plan.toDense().sum(1).sub(a).abs().max() }
    })
    const { value, rows } = run()
    expect(rows.item()).toBeLessThan(1e-12)
    return value.item() - exact
  })
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(-1e-12)
  expect(gaps[1]).toBeLessThan(gaps[0])
  expect(gaps[2]).toBeLessThan(gaps[1])
  expect(gaps[2]).toBeLessThan(0.02)
})

test('a quadratic objective comes near the regularised optimum', () => {
  const gamma = 10
  const objective = (plan: Tensor): Tensor =>
    linear(plan).add(
      plan
        .square()
        .sum()
        .mul(gamma / 2),
    )
  const best = smoothTransport(cost, { a, b, gamma: gamma / 30, gammaScale: 'absolute' }).regularizedCost.item()
  const value = jit(() => mirrorSinkhorn(objective, a, b, { steps: 3000 }).value)().item()
  expect(value - best).toBeGreaterThan(-1e-9)
  expect(value - best).toBeLessThan(0.02)
})

test('points without mass', () => {
  const holes = f64([0, 0.5, 0, 0.25, 0.25, 0])
  const { plan, value } = mirrorSinkhorn(linear, holes, b, { steps: 500 })
  expect(plan.toDense().sum(1).sub(holes).abs().max().item()).toBeLessThan(1e-12)
  expect(value.item()).toBeCloseTo(emd(cost, { a: holes, b }).linearCost.item(), 1)
})

test('what is wrong is said', () => {
  const { status } = mirrorSinkhorn(linear, a, b.mul(2), { steps: 1 })
  expect(OT_STATUS[status.item()]).toMatch(/differ in sum/)
  expect(() => mirrorSinkhorn(linear, a, f64([[1]]))).toThrow(/vector/)
  expect(() => mirrorSinkhorn(linear, a, b, { steps: 0 })).toThrow(/from 1/)
})
