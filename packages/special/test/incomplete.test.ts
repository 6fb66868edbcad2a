import { readFileSync } from 'node:fs'
import { cpu } from '@adjoint/backend-cpu'
import { grad, setBackend, sum, type Tensor, tensor } from '@adjoint/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { betainc, betaincinv, gammainc, gammaincc, gammainccinv, gammaincinv } from '../src/index.js'

beforeAll(() => setBackend(cpu))

type Rows = readonly (readonly [readonly number[], readonly string[] | string])[]
const stored = JSON.parse(readFileSync(new URL('reference/incomplete.json', import.meta.url), 'utf8')) as Record<
  'gamma' | 'gammaSlopes' | 'beta' | 'betaSlopes',
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
  it('P', () => {
    expect(worst(gammainc(column(rows, 0), column(rows, 1)), expected(rows, 0), rows).error).toBeLessThan(2e-13)
  })
  it('Q', () => {
    expect(worst(gammaincc(column(rows, 0), column(rows, 1)), expected(rows, 1), rows).error).toBeLessThan(1e-13)
  })
  it('dP / da', () => {
    const slopes = stored.gammaSlopes
    const got = grad((a: Tensor) => sum(gammainc(a, column(slopes, 1))))(column(slopes, 0))
    expect(worst(got, expected(slopes, 0), slopes).error).toBeLessThan(1e-12)
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
    ).toBeLessThan(1e-11)
    expect(
      worst(
        gammainccinv(column(high, 0), pick(high, 1)),
        high.map(([x]) => x[1]),
        high,
      ).error,
    ).toBeLessThan(1e-11)
  })
})

describe('incomplete beta', () => {
  const rows = stored.beta
  it('I', () => {
    const got = betainc(column(rows, 0), column(rows, 1), column(rows, 2))
    expect(worst(got, expected(rows, 0), rows).error).toBeLessThan(1e-12)
  })
  it.each([0, 1])('its derivative by shape %i', (which) => {
    const slopes = stored.betaSlopes
    const shapes = [column(slopes, 0), column(slopes, 1)] as const
    const f = (a: Tensor, b: Tensor) => sum(betainc(a, b, column(slopes, 2)))
    const got = grad(f, { argnums: [0, 1] })(...shapes)[which]
    expect(worst(got, expected(slopes, which), slopes).error).toBeLessThan(1e-11)
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
    ).toBeLessThan(1e-11)
  })
})
