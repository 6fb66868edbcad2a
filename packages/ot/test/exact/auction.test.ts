import { createFakeAsync } from '@adjoint/conformance'
import { floor, grad, jit, type Tensor, tensor, vmap, withBackend } from '@adjoint/core'
import { key, normal, uniform } from '@adjoint/core/random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignment } from '../../src/exact/assignment.js'
import { auction } from '../../src/exact/auction.js'
import { balancedAssignment } from '../../src/exact/balanced-assignment.js'
import { OT_STATUS } from '../../src/status.js'
import { f64, list } from '../support.js'

const table = (seed: number, n: number, m: number) => uniform(key(seed), [n, m], { dtype: 'float64' })
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const size = fc.integer({ min: 1, max: 14 })

/** The largest of f + g - cost. */
const violation = (cost: Tensor, f: Tensor, g: Tensor): number => f.expandDims(1).add(g).sub(cost).max().item()

describe('auction', () => {
  test('any table: the cost of the assignment, distinct pairs, and a certificate', () => {
    fc.assert(
      fc.property(seeds, size, size, fc.constantFrom(1e-6, 1, 1e6), (seed, n, m, scale) => {
        const cost = table(seed, n, m).mul(scale)
        const { rows, columns, linearCost, dualGap, potentials, converged } = auction(cost)
        expect(converged.item()).toBe(1)
        expect(Math.abs(linearCost.item() - assignment(cost).linearCost.item())).toBeLessThan(2e-9 * scale)
        expect(Math.abs(dualGap.item())).toBeLessThan(2e-9 * scale)
        expect(new Set(list(rows)).size).toBe(Math.min(n, m))
        expect(new Set(list(columns)).size).toBe(Math.min(n, m))
        expect(violation(cost, potentials.f, potentials.g)).toBeLessThan(1e-9 * scale)
        if (n !== m) expect((n < m ? potentials.g : potentials.f).max().item()).toBeLessThanOrEqual(0)
      }),
      { numRuns: 60 },
    )
  })

  test('integer costs, many ties, large offsets: exactly the least', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 12 }), fc.constantFrom(0, 1e9), (seed, n, offset) => {
        const cost = floor(table(seed, n, n).mul(5)).add(offset)
        expect(auction(cost).linearCost.item()).toBe(assignment(cost).linearCost.item())
      }),
      { numRuns: 30 },
    )
  })

  test('equal costs end at once', () => {
    const { iterations, linearCost, dualGap } = auction(f64(Array(20).fill(Array(20).fill(3))))
    expect([linearCost.item(), dualGap.item()]).toEqual([60, expect.closeTo(0, 6)])
    expect(iterations.item()).toBeLessThan(2000)
  })

  test('forbidden pairs are not taken; where they leave nothing, a status says so', () => {
    const inf = Number.POSITIVE_INFINITY
    const forced = auction(
      f64([
        [1, inf, inf],
        [0, 5, inf],
        [0, 1, 9],
      ]),
    )
    expect(list(forced.columns)).toEqual([0, 1, 2])
    expect([forced.linearCost.item(), forced.converged.item()]).toEqual([15, 1])
    const none = auction(
      f64([
        [1, inf],
        [0, inf],
      ]),
    )
    expect(OT_STATUS[none.status.item() as number]).toMatch(/infeasible/)
    expect(OT_STATUS[auction(f64([[Number.NaN]])).status.item() as number]).toMatch(/NaN/)
  })

  test('too few bids are a status, and the pairs are still pairs', () => {
    const { status, columns, dualGap } = auction(table(1, 9, 9), { maxIterations: 4 })
    expect(OT_STATUS[status.item() as number]).toMatch(/maxIterations/)
    expect(new Set(list(columns)).size).toBe(9)
    expect(dualGap.item()).toBeGreaterThan(0)
  })

  test('gradients, jit, vmap, float32 and an asynchronous device', async () => {
    const cost = table(3, 5, 5)
    const slope = grad((c: Tensor) => auction(c).linearCost)(cost)
    expect(list(slope)).toEqual(list(auction(cost).plan.toDense()))
    const batch = tensor([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [0, 1],
        [1, 0],
      ],
    ])
    const columns = jit(vmap((c: Tensor) => auction(c).columns))
    expect(list(columns(batch))).toEqual([1, 0, 0, 1])
    const there = withBackend(createFakeAsync(), () =>
      auction(
        tensor([
          [4, 1, 3],
          [2, 0, 5],
          [3, 2, 2],
        ]),
      ),
    )
    expect(Array.from(await there.columns.data())).toEqual([1, 0, 2])
    expect(there.linearCost.dtype).toBe('float32')
  })

  test('wrong arguments are refused', () => {
    expect(() => auction(f64([1, 2]))).toThrow(/cost/)
    expect(() => auction(f64([[1]]), { tolerance: -1 })).toThrow(/tolerance/)
    expect(() => auction(f64([[1]]), { maxIterations: 0 })).toThrow(/maxIterations/)
  })
})

