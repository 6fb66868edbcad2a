import { readFileSync } from 'node:fs'
import { add, grad, hessian, jit, mul, type Tensor, vmap } from '@adjoint/core'
import { key, normal, uniform } from '@adjoint/core/random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignment } from '../../src/exact/assignment.js'
import { emd } from '../../src/exact/emd.js'
import { euclidean, mahalanobis, squaredEuclidean } from '../../src/geometry/costs.js'
import { pointCloud } from '../../src/geometry/point-cloud.js'
import { OT_STATUS } from '../../src/status.js'
import { distance, f64, list } from '../support.js'

interface Case {
  cost: (number | null)[][]
  a: number[]
  b: number[]
  value: number | null
}
const reference = JSON.parse(readFileSync(new URL('../reference/exact.json', import.meta.url), 'utf8')) as {
  cases: Record<string, Case>
  assignments: { cost: number[][]; value: number }[]
}
const costOf = ({ cost }: Case) => f64(cost.map((row) => row.map((c) => c ?? Infinity)))
const points = (seed: number, n: number) => normal(key(seed), [n, 2], { dtype: 'float64' })
const squared = (x: Tensor, y: Tensor) => x.reshape([x.shape[0], 1, 2]).sub(y).square().sum(2)

/** The most negative reduced cost, relative to the costs. */
function violation(cost: Tensor, f: Tensor, g: Tensor): number {
  const [n, m] = cost.shape
  return cost
    .sub(f.reshape([n, 1]))
    .sub(g.reshape([1, m]))
    .min()
    .item()
}

describe('emd', () => {
  const solvable = Object.entries(reference.cases).filter(([, { value }]) => value !== null)
  test.each(solvable)('%s: the value of the linear program, with its certificate', (_, given) => {
    const cost = costOf(given)
    const [a, b] = [f64(given.a), f64(given.b)]
    const { plan, potentials, linearCost, dualGap, marginalError, converged, status } = emd(cost, { a, b })
    const size = Math.max(...given.cost.flat().map((c) => Math.abs(c ?? 0)))
    expect([converged.item(), status.item()]).toEqual([1, 0])
    expect(Math.abs(linearCost.item() - (given.value ?? 0))).toBeLessThan(1e-9 * size)
    expect(Math.abs(dualGap.item())).toBeLessThan(1e-12 * size)
    expect(marginalError.item()).toBeLessThan(1e-13)
    expect(violation(cost, potentials.f, potentials.g)).toBeGreaterThan(-1e-12 * size)
    expect(Math.abs(potentials.f.mul(a).sum().sub(potentials.g.mul(b).sum()).item())).toBeLessThan(1e-12 * size)
    expect(plan.values.size).toBe(a.size + b.size - 1)
    expect(distance(plan.toDense().sum(1), a)).toBeLessThan(1e-14)
    expect(plan.values.min().item()).toBeGreaterThanOrEqual(0)
  })

  test('where infinite costs leave mass behind, a status says so, and nothing is NaN', () => {
    const { status, linearCost, plan, potentials } = emd(costOf(reference.cases.infeasible))
    expect(OT_STATUS[status.item() as number]).toMatch(/infeasible/)
    for (const x of [linearCost, plan.values, potentials.f, potentials.g])
      expect(list(x).every(Number.isFinite)).toBe(true)
  })

  test('bad weights and costs are statuses', () => {
    const cost = f64([
      [0, 1],
      [1, 0],
    ])
    const word = (options: Parameters<typeof emd>[1], c = cost) => OT_STATUS[emd(c, options).status.item() as number]
    expect(word({ a: f64([1, -1]) })).toMatch(/weights/)
    expect(word({ a: f64([0, 0]) })).toMatch(/weights/)
    expect(word({ a: f64([1, 1]) })).toMatch(/differ in sum/)
    expect(
      word(
        {},
        f64([
          [0, Number.NaN],
          [1, 0],
        ]),
      ),
    ).toMatch(/NaN/)
    expect(word({ maxIterations: 1 }, squared(points(1, 9), points(2, 9)))).toMatch(/maxIterations/)
  })

  test('repeated points find the planted permutation', () => {
    const x = points(3, 30)
    const order = [...Array(30).keys()].reverse()
    const y = add(f64(order.map((i) => list(x.slice(i)))), 1e-3)
    const { plan } = emd(squared(x, y))
    const dense = plan.toDense()
    for (const [j, i] of order.entries()) expect(dense.slice(i).slice(j).item()).toBeCloseTo(1 / 30, 12)
  })

  test('gradients: the plan for costs, the potentials for weights, up to a constant', () => {
    const cost = squared(points(4, 6), points(5, 7))
    const { plan, potentials } = emd(cost)
    expect(distance(grad((c: Tensor) => emd(c).linearCost)(cost), plan.toDense())).toBeLessThan(1e-15)
    const a = f64([0.1, 0.2, 0.3, 0.2, 0.15, 0.05])
    const value = (w: Tensor) => emd(cost, { a: w }).linearCost
    const [up, down] = [f64([1e-5, 0, 0, -1e-5, 0, 0]), f64([-1e-5, 0, 0, 1e-5, 0, 0])]
    const slope = value(add(a, up))
      .sub(value(add(a, down)))
      .div(2e-5)
      .item()
    const g = list(grad(value)(a))
    expect(g[0] - g[3]).toBeCloseTo(slope, 8)
    expect(potentials.f.shape).toEqual([6])
  })

  test('the cost of moving points has derivatives to second order', () => {
    const [x, y] = [points(6, 4), points(7, 4)]
    const loss = (p: Tensor) => emd(squared(p, y)).linearCost
    const h = hessian(loss)(x).reshape([8, 8])
    expect(
      distance(
        h,
        mul(f64(Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (__, j) => (i === j ? 1 : 0)))), 0.5),
      ),
    ).toBeLessThan(1e-14)
  })

  test('under jit and vmap', () => {
    const costs = uniform(key(8), [3, 5, 4], { dtype: 'float64' })
    const many = jit(vmap((c: Tensor) => emd(c).linearCost))(costs)
    for (const k of [0, 1, 2]) expect(list(many)[k]).toBeCloseTo(emd(costs.slice(k)).linearCost.item(), 14)
  })

  test('a warm start from the solution of a similar problem takes fewer pivots, to the same cost', () => {
    const [x, y] = [points(9, 60), points(10, 60)]
    const first = emd(squared(x, y))
    const moved = squared(add(x, 0.01), y)
    const [cold, warm] = [emd(moved), emd(moved, { start: first.potentials })]
    expect(warm.iterations.item()).toBeLessThan(cold.iterations.item() as number)
    expect(warm.linearCost.item()).toBeCloseTo(cold.linearCost.item(), 12)
  })

  test('point clouds: the same without a table, for any cost', () => {
    const [x, y] = [points(16, 9), points(17, 7)]
    for (const kind of [
      squaredEuclidean,
      euclidean,
      mahalanobis(
        f64([
          [2, 1],
          [1, 3],
        ]),
      ),
    ]) {
      const cloud = pointCloud(x, y, kind)
      const [lazy, table] = [emd(cloud), emd(cloud.costMatrix())]
      expect(distance(lazy.plan.toDense(), table.plan.toDense())).toBeLessThan(1e-15)
      expect(lazy.linearCost.item()).toBeCloseTo(table.linearCost.item(), 13)
      const moved = (z: Tensor) => emd(pointCloud(z, y, kind)).linearCost
      const tabled = (z: Tensor) => emd(pointCloud(z, y, kind).costMatrix()).linearCost
      expect(distance(grad(moved)(x), grad(tabled)(x))).toBeLessThan(1e-14)
    }
    const batch = vmap((z: Tensor) => emd(pointCloud(z, y)).linearCost)(x.reshape([3, 3, 2]))
    expect(list(batch)[1]).toBeCloseTo(emd(pointCloud(x.slice([3, 6]), y)).linearCost.item(), 13)
  })

  test('float32 stays float32', () => {
    const { plan, linearCost, status } = emd(squared(points(11, 8), points(12, 8)).cast('float32'))
    expect([plan.dtype, linearCost.dtype, status.item()]).toEqual(['float32', 'float32', 0])
  })

  test('W1 on a line is symmetric and satisfies the triangle inequality', () => {
    const weights = fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 5 })
      .filter((w) => w.some((v) => v > 0))
    const line = f64([0, 1, 2, 3, 4].map((x) => [0, 1, 2, 3, 4].map((y) => Math.abs(x - y))))
    const measure = (w: number[]) => f64(w.map((v) => v / w.reduce((s, u) => s + u, 0)))
    const wasserstein = (u: number[], v: number[]) => emd(line, { a: measure(u), b: measure(v) }).linearCost.item()
    fc.assert(
      fc.property(weights, weights, weights, (u, v, w) => {
        expect(wasserstein(u, v)).toBeCloseTo(wasserstein(v, u), 12)
        expect(wasserstein(u, w)).toBeLessThanOrEqual(wasserstein(u, v) + wasserstein(v, w) + 1e-12)
        expect(wasserstein(u, u)).toBe(0)
      }),
      { numRuns: 30 },
    )
  })
})

