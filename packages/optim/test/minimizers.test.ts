import { read } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { type MinimizeMethod, minimize } from '../src/index.js'
import { problems, scipy, sumOfSquares } from './problems.js'
import { f64 } from './support.js'

const figures = { ...scipy.minimize, 'l-bfgs-b': scipy.minimize['l-bfgs'] }

describe.each(Object.entries(figures))('%s against SciPy', (method, figures) => {
  test.each(Object.entries(figures))('%s', async (name, figure) => {
    const { start, minimum, solution } = problems[name]
    const options = { method: method as MinimizeMethod, tolerance: 1e-5 }
    const found = await read(minimize(sumOfSquares(problems[name]), f64(start), options))
    expect(found.status).toBe(0)
    expect(found.gradientNorm).toBeLessThanOrEqual(1e-5)
    expect(Number(found.value) - minimum).toBeLessThan(1e-7)
    const x = Array.from(found.x as Float64Array)
    for (const [i, expected] of (solution ?? []).entries())
      expect(Math.abs(x[i] - expected)).toBeLessThan(1e-4 * Math.max(1, expected))
    // SciPy gives up on Brown's function by nonlinear-cg and trust-region: ours needs no more steps to solve it.
    expect(found.iterations).toBeLessThanOrEqual(1.5 * figure.iterations)
    expect(found.evaluations).toBeLessThanOrEqual(1.5 * figure.evaluations)
  })
})

test.each(Object.entries(scipy.simplex))('nelder-mead against SciPy: %s', async (name, figure) => {
  const { start } = problems[name]
  const options = { method: 'nelder-mead', tolerance: 1e-6 } as const
  const found = await read(minimize(sumOfSquares(problems[name]), f64(start), options))
  expect(found.status).toBe(0)
  expect(found.value).toBeLessThan(1e-11)
  expect(found.evaluations).toBeLessThanOrEqual(1.2 * figure.evaluations)
})
