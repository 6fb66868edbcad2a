import { checkGrads } from '@adjoint/conformance'
import { type Tensor, tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import { costScale, type EpsilonScale } from '../src/geometry/epsilon.js'
import {
  arccos,
  type Cost,
  cosine,
  costMatrix,
  elastic,
  euclidean,
  mahalanobis,
  pNorm,
  pointCloud,
  squaredEuclidean,
} from '../src/index.js'
import { distance, f64, list } from './support.js'

const normal = (seed: number, shape: number[]): Tensor => random.normal(random.key(seed), shape, { dtype: 'float64' })
const m = f64([
  [2, 0.5, 0],
  [0.5, 1, 0],
  [0, 0, 3],
])

const dot = (x: number[], y: number[]) => x.reduce((s, v, k) => s + v * y[k], 0)
const gap = (x: number[], y: number[]) => x.map((v, k) => v - y[k])
const cos = (x: number[], y: number[]) => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
const plain: [string, Cost, (x: number[], y: number[]) => number][] = [
  ['squaredEuclidean', squaredEuclidean, (x, y) => dot(gap(x, y), gap(x, y))],
  ['euclidean', euclidean, (x, y) => Math.hypot(...gap(x, y))],
  ['pNorm(1)', pNorm(1), (x, y) => gap(x, y).reduce((s, v) => s + Math.abs(v), 0)],
  ['pNorm(3)', pNorm(3), (x, y) => gap(x, y).reduce((s, v) => s + Math.abs(v) ** 3, 0)],
  ['cosine', cosine, (x, y) => 1 - cos(x, y)],
  ['arccos', arccos, (x, y) => Math.acos(cos(x, y))],
  [
    'mahalanobis',
    mahalanobis(m),
    (x, y) =>
      dot(
        gap(x, y),
        (m.arraySync() as number[][]).map((row) => dot(row, gap(x, y))),
      ),
  ],
  [
    'elastic',
    elastic(f64(0.3)),
    (x, y) => dot(gap(x, y), gap(x, y)) / 2 + 0.3 * gap(x, y).reduce((s, v) => s + Math.abs(v), 0),
  ],
]

describe('costs', () => {
  test.each(plain)('%s: values and derivatives', async (_, cost, formula) => {
    const [x, y] = [normal(0, [4, 3]), normal(1, [5, 3])]
    const [xs, ys] = [x, y].map((points) => points.arraySync() as number[][])
    const expected = xs.map((u) => ys.map((v) => formula(u, v)))
    expect(distance(pointCloud(x, y, cost).costMatrix(), f64(expected))).toBeLessThan(1e-12)
    await checkGrads((u: Tensor) => pointCloud(u, y, cost).costMatrix(), [x], { order: 2 })
  })
  test.each([squaredEuclidean, euclidean, pNorm(2), cosine, arccos])(
    '$name in many dimensions, and slopes of 0 at ties',
    (cost) => {
      const x = normal(2, [3, 20])
      const far = pointCloud(x, x, cost).costMatrix()
      expect(distance(far, far.transpose())).toBeLessThan(1e-12)
      for (let i = 0; i < 3; i++) expect(far.slice(i, i).item()).toBeLessThan(1e-6)
      const few = pointCloud(x.slice(null, [0, 4]), undefined, cost).costMatrix()
      expect(list(few).every(Number.isFinite)).toBe(true)
    },
  )
})

test('reductions of a cloud are those of its matrix', () => {
  const [x, y] = [normal(3, [6, 2]), normal(4, [5, 2])]
  const [cloud, matrix] = [pointCloud(x, y), costMatrix(pointCloud(x, y).costMatrix())]
  const [f, g, v] = [normal(5, [6]), normal(6, [5]), normal(7, [5, 3])]
  const epsilon = f64(0.4)
  const mixed = (c: Tensor, [r]: readonly Tensor[], [s, w]: readonly Tensor[], [e]: readonly Tensor[]) =>
    w.mul(c.mul(r).add(s).mul(e))
  for (const axis of [0, 1] as const) {
    const h = axis === 1 ? g : f
    expect(distance(cloud.logSumExp(h, epsilon, axis), matrix.logSumExp(h, epsilon, axis))).toBeLessThan(1e-12)
    const inputs = { rows: [f], columns: [g, v], shared: [epsilon], item: [3] }
    expect(distance(cloud.sum(mixed, axis, inputs), matrix.sum(mixed, axis, inputs))).toBeLessThan(1e-12)
  }
})

test('what epsilon is relative to leaves infinite costs out', () => {
  const scale = (kind: EpsilonScale) =>
    costScale(
      costMatrix(
        f64([
          [0, 2],
          [4, Infinity],
        ]),
      ),
      kind,
    ).item()
  expect(scale('absolute')).toBe(1)
  expect(scale('mean')).toBe(2)
  expect(scale('max')).toBe(4)
  expect(scale('std')).toBeCloseTo(Math.sqrt(8 / 3), 12)
  expect(costScale(costMatrix(tensor([[0, 0]])), 'mean').item()).toBe(1)
})
