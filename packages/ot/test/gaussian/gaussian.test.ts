import { add, grad, jit, matmul, type Tensor, tensor, vmap } from '@adjoint/core'
import { key, normal } from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import { gaussianBarycenter } from '../../src/gaussian/barycenter.js'
import { buresMap, buresWasserstein } from '../../src/gaussian/bures.js'
import { gmmTransport } from '../../src/gaussian/gmm.js'
import { distance, f64 } from '../support.js'

const draw = (seed: number, shape: number[]) => normal(key(seed), shape, { dtype: 'float64' })
const definite = (seed: number, d = 3) => {
  const m = draw(seed, [d, d])
  const eye = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (__, j) => (i === j ? 0.3 : 0)))
  return add(matmul(m, m.transpose()), f64(eye))
}
const gaussian = (seed: number) => ({ mean: draw(seed + 100, [3]), covariance: definite(seed) })
const diagonal = (...d: number[]) => f64(d.map((v, i) => d.map((_, j) => (i === j ? v : 0))))

describe('between two Gaussians', () => {
  const [p, q] = [gaussian(1), gaussian(2)]

  test('commuting covariances: the distance of the roots', () => {
    const [a, b] = [f64([1, -2]), f64([0, 1])]
    const value = buresWasserstein(
      { mean: a, covariance: diagonal(4, 9) },
      { mean: b, covariance: diagonal(1, 25) },
    ).item()
    expect(value).toBeCloseTo(1 + 9 + 1 + 4, 13)
  })

  test('symmetric, zero on the diagonal', () => {
    expect(buresWasserstein(p, q).item()).toBeCloseTo(buresWasserstein(q, p).item(), 12)
    expect(Math.abs(buresWasserstein(p, p).item())).toBeLessThan(1e-13)
  })

  test('the map moves one onto the other, at the cost of the distance', () => {
    const { matrix, apply } = buresMap(p, q)
    expect(distance(matmul(matmul(matrix, p.covariance), matrix.transpose()), q.covariance)).toBeLessThan(1e-12)
    expect(distance(apply(p.mean), q.mean)).toBeLessThan(1e-13)
    const moved = matrix.sub(diagonal(1, 1, 1))
    const cost = matmul(matmul(moved, p.covariance), moved.transpose())
    const total = cost
      .mul(diagonal(1, 1, 1))
      .sum()
      .add(p.mean.sub(q.mean).square().sum())
      .item()
    expect(total).toBeCloseTo(buresWasserstein(p, q).item(), 12)
    expect(apply(draw(5, [4, 3])).shape).toEqual([4, 3])
  })

  test('the gradient is I - T at the covariance, 2 (m - n) at the mean', () => {
    const g = grad((mean: Tensor, covariance: Tensor) => buresWasserstein({ mean, covariance }, q), { argnums: [0, 1] })
    const [mean, covariance] = g(p.mean, p.covariance)
    expect(distance(mean, p.mean.sub(q.mean).mul(2))).toBeLessThan(1e-13)
    expect(distance(covariance, diagonal(1, 1, 1).sub(buresMap(p, q).matrix))).toBeLessThan(1e-11)
  })

  test('shapes are checked', () => {
    expect(() => buresWasserstein(p, { mean: f64([1]), covariance: diagonal(1) })).toThrow(/mean \[3\]/)
    expect(() => buresWasserstein(p, { mean: tensor([1, 2, 3]), covariance: q.covariance })).toThrow(/dtype/)
  })
})

describe('barycenter', () => {
  const covariances = f64([1, 2, 3].map((seed) => definite(seed).arraySync()))
  const means = draw(9, [3, 3])
  const w = f64([0.2, 0.3, 0.5])

  test('commuting covariances: the square of the mean root', () => {
    const { gaussian: g, converged } = gaussianBarycenter(
      means.slice([0, 2]),
      f64([diagonal(1, 4, 9), diagonal(9, 16, 1)].map((c) => c.arraySync())),
    )
    expect(converged.item()).toBe(1)
    expect(distance(g.covariance, diagonal(4, 9, 4))).toBeLessThan(1e-11)
  })

  test('mean maps are the identity there', () => {
    const { gaussian: g, status, iterations } = jit(() => gaussianBarycenter(means, covariances, { weights: w }))()
    const maps = [0, 1, 2].map((k) => buresMap(g, { mean: means.slice(k), covariance: covariances.slice(k) }).matrix)
    const mean = maps.map((m, k) => m.mul(w.slice(k))).reduce((sum, m) => sum.add(m))
    expect(distance(mean, diagonal(1, 1, 1))).toBeLessThan(1e-10)
    expect(distance(g.mean, matmul(w, means))).toBeLessThan(1e-14)
    expect([status.item(), (iterations.item() as number) < 100]).toEqual([0, true])
  })

  test('implicit gradients equal differences', () => {
    const loss = (c: Tensor) => gaussianBarycenter(means, c, { weights: w }).gaussian.covariance.square().sum()
    const bump = draw(10, [3, 3, 3]).mul(1e-5)
    const step = bump.add(bump.transpose([0, 2, 1]))
    const slope = loss(covariances.add(step))
      .sub(loss(covariances.sub(step)))
      .div(2)
      .item()
    expect(grad(loss)(covariances).mul(step).sum().item() / slope).toBeCloseTo(1, 6)
  })

  test('too few steps are a status', () => {
    expect(gaussianBarycenter(means, covariances, { maxIterations: 1 }).status.item()).toBe(1)
  })
})

describe('mixtures', () => {
  test('single components: the distance of Gaussians; more: never more than independent coupling', () => {
    const one = (seed: number) => ({
      weights: f64([1]),
      means: draw(seed, [1, 3]),
      covariances: definite(seed).reshape([1, 3, 3]),
    })
    const [p, q] = [one(11), one(12)]
    const direct = buresWasserstein(
      { mean: p.means.slice(0), covariance: p.covariances.slice(0) },
      { mean: q.means.slice(0), covariance: q.covariances.slice(0) },
    )
    expect(gmmTransport(p, q).linearCost.item()).toBeCloseTo(direct.item(), 12)
    const mix = (seed: number) => ({
      weights: f64([0.25, 0.75]),
      means: draw(seed, [2, 3]),
      covariances: f64([definite(seed).arraySync(), definite(seed + 1).arraySync()]),
    })
    const [r, s] = [mix(13), mix(15)]
    expect(Math.abs(gmmTransport(r, r).linearCost.item())).toBeLessThan(1e-12)
    const gradient = grad((means: Tensor) => gmmTransport({ ...r, means }, s).linearCost)(r.means)
    const plan = gmmTransport(r, s).plan.toDense()
    const expected = vmap((m: Tensor, row: Tensor) =>
      m
        .sub(s.means)
        .mul(2)
        .mul(row.reshape([2, 1]))
        .sum(0),
    )(r.means, plan)
    expect(distance(gradient, expected)).toBeLessThan(1e-12)
  })
})
