import { abs, grad, hessian, jit, sort, type Tensor, tensor, vmap } from '@adjoint/core'
import { key, normal } from '@adjoint/core/random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emd } from '../../src/exact/emd.js'
import { emd1d } from '../../src/one-dimensional/emd-1d.js'
import { OT_STATUS } from '../../src/status.js'
import { distance, f64, list } from '../support.js'

const draw = (seed: number, shape: number[]) => normal(key(seed), shape, { dtype: 'float64' })
const table = (x: Tensor, y: Tensor, p: number) => abs(x.reshape([x.size, 1]).sub(y)).pow(p)

describe('emd1d', () => {
  const measure = (size: number) =>
    fc.tuple(
      fc.array(fc.integer({ min: -8, max: 8 }), { minLength: size, maxLength: size }),
      fc
        .array(fc.integer({ min: 0, max: 5 }), { minLength: size, maxLength: size })
        .filter((w) => w.some((v) => v > 0)),
    )

  test('agrees with the network simplex, with its certificate, ties and zero weights included', () => {
    const solvers = [1, 1.5, 2, 3].map((p) => ({
      p,
      line: jit((x: Tensor, y: Tensor, a: Tensor, b: Tensor) => emd1d(x, y, { a, b, p })),
    }))
    fc.assert(
      fc.property(measure(5), measure(7), ([xs, as], [ys, bs]) => {
        const weigh = (w: number[]) => f64(w.map((v) => v / w.reduce((s, u) => s + u, 0)))
        const [x, y, a, b] = [f64(xs), f64(ys), weigh(as), weigh(bs)]
        for (const { p, line } of solvers) {
          const cost = table(x, y, p)
          const { linearCost, potentials, dualGap, marginalError, status, plan } = line(x, y, a, b)
          expect(linearCost.item()).toBeCloseTo(emd(cost, { a, b }).linearCost.item(), 9)
          expect(Math.abs(dualGap.item())).toBeLessThan(1e-9)
          expect(marginalError.item()).toBeLessThan(1e-13)
          expect(
            cost
              .sub(potentials.f.reshape([5, 1]))
              .sub(potentials.g)
              .min()
              .item(),
          ).toBeGreaterThan(-1e-9)
          expect([status.item(), plan.values.size]).toEqual([0, 11])
        }
      }),
      { numRuns: 25 },
    )
  })

  test('equal counts: sorted points are partners', () => {
    const [x, y] = [draw(1, [40]), draw(2, [40])]
    const closed = sort(x).sub(sort(y)).square().mean().item()
    expect(emd1d(x, y).linearCost.item()).toBeCloseTo(closed, 14)
    const gradient = grad((v: Tensor) => emd1d(v, y).linearCost)(x)
    expect(distance(gradient, grad((v: Tensor) => sort(v).sub(sort(y)).square().mean())(x))).toBeLessThan(1e-14)
    const curvature = hessian((v: Tensor) => emd1d(v, y).linearCost)(x)
    expect(distance(curvature, hessian((v: Tensor) => v.square().mean())(x))).toBeLessThan(1e-14)
  })

  test('gradients with respect to weights are potentials', () => {
    const [x, y] = [draw(3, [5]), draw(4, [6])]
    const a = f64([0.1, 0.3, 0.2, 0.15, 0.25])
    const value = (w: Tensor) => emd1d(x, y, { a: w }).linearCost
    const step = f64([1e-6, 0, -1e-6, 0, 0])
    const slope = value(a.add(step))
      .sub(value(a.sub(step)))
      .div(2e-6)
      .item()
    const g = list(grad(value)(a))
    expect(g[0] - g[2]).toBeCloseTo(slope, 7)
  })

  test('one point on each side; float32; vmap', () => {
    expect(emd1d(f64([3]), f64([5])).linearCost.item()).toBe(4)
    expect(emd1d(tensor([3, 1]), tensor([5, 7])).linearCost.dtype).toBe('float32')
    const [xs, ys] = [draw(5, [3, 6]), draw(6, [3, 4])]
    const many = jit(vmap((x: Tensor, y: Tensor) => emd1d(x, y).linearCost))(xs, ys)
    for (const k of [0, 1, 2]) expect(list(many)[k]).toBeCloseTo(emd1d(xs.slice(k), ys.slice(k)).linearCost.item(), 14)
  })

  test('faults are statuses, and options are checked', () => {
    const word = (x: number[], options = {}) => OT_STATUS[emd1d(f64(x), f64([0, 1]), options).status.item() as number]
    expect(word([Number.NaN, 1])).toMatch(/NaN/)
    expect(word([0, 1], { a: f64([1, 1]) })).toMatch(/differ/)
    expect(() => emd1d(f64([0]), f64([1]), { p: 0.5 })).toThrow(/from 1/)
    expect(() => emd1d(f64([[0]]), f64([1]))).toThrow(/vector/)
  })
})
