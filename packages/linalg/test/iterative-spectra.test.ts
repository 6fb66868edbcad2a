import { checkGrads } from '@adjoint/conformance'
import { add, eye, grad, jit, matmul, mul, sum, type Tensor, tensor, transpose, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import { hutchinsonDiagonal, hutchinsonTrace, hutchPlusPlus, lanczos, powerIteration } from '../src/iterative/index.js'
import {
  denseMatrix,
  diagonalOperator,
  linearOperator,
  lowRankOperator,
  scaleOperator,
} from '../src/operators/index.js'
import { distance, f64, list, normal, positive } from './iterative-support.js'
import { laplacian } from './iterative-systems.js'

const unit = (n: number) => eye(n, n, { dtype: 'float64' })
const key = random.key(7)
const trace = (a: Tensor) => sum(mul(a, unit(a.shape[0]))).item()

describe('powerIteration', () => {
  test('the largest eigenvalue of a Laplacian', () => {
    const { value, vector, converged, residualNorm } = powerIteration(laplacian(5), { symmetric: true })
    expect(value.item()).toBeCloseTo(4 - 4 * Math.cos((5 * Math.PI) / 6), 10)
    expect(distance(matmul(laplacian(5), vector), mul(vector, value))).toBeLessThan(1e-8)
    expect(vector.square().sum().item()).toBeCloseTo(1, 12)
    expect([converged.item(), residualNorm.item() < 1e-9]).toEqual([1, true])
  })

  test('a negative one; zero; ties that never settle; NaN', () => {
    expect(powerIteration(diagonalOperator(f64([1, -5, 2]))).value.item()).toBeCloseTo(-5, 10)
    const none = powerIteration(mul(unit(2), 0))
    expect([none.value.item(), none.status.item()]).toEqual([0, 0])
    const turn = powerIteration(
      f64([
        [0, 1],
        [-1, 0],
      ]),
      { maxSteps: 20 },
    )
    expect([turn.status.item(), turn.iterations.item(), turn.converged.item()]).toEqual([1, 20, 0])
    expect(powerIteration(mul(unit(2), Number.NaN)).status.item()).toBe(3)
  })

  test.each([true, false])('derivatives, to the second order where symmetric: %s', async (symmetric) => {
    const b = symmetric ? positive(0, 6, 0) : mul(normal(0, [6, 6]), 0.3)
    const f = jit((d: Tensor) => {
      const { value, vector } = powerIteration(add(mul(unit(6), d), b), { symmetric })
      return add(value.square(), vector.pow(4).sum())
    })
    await checkGrads(f, [f64([1, 2, 3, 4, 5, 9])], symmetric ? { order: 2, modes: ['reverse'] } : { order: 1 })
  })

  test('float32, jit and lanes', () => {
    const f = jit(vmap((d: Tensor) => powerIteration(diagonalOperator(d))))
    const { value, status } = f(
      tensor([
        [1, 2],
        [3, 1],
      ]),
    )
    expect([value.dtype, list(status)]).toEqual(['float32', [0, 0]])
    expect(list(value)[1]).toBeCloseTo(3, 4)
  })
})

describe('lanczos', () => {
  test('the basis is orthonormal and makes the matrix tridiagonal', () => {
    const a = laplacian(7)
    const k = 20
    const { basis, diagonal, offDiagonal, residualNorm, steps } = lanczos(a, k, { key })
    expect(distance(matmul(transpose(basis), basis), unit(k))).toBeLessThan(1e-13)
    const t = matmul(transpose(basis), matmul(a, basis))
    const [alpha, beta] = [list(diagonal), list(offDiagonal)]
    const planned = f64(
      alpha.map((value, i) =>
        alpha.map((_, j) => (i === j ? value : Math.abs(i - j) === 1 ? beta[Math.min(i, j)] : 0)),
      ),
    )
    expect(distance(t, planned)).toBeLessThan(1e-12)
    const rest = matmul(a, basis).sub(matmul(basis, planned))
    expect(rest.square().sum().sqrt().item()).toBeCloseTo(residualNorm.item(), 10)
    expect(steps.item()).toBe(k)
  })

  test('an exhausted space ends early, without NaN', () => {
    const { basis, offDiagonal, steps } = lanczos(diagonalOperator(f64([1, 1, 2, 2])), 4, { start: f64([1, 1, 1, 1]) })
    expect(steps.item()).toBe(2)
    expect(list(offDiagonal)[1]).toBe(0)
    expect(list(basis).every(Number.isFinite)).toBe(true)
  })

  test('derivatives go through the steps', async () => {
    const f = (d: Tensor) => lanczos(diagonalOperator(d), 3, { start: f64([1, 2, 3, 4, 5]) })
    await checkGrads((d: Tensor) => [f(d).diagonal, f(d).offDiagonal], [f64([1, 2, 4, 7, 9])], { order: 1 })
  })
})

describe('random vectors', () => {
  const a = positive(3, 40, 0)

  test('the trace within its error bars', () => {
    const { value, standardError } = hutchinsonTrace(a, { key, samples: 100 })
    expect(Math.abs(value.item() - trace(a))).toBeLessThan(3 * standardError.item())
    expect(standardError.item()).toBeLessThan(0.1 * trace(a))
    const gaussian = hutchinsonTrace(a, { key, samples: 100, distribution: 'normal' })
    expect(Math.abs(gaussian.value.item() - trace(a))).toBeLessThan(3 * gaussian.standardError.item())
    expect(gaussian.standardError.item()).toBeGreaterThan(standardError.item())
  })

  test('the diagonal within its error bars, exact for a diagonal matrix', () => {
    const { value, standardError } = hutchinsonDiagonal(a, { key, samples: 200 })
    const diagonal = list(sum(mul(a, unit(40)), 1))
    const off = list(value).map((v, i) => Math.abs(v - diagonal[i]) / list(standardError)[i])
    expect(Math.max(...off)).toBeLessThan(4.5)
    expect(list(hutchinsonDiagonal(diagonalOperator(f64([1, 2])), { key, samples: 4 }).value)).toEqual([1, 2])
  })

  test('Hutch++ is exact for low rank, and better where eigenvalues fall fast', () => {
    const low = lowRankOperator(normal(4, [40, 3]))
    expect(hutchPlusPlus(low, { key, samples: 12 }).value.item()).toBeCloseTo(trace(denseMatrix(low)), 9)
    const falling = diagonalOperator(f64(Array.from({ length: 40 }, (_, i) => 1 / (i + 1) ** 3)))
    const rotated = matmul(matmul(transpose(a), denseMatrix(falling)), a)
    const plain = hutchinsonTrace(rotated, { key, samples: 30 })
    const better = hutchPlusPlus(rotated, { key, samples: 30 })
    expect(Math.abs(better.value.item() - trace(rotated))).toBeLessThan(4 * better.standardError.item() + 1e-9)
    expect(better.standardError.item()).toBeLessThan(0.3 * plain.standardError.item())
  })

  test('gradients of traces: exact in what scales them', () => {
    const byScale = (estimate: (s: Tensor) => Tensor) => grad(estimate)(f64(2)).item()
    const hutchinson = byScale((s) => hutchinsonTrace(scaleOperator(a, s), { key }).value)
    expect(hutchinson).toBeCloseTo(hutchinsonTrace(a, { key }).value.item(), 9)
    const plus = byScale((s) => hutchPlusPlus(scaleOperator(a, s), { key }).value)
    expect(plus).toBeCloseTo(hutchPlusPlus(a, { key }).value.item(), 9)
  })
})

describe('mistakes are told', () => {
  const wrong: [string, () => unknown, RegExp][] = [
    ['a matrix that is not square', () => lanczos(normal(0, [3, 2]), 1), /square/],
    ['too many steps', () => lanczos(unit(3), 4), /1 to 3/],
    ['a start of another length', () => lanczos(unit(3), 2, { start: f64([1]) }), /float64\[3\]/],
    ['a start of another dtype', () => powerIteration(unit(3), { start: tensor([1, 2, 3]) }), /float64\[3\]/],
    ['no steps', () => powerIteration(unit(3), { maxSteps: 0 }), /maxSteps/],
    ['half a sample', () => hutchinsonTrace(unit(3), { key, samples: 1.5 }), /samples 1.5; expected an integer from 2/],
    ['thirds that are not whole', () => hutchPlusPlus(unit(3), { key, samples: 10 }), /multiple of 3/],
    ['a wide operator', () => hutchinsonTrace(linearOperator({ shape: [1, 2], apply: (x) => x }), { key }), /square/],
  ]
  test.each(wrong)('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