describe('balancedAssignment', () => {
  /** The same problem as an assignment to copies of the experts. */
  function best(affinities: Tensor, load: number): number {
    const rows = affinities.shape[0]
    const copies = list(affinities)
    const [, m] = affinities.shape
    const wide = [...Array(rows).keys()].map((i) =>
      [...Array(m * load).keys()].map((k) => -copies[i * m + Math.floor(k / load)]),
    )
    return -assignment(f64(wide)).linearCost.item()
  }

  test('any affinities: loads exactly equal, the sum that of an assignment to copies', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(1e-6, 1, 1e6),
        (seed, m, load, scale) => {
          const affinities = normal(key(seed), [m * load, m], { dtype: 'float64' }).mul(scale)
          const { loads, affinity, dualGap, converged } = balancedAssignment(affinities)
          expect(converged.item()).toBe(1)
          expect(list(loads)).toEqual(Array(m).fill(load))
          expect(Math.abs(affinity.item() - best(affinities, load))).toBeLessThan(2e-8 * scale)
          expect(Math.abs(dualGap.item())).toBeLessThan(2e-8 * scale)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('a rest is spread: loads are one apart at most', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 17 }), fc.integer({ min: 1, max: 6 }), (seed, n, m) => {
        const { loads, dualGap } = balancedAssignment(table(seed, n, m))
        const held = list(loads)
        expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1)
        expect(held.reduce((a, b) => a + b, 0)).toBe(n)
        expect(Math.abs(dualGap.item())).toBeLessThan(1e-8)
      }),
      { numRuns: 40 },
    )
  })

  test('a small mixture of experts trains without an auxiliary loss, and tokens find their expert', () => {
    // Tokens around four corners, each corner with a slope of its own.
    const corners = f64([
      [2, 2],
      [-2, 2],
      [2, -2],
      [-2, -2],
    ])
    const slopes = f64([
      [3, 0],
      [-3, 1],
      [0, -3],
      [1, 4],
    ])
    const which = tensor(
      [...Array(32).keys()].map((i) => i % 4),
      { dtype: 'int32' },
    )
    const tokens = normal(key(1), [32, 2], { dtype: 'float64' }).mul(0.5).add(takeRows(corners, which))
    const wanted = tokens.mul(takeRows(slopes, which)).sum(1)
    const loss = ({ routes, weights }: { routes: Tensor; weights: Tensor }) => {
      const affinities = tokens.matmul(routes)
      const { experts } = balancedAssignment(affinities)
      const own = takeRows(routes.T, experts).mul(tokens).sum(1)
      const expert = takeRows(weights, experts).mul(tokens).sum(1)
      return own.sigmoid().mul(expert).sub(wanted).square().mean()
    }
    const step = jit(grad(loss))
    let params = {
      routes: normal(key(2), [2, 4], { dtype: 'float64' }),
      weights: normal(key(3), [4, 2], { dtype: 'float64' }).mul(0.1),
    }
    const before = loss(params).item()
    for (let k = 0; k < 150; k++) {
      const slope = step(params)
      params = {
        routes: params.routes.sub(slope.routes.mul(0.03)),
        weights: params.weights.sub(slope.weights.mul(0.1)),
      }
    }
    const { loads } = balancedAssignment(tokens.matmul(params.routes))
    expect(list(loads)).toEqual([8, 8, 8, 8])
    expect(loss(params).item()).toBeLessThan(0.2 * before)
  })

  test('infinite affinities are a status; wrong arguments are refused', () => {
    const { status, loads } = balancedAssignment(f64([[Number.POSITIVE_INFINITY, 0]]))
    expect(OT_STATUS[status.item() as number]).toMatch(/not finite/)
    expect(list(loads)).toEqual([1, 0])
    expect(() => balancedAssignment(f64([1]))).toThrow(/affinities/)
  })
})

const takeRows = (rows: Tensor, index: Tensor): Tensor =>
  index
    .expandDims(1)
    .eq(tensor([...Array(rows.shape[0]).keys()], { dtype: 'int32' }))
    .cast('float64')
    .matmul(rows)