describe('assignment', () => {
  test.each(reference.assignments.map(({ cost, value }) => [cost.length, cost[0].length, cost, value] as const))(
    '%i x %i: the value of SciPy, with its certificate',
    (n, m, cost, value) => {
      const c = f64(cost)
      const { rows, columns, linearCost, potentials, dualGap, status } = assignment(c)
      expect(linearCost.item()).toBeCloseTo(value, 12)
      expect(Math.abs(dualGap.item())).toBeLessThan(1e-12)
      expect(violation(c, potentials.f, potentials.g)).toBeGreaterThan(-1e-13)
      expect([new Set(list(rows)).size, new Set(list(columns)).size, status.item()]).toEqual([
        Math.min(n, m),
        Math.min(n, m),
        0,
      ])
    },
  )

  test('is the exact plan of uniform weights', () => {
    const cost = squared(points(13, 12), points(14, 12))
    expect(assignment(cost).linearCost.div(12).item()).toBeCloseTo(emd(cost).linearCost.item(), 12)
  })

  test('gradients, jit and vmap', () => {
    const costs = uniform(key(15), [3, 4, 6], { dtype: 'float64' })
    const all = jit(vmap((c: Tensor) => assignment(c).linearCost))(costs)
    for (const k of [0, 1, 2]) {
      const single = assignment(costs.slice(k))
      expect(list(all)[k]).toBeCloseTo(single.linearCost.item(), 14)
      expect(distance(grad((c: Tensor) => assignment(c).linearCost)(costs.slice(k)), single.plan.toDense())).toBe(0)
    }
  })

  test('infeasible and not finite ones are statuses', () => {
    const stuck = assignment(
      f64([
        [1, Infinity],
        [2, Infinity],
      ]),
    )
    expect(OT_STATUS[stuck.status.item() as number]).toMatch(/infeasible/)
    expect(list(stuck.columns).sort()).toEqual([0, 1])
    expect(OT_STATUS[assignment(f64([[Number.NaN]])).status.item() as number]).toMatch(/NaN/)
  })
})
