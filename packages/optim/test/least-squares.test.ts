import { exp, jit, read, slice, type Tensor, tensor, vmap } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { leastSquares } from '../src/index.js'
import { problems, scipy } from './problems.js'
import { f64, list } from './support.js'

describe('levenberg-marquardt against MINPACK', () => {
  test.each(Object.entries(scipy.leastSquares))('%s', async (name, { evaluations }) => {
    const { residuals, start, solution } = problems[name]
    const found = await read(leastSquares(residuals, f64(start), { tolerance: 1e-5 }))
    expect(found.status).toBe(0)
    const x = Array.from(found.x as Float64Array)
    for (const [i, expected] of (solution ?? []).entries())
      expect(Math.abs(x[i] - expected)).toBeLessThan(1e-5 * Math.max(1, expected))
    expect(found.evaluations).toBeLessThanOrEqual(1.5 * evaluations)
  })
})

describe.each(['gauss-newton', 'trust-region'] as const)('%s', (method) => {
  test.each(Object.entries(scipy.matrixFree))('%s', (name, { evaluations }) => {
    const { residuals, start } = problems[name]
    const found = leastSquares(residuals, f64(start), { method, tolerance: 1e-5 })
    expect(found.status.item()).toBe(0)
    expect(found.value.item()).toBeLessThan(1e-7)
    // In Wood's valley SciPy's search over two directions is lucky: its MINPACK needs 69 evaluations, too.
    const factor = name === 'wood' ? 1.6 : 1.5
    if (method === 'trust-region') expect(found.evaluations.item()).toBeLessThanOrEqual(factor * evaluations)
  })
})

describe('a sum of two exponentials', () => {
  const t = Array.from({ length: 40 }, (_, i) => i / 10)
  const model = (s: number) => 3 * Math.exp(-0.5 * s) + 2 * Math.exp(-3 * s)
  const fitted = (y: Tensor) =>
    leastSquares(
      (p: { a: Tensor; b: Tensor }) => {
        const curve = (q: Tensor) => slice(q, 0).mul(exp(f64(t).mul(slice(q, 1)).neg()))
        return curve(p.a).add(curve(p.b)).sub(y)
      },
      { a: f64([1, 0.2]), b: f64([1, 2]) },
      { tolerance: 1e-9 },
    )

  test('gives back its rates, in a tree', () => {
    const { x, residuals, converged } = fitted(f64(t.map(model)))
    expect(converged.item()).toBe(1)
    expect(residuals.shape).toEqual([40])
    for (const [i, value] of list(x).entries()) expect(value).toBeCloseTo([3, 0.5, 2, 3][i], 5)
  })

  test('many fits in one program', () => {
    const data = [1, 2, 0.5].map((scale) => t.map((s) => scale * model(s)))
    const found = jit(vmap(fitted))(f64(data as never))
    expect(list(found.status)).toEqual([0, 0, 0])
    for (const [i, scale] of [1, 2, 0.5].entries()) expect(list(found.x.a)[2 * i]).toBeCloseTo(3 * scale, 4)
  })
})

test('a residual that stays: the minimum of the squares, not a zero', () => {
  const found = leastSquares((x: Tensor) => x.sub(f64([1, 3])), f64(0))
  expect([found.value.item(), found.status.item()]).toEqual([1, 0])
  expect(found.x.item()).toBeCloseTo(2, 12)
})

test('fewer residuals than unknowns', () => {
  const found = leastSquares((x: Tensor) => x.square().sum().sub(4), f64([1, 1, 1]))
  expect(found.status.item()).toBe(0)
  expect(list(found.x).reduce((a, b) => a + b * b, 0)).toBeCloseTo(4, 6)
})

test('a direction without influence does no harm', () => {
  const found = leastSquares((x: Tensor) => slice(x, 0).sub(f64([1, 2])), f64([5, 7]))
  expect(found.status.item()).toBe(0)
  expect(list(found.x)).toEqual([expect.closeTo(1.5, 8), 7])
})

test('float32', () => {
  const found = leastSquares(problems.rosenbrock.residuals, tensor([-1.2, 1]))
  expect(found.status.item()).toBe(0)
  for (const x of list(found.x)) expect(x).toBeCloseTo(1, 3)
})

test('failures are statuses, wrong input is refused', () => {
  const { residuals } = problems.rosenbrock
  expect(leastSquares((x: Tensor) => x.log(), f64([-1])).status.item()).toBe(3)
  expect(leastSquares(residuals, f64([-1.2, 1]), { maxSteps: 2 }).status.item()).toBe(1)
  expect(() => leastSquares((x: Tensor) => x.cast('int32'), f64([1]))).toThrow('int32[1]')
  expect(() => leastSquares(() => [], f64([1]))).toThrow('no residuals')
  expect(() => leastSquares((x: Tensor) => x.sum(), f64([1, 2]), { method: 'gauss-newton' })).toThrow(
    'as many residuals',
  )
})
