import { readFileSync } from 'node:fs'
import { exp, describe as inWords, jit, mul, read, sub, type Tensor, tensor, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { costMatrix, OT_STATUS, pointCloud, SINKHORN_DOMAINS, type SinkhornOptions, sinkhorn } from '../src/index.js'
import { distance, f64, list } from './support.js'

interface Case {
  readonly name: string
  readonly cost: number[][]
  readonly a: number[]
  readonly b: number[]
  readonly epsilon: number
  readonly rho: [number | null, number | null]
  readonly f: number[]
  readonly g: number[]
  readonly plan: number[][]
  readonly linearCost: number
  readonly regularizedCost: number
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('./reference/sinkhorn.json', import.meta.url), 'utf8'),
)
const absolute = { epsilonScale: 'absolute', tolerance: 1e-12 } as const
const normal = (seed: number, shape: number[], dtype: 'float32' | 'float64' = 'float64'): Tensor =>
  random.normal(random.key(seed), shape, { dtype })
const clouds = (n: number, m: number, dtype: 'float32' | 'float64' = 'float64') =>
  pointCloud(normal(0, [n, 2], dtype), normal(1, [m, 2], dtype).add(1))

describe('equal to NumPy', () => {
  for (const method of ['stabilized', 'log', 'scaling'] as const) {
    test.each(cases)(`${method}: $name`, ({ cost, a, b, epsilon, rho, ...known }) => {
      const result = sinkhorn(f64(cost), {
        ...absolute,
        method,
        epsilon,
        a: f64(a),
        b: f64(b),
        unbalanced: [rho[0] ?? Infinity, rho[1] ?? Infinity],
      })
      expect(result.status.item()).toBe(0)
      expect(distance(result.potentials.f, f64(known.f))).toBeLessThan(1e-9)
      expect(distance(result.potentials.g, f64(known.g))).toBeLessThan(1e-9)
      expect(distance(result.plan.toDense(), f64(known.plan))).toBeLessThan(1e-10)
      expect(result.linearCost.item()).toBeCloseTo(known.linearCost, 9)
      expect(result.regularizedCost.item()).toBeCloseTo(known.regularizedCost, 9)
      expect(Math.abs(result.dualGap.item())).toBeLessThan(1e-9)
    })
  }
})

/** Weights of a normal density on a grid. */
function bell(grid: Tensor, mean: number, variance: number): Tensor {
  const heights = exp(mul(sub(grid, mean).square(), -0.5 / variance))
  return heights.div(heights.sum())
}

test('Gaussians: the closed form of Janati et al., Entropic Optimal Transport between Unbalanced Gaussian Measures has a Closed Form, 2020', () => {
  const grid = f64(Array.from({ length: 161 }, (_, i) => -8 + i / 10))
  const [variances, means, epsilon] = [[0.8, 1.5], [-0.5, 1], 0.9]
  const geometry = pointCloud(grid.reshape([161, 1]))
  const [a, b] = [0, 1].map((k) => bell(grid, means[k], variances[k]))
  const { regularizedCost } = sinkhorn(geometry, { ...absolute, tolerance: 1e-9, epsilon, a, b })
  const s = epsilon / 2
  const d = Math.sqrt(4 * variances[0] * variances[1] + s * s)
  const bures = variances[0] + variances[1] - d + s * (1 - Math.log(2 * s)) + s * Math.log(d + s)
  expect(regularizedCost.item()).toBeCloseTo((means[0] - means[1]) ** 2 + bures, 6)
})

describe('properties', () => {
  const options = fc.record({
    n: fc.constantFrom(1, 6),
    m: fc.constantFrom(3, 6),
    seed: fc.nat(1000),
    epsilon: fc.constantFrom(0.02, 0.1, 1),
    unit: fc.constantFrom(1e-6, 1, 1e6),
    kind: fc.constantFrom('stabilized', 'log'),
  })
  test('marginals, a gap that bounds what is missing, and costs in any unit', () => {
    fc.assert(
      fc.property(options, ({ n, m, seed, epsilon, unit, kind }) => {
        const cost = random.uniform(random.key(seed), [n, m], { dtype: 'float64' }).mul(unit)
        const solve = (more: SinkhornOptions) =>
          sinkhorn(cost, { epsilon, gradient: 'envelope', method: kind as 'log', ...more })
        const [rough, fine] = [solve({ tolerance: 1e-2 }), solve({ tolerance: 1e-9 })]
        expect(fine.status.item()).toBe(0)
        expect(
          fine.plan
            .toDense()
            .sum(1)
            .sub(1 / n)
            .abs()
            .sum()
            .item(),
        ).toBeLessThan(1e-8)
        expect(
          fine.plan
            .toDense()
            .sum(0)
            .sub(1 / m)
            .abs()
            .sum()
            .item(),
        ).toBeLessThan(1e-8)
        const missing = fine.regularizedCost.item() - rough.regularizedCost.item()
        expect(missing).toBeGreaterThan(-1e-7 * unit)
        expect(rough.dualGap.item()).toBeGreaterThan(missing - 1e-7 * unit)
      }),
      { numRuns: 15 },
    )
  })
})

