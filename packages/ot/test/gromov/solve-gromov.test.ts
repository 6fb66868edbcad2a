import { abs, grad, jit, type Tensor } from '@adjoint/core'
import { key, normal } from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import { emd } from '../../src/exact/emd.js'
import { solveGromov } from '../../src/gromov/solve-gromov.js'
import { OT_STATUS } from '../../src/status.js'
import { distance, f64, list } from '../support.js'

const draw = (seed: number, shape: number[]) => normal(key(seed), shape, { dtype: 'float64' })
const squared = (x: Tensor, y: Tensor) => x.reshape([x.shape[0], 1, x.shape[1]]).sub(y).square().sum(2)
const points = draw(1, [7, 2])
const within = squared(points, points)
const order = [3, 0, 6, 2, 5, 1, 4]
const turned = f64(order.map((i) => [-list(points.slice(i))[1] + 5, list(points.slice(i))[0] - 2]))
const moved = squared(turned, turned)

/** The objective term by term. */
function direct(x: Tensor, y: Tensor, plan: Tensor, loss: (c: number, d: number) => number): number {
  const [n, m] = plan.shape
  const [c, d, p] = [list(x), list(y), list(plan)]
  let total = 0
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++)
      for (let j = 0; j < m; j++)
        for (let l = 0; l < m; l++) total += loss(c[i * n + k], d[j * m + l]) * p[i * m + j] * p[k * m + l]
  return total
}

describe('solveGromov', () => {
  test.each([
    ['square', (c: number, d: number) => (c - d) ** 2],
    ['kl', (c: number, d: number) => c * Math.log(c / d) - c + d],
  ] as const)('%s: the cost is the sum over all pairs of pairs', (loss, term) => {
    const [x, y] = [within.add(1), squared(draw(2, [4, 2]), draw(2, [4, 2])).add(1)]
    const { cost, plan } = solveGromov(x, y, { loss, maxIterations: 3 })
    expect(cost.item()).toBeCloseTo(direct(x, y, plan.toDense(), term), 11)
  })

  test('finds a planted turn and permutation, near where it starts', () => {
    const start = f64(order.map((i) => order.map((_, j) => (i === j ? 2 : 1)))).transpose()
    const initial = start.div(start.sum())
    const { cost, plan, status } = solveGromov(within, moved, { initial })
    expect([status.item(), Math.abs(cost.item()) < 1e-12]).toEqual([0, true])
    for (const [j, i] of order.entries()) expect(plan.toDense().slice(i).slice(j).item()).toBeCloseTo(1 / 7, 10)
  })

  test('steps never raise the cost, and marginals hold', () => {
    const y = squared(draw(3, [5, 3]), draw(3, [5, 3]))
    const a = f64([1, 2, 3, 4, 5, 6, 7].map((v) => v / 28))
    const costs = [1, 2, 4, 8, 16].map((maxIterations) => solveGromov(within, y, { a, maxIterations }).cost.item())
    for (let k = 1; k < costs.length; k++) expect(costs[k]).toBeLessThanOrEqual(costs[k - 1] + 1e-12)
    const { plan, converged } = solveGromov(within, y, { a })
    expect(distance(plan.toDense().sum(1), a)).toBeLessThan(1e-14)
    expect(converged.item()).toBe(1)
  })

  test('fused: alpha 0 is transport, alpha 1 ignores the cost', () => {
    const y = squared(draw(4, [5, 2]), draw(4, [5, 2]))
    const cost = abs(draw(5, [7, 5]))
    expect(solveGromov(within, y, { cost, alpha: 0 }).cost.item()).toBeCloseTo(emd(cost).linearCost.item(), 12)
    const [ignored, alone] = [solveGromov(within, y, { cost, alpha: 1 }), solveGromov(within, y)]
    expect(distance(ignored.plan.toDense(), alone.plan.toDense())).toBeLessThan(1e-14)
  })

  test('entropic: a soft plan with the marginals, sharper for smaller epsilon', () => {
    const y = squared(draw(6, [6, 2]), draw(6, [6, 2]))
    const [soft, sharp] = [0.2, 0.02].map((epsilon) =>
      jit(() => solveGromov(within, y, { epsilon, tolerance: 1e-6 }))(),
    )
    for (const { plan, status } of [soft, sharp]) {
      expect(status.item()).toBe(0)
      expect(distance(plan.toDense().sum(0), f64(Array(6).fill(1 / 6)))).toBeLessThan(1e-6)
    }
    expect(sharp.cost.item()).toBeLessThan(soft.cost.item())
  })

  test('the gradient is that at a fixed plan', () => {
    const y = squared(draw(7, [5, 2]), draw(7, [5, 2]))
    const g = grad((c: Tensor) => solveGromov(c, y).cost)(within)
    const step = draw(8, [7, 7]).mul(1e-6)
    const symmetric = step.add(step.transpose())
    const { plan } = solveGromov(within, y)
    const fixed = (c: Tensor) => direct(c, y, plan.toDense(), (u, v) => (u - v) ** 2)
    const slope = (fixed(within.add(symmetric)) - fixed(within.sub(symmetric))) / 2
    expect(g.mul(symmetric).sum().item() / slope).toBeCloseTo(1, 6)
  })

  test('faults are statuses or errors', () => {
    expect(OT_STATUS[solveGromov(within, moved, { maxIterations: 1 }).status.item()]).toMatch(/maxIterations/)
    expect(() => solveGromov(draw(9, [2, 3]), moved)).toThrow(/square/)
    expect(() => solveGromov(within, moved, { alpha: 2 })).toThrow(/alpha/)
    expect(() => solveGromov(within, moved, { cost: draw(9, [2, 3]) })).toThrow(/cost/)
  })
})
