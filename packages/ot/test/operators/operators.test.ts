import { grad, jit, sort, type Tensor, vmap } from '@adjoint/core'
import { key, normal } from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import { assignment } from '../../src/exact/assignment.js'
import { gumbelSinkhorn } from '../../src/operators/gumbel-sinkhorn.js'
import { softQuantile, softRank, softSort, softTopK } from '../../src/operators/soft-sort.js'
import { distance, f64, list } from '../support.js'

const draw = (seed: number, shape: number[]) => normal(key(seed), shape, { dtype: 'float64' })
const x = draw(1, [8])
const sharp = { epsilon: 1e-4 }

describe('as epsilon falls', () => {
  test('softSort is sort', () => {
    expect(distance(softSort(x, sharp), sort(x))).toBeLessThan(1e-3)
    expect(softSort(x, { targets: 3 }).shape).toEqual([3])
  })

  test('softRank is the rank, on any scale of values', () => {
    const ranks = f64(list(x).map((v) => list(x).filter((u) => u < v).length))
    expect(distance(softRank(x, sharp), ranks)).toBeLessThan(1e-3)
    expect(distance(softRank(x.mul(1e6).add(7), sharp), ranks)).toBeLessThan(1e-3)
  })

  test('softTopK marks the k largest, of sum k', () => {
    const largest = list(x).sort((u, v) => v - u)[2]
    const mask = softTopK(x, 3, sharp)
    expect(distance(mask, f64(list(x).map((v) => (v >= largest ? 1 : 0))))).toBeLessThan(1e-3)
    expect(softTopK(x, 3).sum().item()).toBeCloseTo(3, 5)
  })

  test('softQuantile is the order statistic', () => {
    const values = f64([5, 1, 4, 2, 3])
    for (const [level, value] of [
      [0.5, 3],
      [0, 1],
      [1, 5],
    ]) {
      expect(softQuantile(values, level, sharp).item()).toBeCloseTo(value, 3)
    }
  })
})

describe('soft', () => {
  test('softSort is ascending, and keeps the mean', () => {
    const values = list(softSort(x, { epsilon: 0.02, tolerance: 1e-10 }))
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1])
    expect(values.reduce((s, v) => s + v, 0)).toBeCloseTo(x.sum().item(), 7)
  })

  test.each([
    ['softSort', (v: Tensor) => softSort(v, { epsilon: 0.01, tolerance: 1e-12 })],
    ['softRank', (v: Tensor) => softRank(v, { epsilon: 0.01, tolerance: 1e-12 })],
    ['softTopK', (v: Tensor) => softTopK(v, 2, { epsilon: 0.01, tolerance: 1e-12 })],
    ['softQuantile', (v: Tensor) => softQuantile(v, 0.3, { epsilon: 0.01, tolerance: 1e-12 })],
  ])('%s has right gradients, under jit and vmap', (_, soft) => {
    const w = draw(2, soft(x).shape as number[])
    const loss = jit((v: Tensor) => soft(v).mul(w).sum())
    const step = draw(3, [8]).mul(1e-5)
    const slope = loss(x.add(step))
      .sub(loss(x.sub(step)))
      .div(2)
      .item()
    const gradient = grad(loss)(x)
    const size = gradient.square().sum().mul(step.square().sum()).sqrt().item()
    expect(Math.abs(gradient.mul(step).sum().item() - slope)).toBeLessThan(1e-4 * size + 1e-14)
    const pair = vmap(soft)(f64([list(x), list(x.mul(2))]))
    expect(distance(pair.slice(0), soft(x))).toBeLessThan(1e-9)
  })

  test('options are checked', () => {
    expect(() => softTopK(x, 8)).toThrow(/from 1 to 7/)
    expect(() => softQuantile(x, 2)).toThrow(/from 0 to 1/)
    expect(() => softSort(x, { targets: 0 })).toThrow(/targets/)
    expect(() => gumbelSinkhorn(draw(1, [2, 3]))).toThrow(/square/)
  })
})

describe('soft permutations', () => {
  const scores = draw(4, [5, 5])
  test('are doubly stochastic, and the best assignment as the temperature falls', () => {
    const soft = gumbelSinkhorn(scores, { tolerance: 1e-10 })
    expect(distance(soft.sum(0), f64([1, 1, 1, 1, 1]))).toBeLessThan(1e-9)
    const hard = assignment(scores.neg()).plan.toDense()
    expect(distance(gumbelSinkhorn(scores, { temperature: 0.01 }), hard)).toBeLessThan(1e-3)
  })

  test('noise follows the key', () => {
    const sample = (seed: number) => gumbelSinkhorn(scores, { key: key(seed) })
    expect(distance(sample(5), sample(5))).toBe(0)
    expect(distance(sample(5), sample(6))).toBeGreaterThan(0.01)
  })
})