test('small epsilon moves to the log domain and to stages, and says so', async () => {
  const cost = clouds(40, 30).costMatrix()
  const domains = [1, 1e-3, 1e-6].map((epsilon) => {
    const result = sinkhorn(cost, { epsilon, gradient: 'envelope' })
    expect(result.status.item()).toBe(0)
    expect(result.marginalError.item()).toBeLessThan(1e-5)
    return SINKHORN_DOMAINS[result.domain.item()]
  })
  expect(domains).toEqual(['scaling', 'epsilon scaling', 'epsilon scaling'])
  const sharp = sinkhorn(cost, {
    epsilon: 0.009,
    schedule: false,
    newton: false,
    maxIterations: 200,
    gradient: 'envelope',
  })
  expect(SINKHORN_DOMAINS[sharp.domain.item()]).toBe('log domain')
})

test('a point cloud and its matrix give one result', () => {
  const cloud = clouds(9, 7)
  const [lazy, dense] = [cloud, cloud.costMatrix()].map((g) => sinkhorn(g, { tolerance: 1e-11 }))
  expect(distance(lazy.plan.toDense(), dense.plan.toDense())).toBeLessThan(1e-9)
  const v = normal(3, [7])
  expect(distance(lazy.plan.apply(v), dense.plan.apply(v))).toBeLessThan(1e-9)
  const u = normal(4, [9, 2])
  expect(distance(lazy.plan.applyTranspose(u), dense.plan.applyTranspose(u))).toBeLessThan(1e-9)
})

test('batches: each problem stops by itself', () => {
  const xs = normal(5, [3, 8, 2])
  const ys = normal(6, [8, 2])
  const solve = (x: Tensor) => {
    const { regularizedCost, iterations } = sinkhorn(pointCloud(x, ys).costMatrix(), { gradient: 'envelope' })
    return { regularizedCost, iterations }
  }
  const batch = vmap(solve)(xs)
  for (let i = 0; i < 3; i++) {
    const one = solve(xs.slice(i))
    expect(batch.regularizedCost.slice(i).item()).toBeCloseTo(one.regularizedCost.item(), 10)
    expect(batch.iterations.slice(i).item()).toBe(one.iterations.item())
  }
})

test('warm starts, momentum and plain iterations reach the same plan', () => {
  const cost = clouds(10, 10).costMatrix()
  const plain = sinkhorn(cost, { newton: false, tolerance: 1e-10 })
  const again = sinkhorn(cost, { start: plain.potentials, tolerance: 1e-9 })
  expect(again.iterations.item()).toBeLessThanOrEqual(3)
  for (const method of ['log', 'stabilized', 'scaling'] as const) {
    const fast = sinkhorn(cost, { method, newton: false, momentum: 1.4, tolerance: 1e-10 })
    expect(distance(fast.plan.toDense(), plain.plan.toDense())).toBeLessThan(1e-8)
    expect(fast.iterations.item()).toBeLessThan(plain.iterations.item())
  }
})

test('Newton steps end a random assignment that plain iterations do not', () => {
  const cost = random.uniform(random.key(3), [60, 60], { dtype: 'float64' })
  const options = { epsilon: 2e-3, tolerance: 1e-8, gradient: 'envelope', schedule: false } as const
  const newton = sinkhorn(cost, options)
  const plain = sinkhorn(cost, { ...options, newton: false, maxIterations: 20000 })
  expect(newton.status.item()).toBe(0)
  expect(newton.iterations.item()).toBeLessThan(plain.iterations.item() / 3)
  expect(distance(newton.plan.toDense(), plain.plan.toDense())).toBeLessThan(1e-4)
})

test('float32 stays float32; below what it resolves a status says so', () => {
  const cloud = clouds(30, 30, 'float32')
  const result = sinkhorn(cloud.costMatrix(), { epsilon: 0.05 })
  for (const x of [result.linearCost, result.potentials.f, result.plan.toDense(), result.dualGap])
    expect(x.dtype).toBe('float32')
  expect(result.status.item()).toBe(0)
  expect(result.marginalError.item()).toBeLessThan(1e-3)
  for (const geometry of [cloud, cloud.costMatrix()])
    expect(OT_STATUS[sinkhorn(geometry, { epsilon: 1e-6 }).status.item()]).toMatch(/precision/)
})

