import { createFakeAsync } from '@adjoint/conformance'
import { grad, jit, type Tensor, tensor, withBackend } from '@adjoint/core'
import { key, normal, uniform } from '@adjoint/core/random'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { barycentricMap } from '../../src/adaptation/barycentric-map.js'
import { entropicMap } from '../../src/adaptation/entropic-map.js'
import { gaussianMap } from '../../src/adaptation/gaussian-map.js'
import { sinkhorn } from '../../src/entropic/sinkhorn.js'
import { emd } from '../../src/exact/emd.js'
import { elastic, euclidean } from '../../src/geometry/costs.js'
import { pointCloud } from '../../src/geometry/point-cloud.js'
import { DensePlan } from '../../src/plan.js'
import { distance, f64, list } from '../support.js'

const points = (seed: number, n: number, d = 2) => normal(key(seed), [n, d], { dtype: 'float64' })
const SPREAD = f64([
  [2, 0.5],
  [0.5, 1],
])

test('the barycentric map of a plan between a cloud and its image under a convex gradient is that gradient', () => {
  const x = points(1, 30)
  const y = x.matmul(SPREAD).add(f64([3, -1]))
  const order = [...Array(30).keys()].map((i) => (7 * i) % 30)
  const shuffled = y.reshape([30, 2]).T.matmul(f64(order.map((j) => order.map((_, k) => Number(k === j))))).T
  const { plan } = emd(pointCloud(x, shuffled))
  expect(distance(barycentricMap(plan, shuffled), y)).toBeLessThan(1e-12)
})

test('a row without mass has its image at zero, not NaN', () => {
  const plan = new DensePlan(
    f64([
      [0.5, 0.5],
      [0, 0],
    ]),
  )
  expect(list(barycentricMap(plan, f64([[1], [3]])))).toEqual([2, 0])
})

test.each([['squared'], ['euclidean'], ['elastic']])(
  'the entropic map of the sample is the barycentric map, both ways: %s',
  (name) => {
    const costs = { squared: undefined, euclidean, elastic: elastic(f64(0.5)) } as const
    const [x, y] = [points(1, 12), points(2, 9)]
    const a = uniform(key(3), [12], { dtype: 'float64' }).add(0.1)
    const weights = a.div(a.sum())
    const fit = sinkhorn(pointCloud(x, y, costs[name as 'squared']), { a: weights, epsilon: 0.1, tolerance: 1e-12 })
    const map = entropicMap(fit)
    expect(distance(map.apply(x), barycentricMap(fit.plan, y))).toBeLessThan(1e-9)
    const back = new DensePlan(fit.plan.toDense().transpose())
    expect(distance(map.inverse(y), barycentricMap(back, x))).toBeLessThan(1e-9)
  },
)

test('the entropic map of large Gaussian samples is near the affine map between them, also outside of the sample', () => {
  const x = points(5, 400)
  const y = points(6, 400)
    .matmul(SPREAD)
    .add(f64([3, -1]))
  const map = entropicMap(sinkhorn(pointCloud(x, y), { epsilon: 0.05 }))
  const probes = points(7, 50)
  const exact = probes.matmul(SPREAD).add(f64([3, -1]))
  const error = map.apply(probes).sub(exact).square().sum(1).mean().item()
  expect(error).toBeLessThan(0.15)
  expect(map.inverse(exact).sub(probes).square().sum(1).mean().item()).toBeLessThan(0.15)
})

test('points far away go to the sample, not to NaN; leading axes stay', () => {
  const [x, y] = [points(1, 5), points(2, 6)]
  const map = entropicMap(sinkhorn(pointCloud(x, y), { epsilon: 0.01 }))
  const far = map.apply(f64([[[1e6, 1e6]], [[-1e6, 0]]]))
  expect(far.shape).toEqual([2, 1, 2])
  const most = y.abs().max().item()
  expect(list(far).every((v) => Math.abs(v) <= most + 1e-9)).toBe(true)
})

test('the entropic map has the derivatives of its potentials and points, also under jit', () => {
  const [x, y] = [points(1, 6), points(2, 5)]
  const probe = points(3, 2)
  const loss = (from: Tensor, at: Tensor) =>
    entropicMap(sinkhorn(pointCloud(from, y), { epsilon: 0.3, epsilonScale: 'absolute', tolerance: 1e-13 }))
      .apply(at)
      .square()
      .sum()
  const slope = grad(loss)(x, probe)
  const h = 1e-5
  const bump = f64([...Array(6).keys()].map((i) => [Number(i === 2), 0]))
  const numeric = (loss(x.add(bump.mul(h)), probe).item() - loss(x.sub(bump.mul(h)), probe).item()) / (2 * h)
  expect(slope.mul(bump).sum().item()).toBeCloseTo(numeric, 6)
  expect(distance(jit(grad(loss))(x, probe), slope)).toBeLessThan(1e-10)
})

test('float32, and a device that cannot be read synchronously', async () => {
  const run = () => {
    const [x, y] = [tensor([[0], [1], [2]]), tensor([[10], [11], [12]])]
    const fit = sinkhorn(pointCloud(x, y), { epsilon: 0.001, epsilonScale: 'absolute' })
    return entropicMap(fit).apply(tensor([[0.1], [2.2]]))
  }
  const there = withBackend(createFakeAsync(), run)
  expect(there.dtype).toBe('float32')
  for (const [i, v] of (await there.data()).entries()) expect(v).toBeCloseTo([10, 12][i], 4)
})

test('an affine map planted by any seed is recovered by the Gaussian map', () => {
  const recovered = jit((x: Tensor, y: Tensor, probe: Tensor) => gaussianMap(x, y, { regularization: 0 }).apply(probe))
  const probe = points(0, 3)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: -0.7, max: 0.7, noNaN: true }), (seed, tilt) => {
      const matrix = f64([
        [2, tilt],
        [tilt, 1],
      ])
      const x = points(seed, 20)
      const planted = (z: Tensor) => z.matmul(matrix).add(f64([1, -2]))
      expect(distance(recovered(x, planted(x), probe), planted(probe))).toBeLessThan(1e-6)
    }),
    { numRuns: 20 },
  )
})

test('wrong shapes and plans of no points are refused', () => {
  const [x, y] = [points(1, 4), points(2, 3)]
  const { plan } = sinkhorn(pointCloud(x, y))
  expect(() => barycentricMap(plan, x)).toThrow(/targets/)
  expect(() => barycentricMap(plan, tensor([[1], [2], [3]]))).toThrow(/one dtype/)
  expect(() => entropicMap(sinkhorn(pointCloud(x, y).costMatrix()))).toThrow(/matrix of costs/)
  expect(() => entropicMap({ plan }).apply(points(1, 4, 3))).toThrow(/points/)
  expect(() => gaussianMap(x, points(1, 4, 3))).toThrow(/mean/)
  expect(() => gaussianMap(x, y, { regularization: -1 })).toThrow(/regularization/)
})
