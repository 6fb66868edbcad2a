import { abs, grad, jit, minimum, type Tensor, tensor } from '@adjoint/core'
import { key, uniform } from '@adjoint/core/random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emd } from '../../src/exact/emd.js'
import { emdCircle } from '../../src/one-dimensional/emd-circle.js'
import { OT_STATUS } from '../../src/status.js'
import { f64 } from '../support.js'

const round = (x: Tensor, y: Tensor, p: number) => {
  const d = abs(x.reshape([x.size, 1]).sub(y))
  return minimum(d, d.neg().add(1)).pow(p)
}

describe('emdCircle', () => {
  const measure = (size: number) =>
    fc.tuple(
      fc.array(fc.integer({ min: 0, max: 99 }), { minLength: size, maxLength: size }),
      fc
        .array(fc.integer({ min: 0, max: 5 }), { minLength: size, maxLength: size })
        .filter((w) => w.some((v) => v > 0)),
    )

  test('agrees with the network simplex on the distances round the circle', () => {
    const solvers = [1, 2, 2.5].map((p) => ({
      p,
      circle: jit((x: Tensor, y: Tensor, a: Tensor, b: Tensor) => emdCircle(x, y, { a, b, p })),
    }))
    fc.assert(
      fc.property(measure(5), measure(7), ([xs, as], [ys, bs]) => {
        const weigh = (w: number[]) => f64(w.map((v) => v / w.reduce((s, u) => s + u, 0)))
        const [x, y, a, b] = [f64(xs.map((v) => v / 100)), f64(ys.map((v) => v / 100)), weigh(as), weigh(bs)]
        for (const { p, circle } of solvers) {
          const { linearCost, plan, status } = circle(x, y, a, b)
          expect(linearCost.item()).toBeCloseTo(emd(round(x, y, p), { a, b }).linearCost.item(), 12)
          expect(plan.toDense().sum(1).sub(a).abs().max().item()).toBeLessThan(1e-13)
          expect(plan.toDense().sum(0).sub(b).abs().max().item()).toBeLessThan(1e-13)
          expect(status.item()).toBe(0)
        }
      }),
      { numRuns: 25 },
    )
  })

  test('turning both measures changes nothing; the gradient is that of the plan', () => {
    const [x, y] = [uniform(key(1), [6], { dtype: 'float64' }), uniform(key(2), [4], { dtype: 'float64' })]
    const value = emdCircle(x, y).linearCost.item()
    expect(emdCircle(x.add(0.37), y.add(5.37)).linearCost.item()).toBeCloseTo(value, 13)
    expect(emdCircle(x.mul(24), y.mul(24), { period: 24 }).linearCost.item()).toBeCloseTo(24 ** 2 * value, 10)
    const step = f64([1e-6, 0, 0, 0, 0, 0])
    const loss = (v: Tensor) => emdCircle(v, y).linearCost
    const slope = loss(x.add(step))
      .sub(loss(x.sub(step)))
      .div(2e-6)
      .item()
    expect(grad(loss)(x).slice(0).item()).toBeCloseTo(slope, 7)
  })

  test('faults are statuses; one point on each side; float32', () => {
    const bad = emdCircle(f64([0, Number.NaN]), f64([0.5]))
    expect(OT_STATUS[bad.status.item() as number]).toMatch(/NaN/)
    expect(emdCircle(tensor([0.1]), tensor([0.9]), { p: 1 }).linearCost.item()).toBeCloseTo(0.2, 6)
    expect(() => emdCircle(f64([0]), f64([0]), { period: 0 })).toThrow(/period/)
  })
})