test('jit gives what eager gives', () => {
  const cost = clouds(6, 5).costMatrix()
  const values = (c: Tensor) => {
    const { plan, ...rest } = sinkhorn(c)
    return { ...rest, dense: plan.toDense() }
  }
  const [eager, compiled] = [values(cost), jit(values)(cost)]
  expect(distance(eager.dense, compiled.dense)).toBeLessThan(1e-12)
  expect(compiled.iterations.item()).toBe(eager.iterations.item())
})

describe('bad input has a status', () => {
  const cost = f64([
    [0, 1],
    [1, 0],
  ])
  const words = (matrix: Tensor, options: SinkhornOptions = {}) =>
    ['stabilized', 'log'].map(
      (method) => OT_STATUS[sinkhorn(matrix, { method: method as 'log', ...options }).status.item()],
    )
  test('weights', () => {
    for (const a of [
      [-1, 2],
      [0, 0],
      [Number.NaN, 1],
      [Infinity, 1],
    ])
      for (const text of words(cost, { a: f64(a) })) expect(text).toMatch(/^weights/)
    for (const text of words(cost, { a: f64([1, 1]) })) expect(text).toMatch(/differ in sum/)
    for (const text of words(cost, { a: f64([1, 1]), unbalanced: 1 })) expect(text).toBe('converged')
  })
  test('costs', () => {
    const bad = (value: number) =>
      f64([
        [value, value],
        [1, 0],
      ])
    for (const text of words(bad(Number.NaN))) expect(text).toMatch(/^not finite/)
    for (const text of words(bad(Infinity))) expect(text).toMatch(/^infeasible/)
    const forbidden = sinkhorn(
      f64([
        [Infinity, 1],
        [1, 0],
      ]),
      { epsilon: 1 },
    )
    expect(forbidden.status.item()).toBe(0)
    expect(list(forbidden.plan.toDense())[0]).toBe(0)
    expect(words(cost.mul(0))).toEqual(['converged', 'converged'])
  })
  test('never more iterations than asked for', () => {
    const table = clouds(20, 20).costMatrix()
    for (const method of ['scaling', 'stabilized', 'log'] as const)
      for (const maxIterations of [1, 2, 22, 30]) {
        const { iterations, error } = sinkhorn(table, {
          ...absolute,
          epsilon: 0.2,
          method,
          newton: false,
          maxIterations,
        })
        expect(iterations.item()).toBe(maxIterations)
        expect(error.item()).toBeLessThan(Infinity)
      }
  })
  test('too few iterations, and underflow', async () => {
    for (const text of words(clouds(20, 20).costMatrix(), { maxIterations: 2 })) expect(text).toMatch(/maxIterations/)
    const flat = sinkhorn(cost.add(10), { epsilon: 1e-3, method: 'scaling' })
    expect(OT_STATUS[flat.status.item()]).toMatch(/^underflow/)
    await expect(inWords(flat, OT_STATUS)).rejects.toThrow(/underflow/)
  })
  test('shapes, dtypes and options are refused at once', () => {
    expect(() => sinkhorn(tensor([1, 2]))).toThrow(/matrix/)
    expect(() => sinkhorn(cost, { a: f64([1]) })).toThrow(/weights \[2\]/)
    expect(() => sinkhorn(cost, { a: tensor([1, 1]) })).toThrow(/one dtype/)
    expect(() => sinkhorn(cost, { epsilon: 0 })).toThrow(/above 0/)
    expect(() => sinkhorn(cost, { method: 'fast' as never })).toThrow(/'log'/)
    expect(() => sinkhorn(cost, { start: { f: f64([0]), g: f64([0, 0]) } })).toThrow(/start.f/)
    expect(() => pointCloud(f64([[1]]), f64([[1, 2]]))).toThrow(/coordinates/)
    expect(() => costMatrix(tensor([[1]], { dtype: 'int32' }))).toThrow(/float/)
  })
})

test('all of a result can be read at once', async () => {
  const result = await read(
    sinkhorn(
      f64([
        [0, 1],
        [1, 0],
      ]),
    ),
  )
  expect(result.converged).toBe(true)
  expect(
    await inWords(
      sinkhorn(
        f64([
          [0, 1],
          [1, 0],
        ]),
      ),
      OT_STATUS,
    ),
  ).toMatch(/^converged after \d+ iterations/)
})
