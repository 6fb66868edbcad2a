import { grad, jit, type Tensor, tensor } from '@adjoint/core'
import { key, normal } from '@adjoint/core/random'
import { expect, test } from 'vitest'
import { classTransport } from '../../src/adaptation/class-transport.js'
import { sinkhorn } from '../../src/entropic/sinkhorn.js'
import { pointCloud } from '../../src/geometry/point-cloud.js'
import { distance, f64 } from '../support.js'

const labels = tensor([0, 0, 0, 1, 1, 1], { dtype: 'int32' })
const noise = (seed: number, n: number) => normal(key(seed), [n, 2], { dtype: 'float64' })
const x = noise(1, 6)
  .mul(0.5)
  .add(
    f64([
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 0],
      [1, 0],
      [1, 0],
    ]),
  )
const y = noise(2, 6)
  .mul(0.5)
  .add(
    f64([
      [0, 1],
      [0, 1],
      [0, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]),
  )

/** How mixed the classes are in the targets: 1 where each target has one class, 2 where it has both in equal parts. */
function mixing(plan: Tensor): number {
  const classes = plan.reshape([2, 3, 6]).sum(1)
  const part = classes.div(classes.sum(0))
  return part.sqrt().sum(0).square().mean().item()
}

test('targets take from fewer classes than without the penalty, and marginals are met', () => {
  const plain = sinkhorn(pointCloud(x, y), { epsilon: 0.1 })
  const { plan, marginalError, status } = classTransport(pointCloud(x, y), labels, 2, { epsilon: 0.1, strength: 1 })
  expect(status.item()).toBe(0)
  expect(marginalError.item()).toBeLessThan(1e-5)
  expect(mixing(plan.toDense())).toBeLessThan(1 + 0.5 * (mixing(plain.plan.toDense()) - 1))
})

test('each round lowers the objective', () => {
  const geometry = pointCloud(x, y)
  const cost = geometry.costMatrix()
  const unit = cost.mean()
  const objective = (plan: Tensor) => {
    const parts = plan.reshape([2, 3, 6]).sum(1).mul(6)
    const entropy = plan.mul(plan.mul(36).log()).sum().mul(0.1)
    return plan.mul(cost).sum().div(unit).add(entropy).add(parts.add(1e-3).sqrt().sum().div(6)).item()
  }
  const options = { epsilon: 0.1, strength: 1, tolerance: 1e-10 }
  const values = [1, 2, 3, 6].map((rounds) =>
    objective(classTransport(geometry, labels, 2, { ...options, rounds }).plan.toDense()),
  )
  for (let k = 1; k < values.length; k++) expect(values[k]).toBeLessThan(values[k - 1] + 1e-9)
})

test('without strength, or without labels, it is Sinkhorn', () => {
  const plain = sinkhorn(pointCloud(x, y), { tolerance: 1e-10 }).plan.toDense()
  const none = tensor([-1, -1, -1, -1, -1, -1], { dtype: 'int32' })
  const options = { tolerance: 1e-10, rounds: 2 }
  const weak = classTransport(pointCloud(x, y), labels, 2, { ...options, strength: 0 })
  const unlabelled = classTransport(pointCloud(x, y), none, 2, { ...options, strength: 3 })
  expect(distance(weak.plan.toDense(), plain)).toBeLessThan(1e-8)
  expect(distance(unlabelled.plan.toDense(), plain)).toBeLessThan(1e-8)
})

test('derivatives go through the rounds, also under jit', () => {
  const value = (from: Tensor) =>
    classTransport(pointCloud(from, y).costMatrix(), labels, 2, {
      epsilon: 0.2,
      epsilonScale: 'absolute',
      rounds: 2,
      strength: 0.5,
      tolerance: 1e-12,
    }).linearCost
  const slope = jit(grad(value))(x)
  const h = 1e-5
  const bump = f64([
    [1, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ])
  const numeric = (value(x.add(bump.mul(h))).item() - value(x.sub(bump.mul(h))).item()) / (2 * h)
  expect(slope.mul(bump).sum().item()).toBeCloseTo(numeric, 6)
})

test('wrong labels and options are refused', () => {
  const geometry = pointCloud(x, y)
  expect(() => classTransport(geometry, tensor([0, 1]), 2)).toThrow(/labels/)
  expect(() => classTransport(geometry, labels, 0)).toThrow(/classes/)
  expect(() => classTransport(geometry, labels, 2, { strength: -1 })).toThrow(/strength/)
  expect(() => classTransport(geometry, labels, 2, { rounds: 0 })).toThrow(/rounds/)
})
