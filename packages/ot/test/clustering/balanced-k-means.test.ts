import { createFakeAsync } from '@adjoint/conformance'
import { grad, jit, type Tensor, tensor, withBackend } from '@adjoint/core'
import { key, normal } from '@adjoint/core/random'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { balancedKMeans } from '../../src/clustering/balanced-k-means.js'
import { OT_STATUS } from '../../src/status.js'
import { distance, f64, list } from '../support.js'

const noise = (seed: number, n: number) => normal(key(seed), [n, 2], { dtype: 'float64' })
const corners = [
  [0, 0],
  [2e4, 0],
  [0, 2e4],
]
const planted = (seed: number) => noise(seed, 12).add(f64([...Array(12).keys()].map((i) => corners[i % 3])))

/** How many points each cluster has. */
const sizes = (labels: Tensor, k: number) => [...Array(k).keys()].map((c) => list(labels).filter((l) => l === c).length)

test('far groups of equal size are found, whatever the seed', () => {
  const cluster = jit((x: Tensor) => balancedKMeans(x, 3))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const x = planted(seed)
      const { labels, centers, converged } = cluster(x)
      expect(converged.item()).toBe(1)
      const found = list(labels)
      expect(sizes(labels, 3)).toEqual([4, 4, 4])
      for (let i = 3; i < 12; i++) expect(found[i]).toBe(found[i % 3])
      for (let c = 0; c < 3; c++) {
        const own = list(labels).map((label) => Number(label === c) / 4)
        expect(distance(f64(own).expandDims(0).matmul(x), centers.slice([c, c + 1]))).toBeLessThan(1e-8)
      }
    }),
    { numRuns: 10 },
  )
})

test('groups of other sizes are cut to equal ones, and shares are kept where they are given', () => {
  const x = noise(4, 12)
  expect(sizes(balancedKMeans(x, 3).labels, 3)).toEqual([4, 4, 4])
  const { labels, plan } = balancedKMeans(x, 2, { b: f64([0.75, 0.25]) })
  expect(sizes(labels, 2)).toEqual([9, 3])
  expect(distance(plan.toDense().sum(0), f64([0.75, 0.25]))).toBeLessThan(1e-12)
})

test('one cluster is the mean, as many clusters as points cost nothing, equal points are no harm', () => {
  const x = noise(5, 6)
  expect(distance(balancedKMeans(x, 1).centers, x.mean(0, { keepDims: true }))).toBeLessThan(1e-12)
  expect(balancedKMeans(x, 6).linearCost.item()).toBeCloseTo(0, 12)
  const same = balancedKMeans(f64(Array(6).fill([1, 2])), 3)
  expect([same.linearCost.item(), same.converged.item()]).toEqual([0, 1])
})

test('the cost has the gradient at fixed clusters', () => {
  const x = planted(7)
  const slope = grad((z: Tensor) => balancedKMeans(z, 3).linearCost)(x)
  const { plan, centers } = balancedKMeans(x, 3)
  const expected = x.sub(plan.apply(centers).mul(12)).mul(2 / 12)
  expect(distance(slope, expected)).toBeLessThan(1e-8)
})

test('too few rounds and bad weights are statuses; a device without reads works', async () => {
  const word = (result: { status: Tensor }) => OT_STATUS[result.status.item() as number]
  expect(word(balancedKMeans(noise(8, 30), 5, { maxIterations: 1 }))).toMatch(/maxIterations/)
  expect(word(balancedKMeans(noise(8, 3), 2, { b: f64([1, -1]) }))).toMatch(/weights/)
  const there = withBackend(createFakeAsync(), () => balancedKMeans(tensor([[0], [1], [2], [9]]), 2))
  const labels = Array.from(await there.labels.data())
  expect(labels.map((label) => label === labels[0])).toEqual([true, true, false, false])
})

test('wrong arguments are refused', () => {
  expect(() => balancedKMeans(f64([[0], [1]]), 3)).toThrow(/k 3/)
  expect(() => balancedKMeans(f64([0, 1]), 1)).toThrow(/points/)
  expect(() => balancedKMeans(f64([[0]]), 1, { maxIterations: 0 })).toThrow(/maxIterations/)
})
