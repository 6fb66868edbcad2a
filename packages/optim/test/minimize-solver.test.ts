import { describe as describeResult, jit, slice, type Tensor, tensor, vmap, where } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { minimize, SOLVER_STATUS } from '../src/index.js'
import { problems, sumOfSquares } from './problems.js'
import { f64, list } from './support.js'

const rosenbrock = sumOfSquares(problems.rosenbrock)

const METHODS = ['l-bfgs', 'l-bfgs-b', 'nonlinear-cg', 'newton-cg', 'trust-region', 'nelder-mead'] as const

describe.each(METHODS)('%s', (method) => {
  const options = { method, tolerance: 1e-5 }
  const bowl = (p: { a: Tensor; b: Tensor }) =>
    p.a
      .sub(tensor([[1], [2]]))
      .square()
      .sum()
      .add(p.b.sub(3).square().mul(5))

  test('trees in float32 keep structure, shapes and dtype', () => {
    const { x, value, converged } = minimize(bowl, { a: tensor([[4], [4]]), b: tensor(0) }, { method, tolerance: 1e-3 })
    expect([x.a.shape, x.b.shape, x.a.dtype]).toEqual([[2, 1], [], 'float32'])
    expect(converged.item()).toBe(1)
    expect(value.item()).toBeLessThan(1e-4)
    expect(list(x).map((v) => Math.round(v * 20) / 20)).toEqual([1, 2, 3])
  })

  test('one compiled program under jit and vmap, each lane as if alone', () => {
    const starts = Array.from({ length: 3 }, (_, i) => [1.2 * Math.cos(i), 1.2 * Math.sin(i)])
    const solve = (x: Tensor) => minimize(rosenbrock, x, options)
    const one = jit(solve)
    const lanes = jit(vmap(solve))(f64(starts as never))
    starts.forEach((start, i) => {
      const alone = one(f64(start))
      expect(list(lanes.iterations)[i]).toBe(alone.iterations.item())
      expect(list(lanes.evaluations)[i]).toBe(alone.evaluations.item())
      for (const [j, x] of list(alone.x).entries()) expect(list(lanes.x)[2 * i + j]).toBeCloseTo(x, 9)
    })
  })

  test('a start that is not finite is a status, and ends at once', () => {
    const found = minimize((x: Tensor) => x.log().sum(), f64([-1, 2]), options)
    expect(found.status.item()).toBe(3)
    expect(found.iterations.item()).toBe(0)
    expect(found.converged.item()).toBe(0)
  })

  test('too few steps are a status', async () => {
    const found = minimize(rosenbrock, f64([-1.2, 1]), { ...options, maxSteps: 3 })
    expect([found.status.item(), found.iterations.item(), found.converged.item()]).toEqual([1, 3, 0])
    await expect(describeResult(found, SOLVER_STATUS)).rejects.toThrow('reached maxSteps')
  })

  test('a function without a lower bound ends', () => {
    const found = minimize((x: Tensor) => x.sum().neg(), f64([1, 2]), { ...options, maxSteps: 50 })
    expect(found.status.item()).toBeGreaterThan(0)
  })
})

test('32 starts in one program reach the minimum, each in its own number of steps', () => {
  const starts = Array.from({ length: 32 }, (_, i) => [2 * Math.cos(i), 2 * Math.sin(3 * i)])
  const found = jit(vmap((x: Tensor) => minimize(rosenbrock, x)))(f64(starts as never))
  expect(list(found.status)).toEqual(Array(32).fill(0))
  for (const x of list(found.x)) expect(x).toBeCloseTo(1, 4)
  expect(new Set(list(found.iterations)).size).toBeGreaterThan(5)
})

test('a wall of infinity or NaN on the way is backed away from', () => {
  const f = (x: Tensor) => x.log().neg().add(x).sum()
  const found = minimize(f, f64([0.01, 30]))
  expect(found.status.item()).toBe(0)
  expect(list(found.x).every((x) => Math.abs(x - 1) < 1e-5)).toBe(true)
})

test('a wrong gradient ends with a status', () => {
  // The derivative of where() is the one of the branch taken: a staircase looks like a slope.
  const f = (x: Tensor) =>
    where(x.gt(-1e9), x.sub(x.sub(1).mul(1)), x)
      .sum()
      .add(x.sub(x.cast('int32').cast('float64')).mul(-1).sum())
  const found = minimize(f, f64([0.5]), { maxSteps: 100 })
  expect(found.status.item()).toBeGreaterThan(0)
})

test('the start is not changed, and a solved start takes no step', () => {
  const x0 = f64([1, 1])
  const found = minimize(rosenbrock, x0)
  expect([found.iterations.item(), found.evaluations.item(), found.status.item()]).toEqual([0, 1, 0])
  expect(list(x0)).toEqual([1, 1])
})

test('what cannot be minimised is refused', () => {
  expect(() => minimize((x: Tensor) => x, f64([1, 2]))).toThrow('a float scalar')
  expect(() => minimize(rosenbrock, tensor([1, 2], { dtype: 'int32' }))).toThrow('float tensors')
  expect(() => minimize(rosenbrock, {} as never)).toThrow('not empty')
  expect(() => minimize(rosenbrock, f64([1, 1]), { method: 'bfgs' as never })).toThrow("'l-bfgs'")
  expect(() => minimize(rosenbrock, f64([1, 1]), { tolerance: -1 })).toThrow('tolerance -1')
  expect(() => minimize(rosenbrock, f64([1, 1]), { maxSteps: 1.5 })).toThrow('maxSteps 1.5')
  expect(() => minimize(rosenbrock, f64([1, 1]), { memory: 0 })).toThrow('memory 0')
})

test('float32 comes as near as its precision allows', () => {
  const found = minimize((x: Tensor) => sumOfSquares(problems.rosenbrock)(x), tensor([-1.2, 1]))
  expect(found.status.item()).toBe(0)
  expect(found.x.dtype).toBe('float32')
  for (const x of list(found.x)) expect(x).toBeCloseTo(1, 3)
})

test('one number is a vector of length 1', () => {
  const found = minimize((x: Tensor) => x.sub(2).square(), f64(5))
  expect(found.x.shape).toEqual([])
  expect(found.x.item()).toBeCloseTo(2, 8)
  expect(minimize((x: Tensor) => slice(x, 0).square(), f64([3]), { method: 'nelder-mead' }).status.item()).toBe(0)
})
