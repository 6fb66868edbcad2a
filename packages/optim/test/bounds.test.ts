import { jit, read, type Tensor } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minimize } from '../src/index.js'
import { problems, scipy, sumOfSquares } from './problems.js'
import { f64, list } from './support.js'

const rosenbrock = sumOfSquares(problems.rosenbrock)

describe('l-bfgs-b against SciPy', () => {
  test.each(Object.entries(scipy.bounded))('%s', async (_, { problem, start, lower, upper, value, x, ...figure }) => {
    const bounds = { lower: f64(lower), upper: f64(upper) }
    const found = await read(minimize(sumOfSquares(problems[problem]), f64(start), { bounds, tolerance: 1e-5 }))
    expect(found.status).toBe(0)
    expect(found.value).toBeCloseTo(value, 8)
    for (const [i, xi] of Array.from(found.x as Float64Array).entries()) expect(xi).toBeCloseTo(x[i], 4)
    expect(found.iterations).toBeLessThanOrEqual(1.5 * figure.iterations)
    expect(found.evaluations).toBeLessThanOrEqual(1.5 * figure.evaluations)
  })
})

describe('bounds', () => {
  const f = (x: Tensor) => x.square().sum()

  test('numbers, one side, and trees that broadcast', () => {
    expect(list(minimize(f, f64([3, 4]), { bounds: { lower: 1 } }).x)).toEqual([1, 1])
    expect(list(minimize(f, f64([-3, -4]), { bounds: { upper: f64([-2, 5]) } }).x)[0]).toBe(-2)
    const tree = {
      a: f64([
        [1, 2],
        [3, 4],
      ] as never),
      b: f64(5),
    }
    const sumOf = (p: typeof tree) => p.a.square().sum().add(p.b.square())
    const { x } = minimize(sumOf, tree, { bounds: { lower: { a: f64([0.5, 0.25]), b: 2 } } })
    expect(list(x)).toEqual([0.5, 0.25, 0.5, 0.25, 2])
  })

  test('a start outside is moved to its nearest point', () => {
    const found = minimize(f, f64([30, -30]), { bounds: { lower: 1, upper: 2 } })
    expect(list(found.x)).toEqual([1, 1])
  })

  test('a box of one point is solved', () => {
    const found = minimize(rosenbrock, f64([0, 0]), { bounds: { lower: 0.5, upper: 0.5 } })
    expect([list(found.x), found.status.item()]).toEqual([[0.5, 0.5], 0])
  })

  test('nelder-mead stays inside', () => {
    const seen = minimize((x: Tensor) => x.sub(3).square().sum(), f64([0, 0]), {
      method: 'nelder-mead',
      bounds: { upper: f64([1, 5]) },
    })
    expect(list(seen.x)[0]).toBeCloseTo(1, 4)
    expect(list(seen.x)[1]).toBeCloseTo(3, 4)
  })

  test('crossed numbers are refused, crossed tensors a status', () => {
    expect(() => minimize(f, f64([1]), { bounds: { lower: 2, upper: 1 } })).toThrow('bounds from 2 to 1')
    expect(minimize(f, f64([1]), { bounds: { lower: f64([2]), upper: f64([1]) } }).status.item()).toBe(4)
  })

  test('wrong shapes, trees and methods are refused by name', () => {
    expect(() => minimize(f, f64([1, 2]), { bounds: { lower: f64([1, 2, 3]) } })).toThrow('bounds.lower of shape [3]')
    expect(() => minimize(f, f64([1, 2]), { bounds: { lower: [0, 0, 0] } })).toThrow('3 leaves')
    expect(() => minimize(f, f64([1]), { bounds: { lower: 0 }, method: 'newton-cg' })).toThrow("'l-bfgs-b'")
  })
})

test('on any convex quadratic in a box the conditions of Karush, Kuhn and Tucker hold', () => {
  const entry = fc.integer({ min: -30, max: 30 }).map((v) => v / 10)
  const solve = jit((a: Tensor, b: Tensor, lower: Tensor, upper: Tensor) => {
    const f = (x: Tensor) => a.matmul(x).square().sum().add(x.square().sum().mul(0.1)).sub(b.mul(x).sum())
    return minimize(f, lower.mul(0), { bounds: { lower, upper }, tolerance: 1e-8 })
  })
  const vector = fc.array(entry, { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(vector, { minLength: 4, maxLength: 4 }), vector, vector, vector, (a, b, one, other) => {
      const lower = one.map((v, i) => Math.min(v, other[i]))
      const upper = one.map((v, i) => Math.max(v, other[i]))
      const found = solve(f64(a as never), f64(b), f64(lower), f64(upper))
      const x = list(found.x)
      expect(found.status.item()).toBe(0)
      for (const [i, xi] of x.entries()) {
        const rows = a.map((row) => row.reduce((sum, aij, j) => sum + aij * x[j], 0))
        const slope = 2 * a.reduce((sum, row, k) => sum + row[i] * rows[k], 0) + 0.2 * xi - b[i]
        expect(xi).toBeGreaterThanOrEqual(lower[i])
        expect(xi).toBeLessThanOrEqual(upper[i])
        // Downhill is outward, or nowhere.
        if (xi > lower[i] + 1e-7) expect(slope).toBeLessThan(1e-6)
        if (xi < upper[i] - 1e-7) expect(slope).toBeGreaterThan(-1e-6)
      }
    }),
    { numRuns: 60 },
  )
})
