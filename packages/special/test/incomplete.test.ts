import { readFileSync } from 'node:fs'
import { cpu } from '@adjoint/backend-cpu'
import { grad, setBackend, sum, type Tensor, tensor } from '@adjoint/core'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { betainc, betaincinv, gammainc, gammaincc, gammainccinv, gammaincinv } from '../src/index.js'

beforeAll(() => setBackend(cpu))

type Rows = readonly (readonly [readonly number[], readonly string[] | string])[]
const stored = JSON.parse(readFileSync(new URL('reference/incomplete.json', import.meta.url), 'utf8')) as Record<
  'gamma' | 'gammaSlopes' | 'beta' | 'betaSlopes' | 'wideGamma' | 'wideBeta',
  Rows
>

const f64 = (x: readonly number[]) => tensor([...x], { dtype: 'float64' })
const column = (rows: Rows, k: number) => f64(rows.map(([x]) => x[k]))
const expected = (rows: Rows, k: number) => rows.map(([, y]) => Number(typeof y === 'string' ? y : y[k]))

/** The largest relative error, among values that a float64 holds. */
function worst(got: Tensor, exact: readonly number[], rows: Rows) {
  const values = got.dataSync() as Float64Array
  let found = { error: 0, at: rows[0][0], got: 0, exact: 0 }
  exact.forEach((y, i) => {
    const error = Math.abs(y) < 1e-290 ? 0 : Math.abs(values[i] - y) / Math.abs(y)
    if (!(error <= found.error)) found = { error, at: rows[i][0], got: values[i], exact: y }
  })
  return found
}

describe('incomplete gamma', () => {
  const rows = stored.gamma
  it.each(['gamma', 'wideGamma'] as const)('P and Q, %s', (name) => {
    const points = stored[name]
    const [a, x] = [column(points, 0), column(points, 1)]
    expect(worst(gammainc(a, x), expected(points, 0), points).error).toBeLessThan(1e-14)
    expect(worst(gammaincc(a, x), expected(points, 1), points).error).toBeLessThan(1e-14)
  })
  it('dP / da', () => {
    const slopes = stored.gammaSlopes
    const got = grad((a: Tensor) => sum(gammainc(a, column(slopes, 1))))(column(slopes, 0))
    expect(worst(got, expected(slopes, 0), slopes).error).toBeLessThan(1e-14)
  })
  it('inverses', () => {
    const [a, p, q] = [column(rows, 0), f64(expected(rows, 0)), f64(expected(rows, 1))]
    const ps = expected(rows, 0)
    const low = rows.filter((_, i) => ps[i] <= 0.5 && ps[i] > 1e-290)
    const high = rows.filter((_, i) => ps[i] > 0.5 && expected(rows, 1)[i] > 1e-290)
    const pick = (r: Rows, k: number) => f64(expected(r, k))
    expect([a.shape, p.shape, q.shape]).toEqual([[rows.length], [rows.length], [rows.length]])
    expect(
      worst(
        gammaincinv(column(low, 0), pick(low, 0)),
        low.map(([x]) => x[1]),
        low,
      ).error,
    ).toBeLessThan(1e-13)
    expect(
      worst(
        gammainccinv(column(high, 0), pick(high, 1)),
        high.map(([x]) => x[1]),
        high,
      ).error,
    ).toBeLessThan(1e-13)
  })
})

describe('relations at any argument', () => {
  const scale = (low: number, high: number) => fc.double({ min: low, max: high, noNaN: true }).map((e) => 10 ** e)
  const number = (x: Tensor) => x.item() as number
  const near = (a: number, b: number, size: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(size)

  it('P and Q are shares of 1, and monotone', () => {
    fc.assert(
      fc.property(scale(-6, 6), scale(-3, 3), (a, ratio) => {
        const [shape, x] = [f64([a]), f64([a * ratio])]
        const [p, q] = [number(gammainc(shape, x)), number(gammaincc(shape, x))]
        expect(p >= 0 && p <= 1 && q >= 0 && q <= 1).toBe(true)
        near(p + q, 1, 1e-14)
        expect(number(gammainc(shape, x.mul(1.01)))).toBeGreaterThanOrEqual(p * (1 - 1e-13))
        expect(number(gammaincc(shape, x.mul(1.01)))).toBeLessThanOrEqual(q * (1 + 1e-13))
      }),
      { numRuns: 100 },
    )
  })

  it('I is symmetric, rises, and obeys its recurrence', () => {
    const share = fc.integer({ min: 1, max: 1023 }).map((k) => k / 1024)
    fc.assert(
      fc.property(scale(-5, 5), scale(-5, 5), share, (a, b, x) => {
        const at = (a: number, b: number, x: number) => number(betainc(f64([a]), f64([b]), f64([x])))
        const value = at(a, b, x)
        near(value + at(b, a, 1 - x), 1, 1e-13)
        expect(at(a, b, x + 1 / 4096)).toBeGreaterThanOrEqual(value * (1 - 1e-13))
        // x I(a, b + 1) has b / (a + b) of one step and a / (a + b) of the other.
        near((a * at(a + 1, b, x) + b * at(a, b + 1, x)) / (a + b), value, 1e-13)
      }),
      { numRuns: 100 },
    )
  })
})

describe('incomplete beta', () => {
  const rows = stored.beta
  it.each(['beta', 'wideBeta'] as const)('I, %s', (name) => {
    const points = stored[name]
    const got = betainc(column(points, 0), column(points, 1), column(points, 2))
    expect(worst(got, expected(points, 0), points).error).toBeLessThan(5e-14)
  })
  it('its complement, where 1 - x is a double', () => {
    const points = stored.wideBeta.filter(([[, , x]]) => x >= 0.5)
    const got = betainc(column(points, 1), column(points, 0), f64(points.map(([[, , x]]) => 1 - x)))
    expect(worst(got, expected(points, 1), points).error).toBeLessThan(5e-14)
  })
  it('is no NaN where shapes or shares are extreme', () => {
    const sizes = [1e-310, 1e-30, 1, 1e30, 1e120, 1e300]
    const shares = [5e-324, 1e-300, 1e-17, 0.5, 1 - 2 ** -53]
    for (const a of sizes)
      for (const b of sizes)
        for (const x of shares) {
          const p = betainc(f64([a]), b, x).item() as number
          expect(p >= 0 && p <= 1, `${a} ${b} ${x}: ${p}`).toBe(true)
        }
    for (const a of sizes)
      for (const x of [...shares, 10, 1e30, 1e120, 1e300]) {
        const p = gammainc(f64([a]), x).item() as number
        expect(p >= 0 && p <= 1, `${a} ${x}: ${p}`).toBe(true)
      }
  })
  it.each([0, 1])('its derivative by shape %i', (which) => {
    const slopes = stored.betaSlopes
    const shapes = [column(slopes, 0), column(slopes, 1)] as const
    const f = (a: Tensor, b: Tensor) => sum(betainc(a, b, column(slopes, 2)))
    const got = grad(f, { argnums: [0, 1] })(...shapes)[which]
    expect(worst(got, expected(slopes, which), slopes).error).toBeLessThan(3e-14)
  })
  it('its inverse', () => {
    const ps = expected(rows, 0)
    const some = rows.filter((_, i) => ps[i] < 0.9 && ps[i] > 1e-290)
    const got = betaincinv(column(some, 0), column(some, 1), f64(expected(some, 0)))
    expect(
      worst(
        got,
        some.map(([x]) => x[2]),
        some,
      ).error,
    ).toBeLessThan(1e-12)
  })
})
