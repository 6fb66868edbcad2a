import { grad, jit, type Tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { expect, test } from 'vitest'
import { emd, OT_STATUS, smoothTransport } from '../src/index.js'
import { distance, f64, list } from './support.js'

const cost = random.uniform(random.key(0), [7, 6], { dtype: 'float64' })
const weights = (seed: number, size: number): Tensor => {
  const w = random.uniform(random.key(seed), [size], { dtype: 'float64' }).add(0.2)
  return w.div(w.sum())
}
const [a, b] = [weights(1, 7), weights(2, 6)]

test('the optimality conditions of the quadratic problem', () => {
  const { plan, potentials, status, dualGap, marginalError, regularizedCost, linearCost } = smoothTransport(cost, {
    a,
    b,
    gamma: 2,
    gammaScale: 'absolute',
  })
  expect(status.item()).toBe(0)
  expect(marginalError.item()).toBeLessThan(1e-7)
  expect(Math.abs(dualGap.item())).toBeLessThan(1e-7)
  const p = plan.toDense()
  const strength = 2 * 7 * 6
  const slack = potentials.f.reshape([7, 1]).add(potentials.g).sub(cost)
  expect(distance(p.mul(strength), slack.relu())).toBeLessThan(1e-9)
  expect(regularizedCost.item()).toBeCloseTo(linearCost.item() + (strength / 2) * p.square().sum().item(), 7)
})

test('a weak regulariser gives the exact plan, any of them more cost and fewer entries than entropy', () => {
  const exact = emd(cost, { a, b })
  const weak = smoothTransport(cost, { a, b, gamma: 1e-3 })
  expect(weak.linearCost.item()).toBeCloseTo(exact.linearCost.item(), 6)
  const strong = smoothTransport(cost, { a, b, gamma: 1 })
  expect(strong.linearCost.item()).toBeGreaterThan(exact.linearCost.item())
  expect(list(strong.plan.toDense()).filter((v) => v === 0).length).toBeGreaterThan(0)
})

test('the gradient with respect to costs is the plan; jit', () => {
  const value = (c: Tensor) => smoothTransport(c, { a, b, gamma: 0.5, gammaScale: 'absolute' }).regularizedCost
  const { plan } = smoothTransport(cost, { a, b, gamma: 0.5, gammaScale: 'absolute' })
  expect(distance(grad(value)(cost), plan.toDense())).toBeLessThan(1e-12)
  expect(jit(value)(cost).item()).toBeCloseTo(value(cost).item(), 12)
})

test('what is wrong is said', () => {
  expect(() => smoothTransport(cost, { gamma: 0 })).toThrow(/above 0/)
  expect(OT_STATUS[smoothTransport(cost, { a: a.neg() }).status.item()]).toMatch(/^weights/)
  expect(OT_STATUS[smoothTransport(cost, { maxIterations: 1 }).status.item()]).toMatch(/maxIterations/)
  expect(OT_STATUS[smoothTransport(f64([[Number.NaN, 1]])).status.item()]).toMatch(/^not finite/)
})
