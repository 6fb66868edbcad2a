import { add, grad, jit, matmul, sort, type Tensor } from '@adjoint/core'
import { key, normal } from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import { emd } from '../../src/exact/emd.js'
import { maxSlicedWasserstein, slicedWasserstein } from '../../src/sliced/sliced.js'
import { slicedPlan } from '../../src/sliced/sliced-plan.js'
import { sphericalSlicedWasserstein } from '../../src/sliced/spherical.js'
import { f64 } from '../support.js'

const draw = (seed: number, shape: number[]) => normal(key(seed), shape, { dtype: 'float64' })
const squared = (x: Tensor, y: Tensor) => x.reshape([x.shape[0], 1, x.shape[1]]).sub(y).square().sum(2)
const [x, y] = [draw(1, [12, 3]), add(draw(2, [9, 3]), 1)]

describe('sliced distances', () => {
  test('along the axes: the mean of the distances of coordinates', () => {
    const axes = f64([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
    const z = draw(3, [12, 3])
    const closed = sort(x, 0).sub(sort(z, 0)).square().mean().item()
    expect(slicedWasserstein(x, z, { directions: axes }).item()).toBeCloseTo(closed, 13)
  })

  test('a shift s costs |s|^2 / d; the distance of Gaussians over d bounds it', () => {
    const shift = f64([1, 2, -2])
    const value = slicedWasserstein(x, x.add(shift), { key: key(4), projections: 4000 }).item() as number
    expect(Math.abs(value - 3)).toBeLessThan(0.2)
    expect(slicedWasserstein(x, x, { key: key(4) }).item()).toBe(0)
    expect(slicedWasserstein(x, y, { key: key(5) }).item() as number).toBeLessThan(
      emd(squared(x, y)).linearCost.item() as number,
    )
  })

  test('weights: a point counted twice is two points', () => {
    const twice = f64([...(x.arraySync() as number[][]), (x.arraySync() as number[][])[0]])
    const w = f64([2, ...Array(11).fill(1)].map((v) => v / 13))
    const options = { key: key(6), p: 1 }
    expect(slicedWasserstein(x, y, { ...options, a: w }).item()).toBeCloseTo(
      slicedWasserstein(twice, y, options).item() as number,
      13,
    )
  })

  test('gradients equal differences, under jit', () => {
    const loss = jit((u: Tensor) => slicedWasserstein(u, y, { key: key(7) }))
    const step = draw(8, [12, 3]).mul(1e-6)
    const slope = loss(x.add(step))
      .sub(loss(x.sub(step)))
      .div(2)
      .item() as number
    expect((grad(loss)(x).mul(step).sum().item() as number) / slope).toBeCloseTo(1, 5)
  })

  test('generalised: any function of the points', () => {
    const project = (points: Tensor, d: Tensor) => matmul(points, d.transpose()).pow(3)
    const value = slicedWasserstein(x, y, { key: key(9), project })
    expect(value.item()).toBeGreaterThan(0)
    expect(slicedWasserstein(x, x, { key: key(9), project }).item()).toBe(0)
  })

  test('max-sliced finds the direction of a shift', () => {
    const shift = f64([3, 0, 4])
    const { value, direction } = maxSlicedWasserstein(x, x.add(shift), { key: key(10) })
    expect(value.item()).toBeCloseTo(25, 10)
    expect(Math.abs(direction.mul(shift).sum().item() as number)).toBeCloseTo(5, 10)
    const mean = slicedWasserstein(x, y, { key: key(10) }).item() as number
    expect(maxSlicedWasserstein(x, y, { key: key(10) }).value.item()).toBeGreaterThan(mean)
  })

  test('a key or directions are needed, and points of one dimension', () => {
    expect(() => slicedWasserstein(x, y)).toThrow(/key/)
    expect(() => slicedWasserstein(x, draw(1, [4, 2]), { key: key(0) })).toThrow(/one dimension/)
  })
})

describe('sliced plans', () => {
  test('couple the weights, and bound the distance from above', () => {
    const { plan, linearCost } = slicedPlan(x, y, { key: key(11) })
    const exact = emd(squared(x, y)).linearCost.item() as number
    expect(linearCost.item()).toBeGreaterThanOrEqual(exact - 1e-12)
    expect(
      plan
        .toDense()
        .sum(1)
        .sub(1 / 12)
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-14)
    expect(linearCost.item()).toBeCloseTo(plan.toDense().mul(squared(x, y)).sum().item() as number, 12)
  })

  test('are exact where points lie on a line', () => {
    const line = f64([[1, 2, 2]])
    const [u, v] = [matmul(draw(12, [7, 1]), line), matmul(draw(13, [7, 1]), line)]
    expect(slicedPlan(u, v, { key: key(14) }).linearCost.item()).toBeCloseTo(
      emd(squared(u, v)).linearCost.item() as number,
      12,
    )
  })
})

describe('on the sphere', () => {
  const unit = (points: Tensor) => points.div(points.square().sum(1, { keepDims: true }).sqrt())
  test('zero for one measure, symmetric, unchanged by rotation', () => {
    const [u, v] = [unit(x), unit(y)]
    const options = { key: key(15), projections: 30 }
    expect(sphericalSlicedWasserstein(u, u, options).item()).toBeLessThan(1e-15)
    const value = sphericalSlicedWasserstein(u, v, options).item() as number
    expect(sphericalSlicedWasserstein(v, u, options).item()).toBeCloseTo(value, 12)
    const many = { key: key(16), projections: 3000 }
    const turned = f64([
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ])
    const ratio =
      (sphericalSlicedWasserstein(matmul(u, turned), matmul(v, turned), many).item() as number) /
      (sphericalSlicedWasserstein(u, v, many).item() as number)
    expect(Math.abs(ratio - 1)).toBeLessThan(0.1)
  })
})
