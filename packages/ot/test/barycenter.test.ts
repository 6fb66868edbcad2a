import { exp, grad, linspace, mul, sub, type Tensor, tensor } from '@adjoint/core'
import { expect, test } from 'vitest'
import { barycenter, euclidean, grid, OT_STATUS, pNorm, pointCloud, sinkhorn } from '../src/index.js'
import { distance, f64, list } from './support.js'

const line = linspace(-4, 4, 81, { dtype: 'float64' })
const bell = (mean: number, deviation: number): Tensor => {
  const heights = exp(mul(sub(line, mean).div(deviation).square(), -0.5))
  return heights.div(heights.sum())
}
const moments = (h: Tensor) => {
  const mean = h.mul(line).sum().item()
  return [mean, Math.sqrt(h.mul(line.sub(mean).square()).sum().item())]
}
const two = f64([list(bell(-1.5, 0.4)), list(bell(1, 0.8))])

test('Gaussians: debiased, the mean of means and of deviations', () => {
  const { histogram, status } = barycenter(grid([line]), two, { epsilon: 0.02, debiased: true })
  expect(status.item()).toBe(0)
  expect(histogram.sum().item()).toBeCloseTo(1, 12)
  const [mean, deviation] = moments(histogram)
  expect(mean).toBeCloseTo(-0.25, 3)
  expect(deviation).toBeCloseTo(0.6, 2)
  const [, blurred] = moments(barycenter(grid([line]), two, { epsilon: 0.02 }).histogram)
  expect(blurred).toBeGreaterThan(deviation + 0.05)
})

test('weights move it from one to the other, and matrix, cloud and grid agree', () => {
  const points = line.reshape([81, 1])
  const options = { weights: f64([0.25, 0.75]), epsilon: 0.05, tolerance: 1e-9 }
  const results = [grid([line]), pointCloud(points), pointCloud(points).costMatrix()].map((g) =>
    barycenter(g, two, options),
  )
  for (const { histogram } of results) expect(distance(histogram, results[0].histogram)).toBeLessThan(1e-9)
  expect(moments(results[0].histogram)[0]).toBeCloseTo(-1.5 * 0.25 + 0.75, 3)
})

test('one histogram debiased is its own barycenter, where it has mass', () => {
  const { histogram } = barycenter(grid([line]), two.slice([1, 2]), {
    epsilon: 0.05,
    debiased: true,
    maxIterations: 500,
  })
  expect(distance(histogram, two.slice(1))).toBeLessThan(2e-3)
})

test('gradients by the weights, implicit', () => {
  const few = two.slice(null, [20, 61]).add(1e-3)
  const histograms = few.div(few.sum(1, { keepDims: true }))
  const geometry = grid([line.slice([20, 61])])
  const mean = (w: Tensor) =>
    barycenter(geometry, histograms, { weights: w, epsilon: 0.1, tolerance: 1e-11 })
      .histogram.mul(line.slice([20, 61]))
      .sum()
  const slope = list(grad(mean)(f64([0.4, 0.6])))
  const h = 1e-4
  const along = (mean(f64([0.4 + h, 0.6 - h])).item() - mean(f64([0.4 - h, 0.6 + h])).item()) / (2 * h)
  expect(slope[0] - slope[1]).toBeCloseTo(along, 5)
})

test('a grid is the cloud of its points', () => {
  const axes = [f64([0, 1, 3]), f64([0, 2])]
  const [pixels, cloud] = [grid(axes, pNorm(1)), pointCloud(grid(axes).points(), undefined, pNorm(1))]
  expect(list(pixels.points())).toEqual([0, 0, 0, 2, 1, 0, 1, 2, 3, 0, 3, 2])
  const a = f64([0.1, 0.2, 0.3, 0, 0.3, 0.1])
  const [ours, theirs] = [pixels, cloud].map((g) => sinkhorn(g, { a, epsilon: 0.2, tolerance: 1e-11 }))
  expect(distance(ours.potentials.f, theirs.potentials.f)).toBeLessThan(1e-8)
  expect(ours.linearCost.item()).toBeCloseTo(theirs.linearCost.item(), 9)
  expect(() => grid(axes, euclidean)).toThrow(/sum over coordinates/)
})

test('what is wrong is said', () => {
  expect(() => barycenter(grid([line]), tensor([[1, 2]]))).toThrow(/one dtype/)
  expect(() => barycenter(grid([line]), f64([[1, 2]]))).toThrow(/81/)
  expect(() => barycenter(f64([[0, 1]]), f64([[0.5, 0.5]]), { debiased: true })).toThrow(/debiased/)
  const short = barycenter(grid([line]), two, { epsilon: 0.01, maxIterations: 2 })
  expect(OT_STATUS[short.status.item()]).toMatch(/maxIterations/)
})
