import { cos, jit, slice, stack, type Tensor, tensor, vmap } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { fixedPoint, root } from '../src/index.js'
import { problems } from './problems.js'
import { f64, list } from './support.js'

describe.each(['newton', 'levenberg-marquardt'] as const)('root by %s', (method) => {
  const options = { method, tolerance: 1e-9 }

  test.each(['rosenbrock', 'helical', 'powell'])('%s', (name) => {
    const { residuals, start, solution } = problems[name]
    const found = root(residuals, f64(start), options)
    expect(found.status.item()).toBe(0)
    expect(found.error.item()).toBeLessThanOrEqual(1e-9)
    for (const [i, x] of (solution ?? []).entries()) expect(list(found.x)[i]).toBeCloseTo(x, 6)
  })

  test('no root is a status, not a minimum that passes for one', () => {
    const found = root((x: Tensor) => x.square().add(1), f64([0.7]), options)
    expect(found.status.item()).toBe(2)
    expect(found.error.item()).toBeGreaterThan(0.9)
  })

  test('trees, under jit and vmap', () => {
    const solve = (c: Tensor) =>
      root((p: { x: Tensor; y: Tensor }) => [p.x.mul(p.y).sub(c), p.x.sub(p.y)], { x: f64(2), y: f64(1) }, options)
    const { x, status } = jit(vmap(solve))(f64([4, 9, 2]))
    expect(list(status)).toEqual([0, 0, 0])
    for (const [i, value] of [2, 3, Math.SQRT2].entries()) expect(list(x.y)[i]).toBeCloseTo(value, 8)
  })
})

test('root refuses what is no system, and reports a start that is not finite', () => {
  expect(() => root((x: Tensor) => slice(x, 0), f64([1, 2]))).toThrow('1 equations for 2 unknowns')
  expect(() => root((x: Tensor) => x, f64([1]), { method: 'hybr' as never })).toThrow("'newton'")
  expect(root((x: Tensor) => x.log(), f64([-1])).status.item()).toBe(3)
})

test('a singular Jacobian at the start is stepped away from', () => {
  const found = root((x: Tensor) => x.pow(3).sub(x).add(0.3), f64([1 / Math.sqrt(3)]), { tolerance: 1e-8 })
  expect(Math.abs(found.x.item() ** 3 - found.x.item() + 0.3) < 1e-7 || found.status.item() === 2).toBe(true)
})

describe('fixedPoint', () => {
  test('the number where the cosine meets the diagonal', () => {
    const plain = fixedPoint((x: Tensor) => cos(x), f64([1]), { tolerance: 1e-10, memory: 0 })
    const mixed = fixedPoint((x: Tensor) => cos(x), f64([1]), { tolerance: 1e-10 })
    for (const found of [plain, mixed]) expect(found.x.item()).toBeCloseTo(0.7390851332151607, 9)
    expect(plain.iterations.item()).toBeGreaterThan(40)
    expect(mixed.iterations.item()).toBeLessThan(10)
  })

  test('on a linear map, mixing all moves is a Krylov method: done in n + 1 steps', () => {
    const a = f64([
      [0.2, 0.5, 0],
      [-0.4, 0.3, 0.6],
      [0.1, 0, 0.7],
    ] as never)
    const found = fixedPoint((x: Tensor) => a.matmul(x).add(1), f64([0, 0, 0]), { tolerance: 1e-9, memory: 3 })
    expect(found.iterations.item()).toBeLessThanOrEqual(5)
  })

  test('a map that is no contraction', () => {
    const found = fixedPoint((x: Tensor) => x.mul(f64([-3, 0.5])).add(1), f64([0, 0]), { tolerance: 1e-9 })
    expect(found.status.item()).toBe(0)
    for (const [i, x] of [0.25, 2].entries()) expect(list(found.x)[i]).toBeCloseTo(x, 8)
  })

  test('trees, float32, lanes', () => {
    const solve = (c: Tensor) =>
      fixedPoint((p: { a: Tensor; b: Tensor }) => ({ a: cos(p.b.mul(c)), b: p.a.mul(0.5) }), {
        a: tensor([0, 0]),
        b: tensor([0, 0]),
      })
    const { x, status } = jit(vmap(solve))(tensor([0.5, 1]))
    expect([x.a.shape, x.a.dtype, list(status)]).toEqual([[2, 2], 'float32', [0, 0]])
  })

  test('divergence is a status; another shape is refused', () => {
    expect(fixedPoint((x: Tensor) => x.square().add(10), f64([3]), { memory: 0 }).status.item()).toBe(3)
    expect(fixedPoint((x: Tensor) => cos(x), f64([1]), { memory: 0, maxSteps: 3 }).status.item()).toBe(1)
    expect(() => fixedPoint((x: Tensor) => stack([x, x]), f64([1]))).toThrow('a result like x')
    expect(() => fixedPoint((x: Tensor) => x, f64([1]), { mixing: 0 })).toThrow('mixing 0')
  })
})
