// LSQR beside closed forms and the dense solution, with and without a preconditioner.

import { add, div, eye, jit, matmul, mul, stack, sub, type Tensor, tensor, transpose, vmap } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { qr } from '../src/factorisations/index.js'
import { lsqr } from '../src/iterative/index.js'
import { diagonalOperator, multiplyOperators } from '../src/operators/index.js'
import { inv, lstsq } from '../src/solves/index.js'
import { distance, f64, list, normal } from './iterative-support.js'

const unit = (n: number) => eye(n, n, { dtype: 'float64' })

describe('least squares', () => {
  test('consistent, inconsistent, without full rank, damped', () => {
    const tall = normal(0, [20, 8])
    const x = normal(1, [8])
    expect(distance(lsqr(tall, matmul(tall, x)).x, x)).toBeLessThan(1e-8)
    const b = normal(2, [20])
    const fit = lsqr(tall, b)
    expect(distance(matmul(transpose(tall), sub(b, matmul(tall, fit.x))), mul(x, 0))).toBeLessThan(1e-8)
    expect(fit.normalResidualNorm.item()).toBeLessThan(1e-8)
    expect(fit.residualNorm.item()).toBeGreaterThan(1)
    const twins = multiplyOperators(
      tall,
      f64(Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (__, j) => (i >> 1 === j >> 1 ? 1 : 0)))),
    )
    const shortest = list(lsqr(twins, b).x)
    for (const i of [0, 2, 4, 6]) expect(shortest[i]).toBeCloseTo(shortest[i + 1], 10)
    const damped = lsqr(tall, b, { damp: 2 }).x
    const normalMatrix = add(matmul(transpose(tall), tall), mul(unit(8), 4))
    expect(distance(matmul(normalMatrix, damped), matmul(transpose(tall), b))).toBeLessThan(1e-8)
  })

  test('zero, NaN, few steps, float32, lanes', () => {
    const a = normal(0, [6, 4])
    expect(list(lsqr(a, mul(normal(1, [6]), 0)).x)).toEqual([0, 0, 0, 0])
    expect(lsqr(a, mul(normal(1, [6]), Number.NaN)).status.item()).toBe(3)
    expect(lsqr(a, normal(1, [6]), { maxSteps: 2 }).status.item()).toBe(1)
    const single = lsqr(a.cast('float32'), tensor([1, 2, 3, 4, 5, 6]))
    expect([single.x.dtype, single.converged.item()]).toEqual(['float32', 1])
    const { status, iterations } = jit(vmap((b: Tensor) => lsqr(a, b)))(stack([normal(1, [6]), mul(normal(1, [6]), 0)]))
    expect([list(status), list(iterations)]).toEqual([
      [0, 0],
      [4, 0],
    ])
  })
})

describe('least squares with a preconditioner', () => {
  const scale = f64(Array.from({ length: 8 }, (_, i) => 10 ** -i))
  const ill = mul(normal(0, [20, 8]), scale)
  const b = normal(2, [20])

  test('the inverse of the triangular factor needs one step', () => {
    const preconditioner = inv(qr(ill).r)
    const { x, iterations, status } = lsqr(ill, b, { preconditioner })
    expect([iterations.item(), status.item()]).toEqual([1, 0])
    expect(distance(mul(x, scale), mul(lstsq(ill, b).x, scale))).toBeLessThan(1e-10)
  })

  test('fewer steps where columns are scaled badly, to the same minimum', () => {
    const plain = lsqr(ill, b)
    const better = lsqr(ill, b, { preconditioner: diagonalOperator(div(1, scale)) })
    expect(better.status.item()).toBe(0)
    expect(better.iterations.item()).toBeLessThanOrEqual(9)
    expect(plain.iterations.item()).toBeGreaterThan(2 * better.iterations.item())
    expect(distance(mul(better.x, scale), mul(lstsq(ill, b).x, scale))).toBeLessThan(1e-8)
  })

  test('damping is of x, whatever the preconditioner', () => {
    const preconditioner = normal(3, [8, 8])
    const a = normal(0, [20, 8])
    const damped = lsqr(a, b, { damp: 2, preconditioner })
    expect(distance(damped.x, lsqr(a, b, { damp: 2 }).x)).toBeLessThan(1e-8)
    expect(damped.normalResidualNorm.item()).toBeLessThan(1e-8)
  })

  test('of several solutions, x = N y with the shortest y', () => {
    const wide = normal(0, [5, 8])
    const right = normal(1, [5])
    const n = add(normal(3, [8, 8]), mul(unit(8), 4))
    const y = lsqr(matmul(wide, n), right).x
    const { x, residualNorm } = lsqr(wide, right, { preconditioner: n })
    expect(distance(x, matmul(n, y))).toBeLessThan(1e-8)
    expect(residualNorm.item()).toBeLessThan(1e-8)
  })
})
