import { readFileSync } from 'node:fs'
import { cpu } from '@adjoint/backend-cpu'
import { setBackend, type Tensor, tensor } from '@adjoint/core'
import { beforeAll, describe, expect, it } from 'vitest'
import * as special from '../src/index.js'

beforeAll(() => setBackend(cpu))

type Points = readonly (readonly [readonly number[], string])[]
const stored = JSON.parse(readFileSync(new URL('reference/special.json', import.meta.url), 'utf8')) as {
  points: Record<string, Points>
}

const functions: Record<string, (...x: Tensor[]) => Tensor> = {
  ...(special as unknown as Record<string, (...x: Tensor[]) => Tensor>),
  ...Object.fromEntries([1, 2, 3, 5, 10].map((n) => [`polygamma${n}`, (x: Tensor) => special.polygamma(n, x)])),
}

/** Largest relative errors in float64, where they are more than a few units in the last place. */
const LIMITS: Record<string, number> = { digamma: 5e-15, lbeta: 4e-15 }

const run = (name: string, columns: readonly (readonly number[])[], dtype: 'float32' | 'float64') =>
  Array.from(functions[name](...columns.map((c) => tensor([...c], { dtype }))).dataSync())

const columnsOf = (points: Points) => points[0][0].map((_, k) => points.map(([x]) => x[k]))

function worst(xs: readonly (readonly number[])[], got: readonly number[], exact: readonly number[]) {
  let found = { error: 0, at: xs[0], got: 0, exact: 0 }
  exact.forEach((y, i) => {
    const error = got[i] === y ? 0 : Math.abs(got[i] - y) / Math.abs(y)
    if (!(error <= found.error)) found = { error, at: xs[i], got: got[i], exact: y }
  })
  return found
}

describe('figures of mpmath in float64', () => {
  it.each(Object.keys(stored.points))('%s', (name) => {
    const points = stored.points[name]
    const found = worst(
      points.map(([x]) => x),
      run(name, columnsOf(points), 'float64'),
      points.map(([, y]) => Number(y)),
    )
    expect(found.error, JSON.stringify(found)).toBeLessThan(LIMITS[name] ?? 2e-15)
  })
})

describe('float32 as float64 has it, rounded', () => {
  /** In units of 2^-24; the rest are within 12. */
  const units: Record<string, number> = { digamma: 40, lbeta: 20, polygamma10: 20 }
  it.each(Object.keys(stored.points))('%s', (name) => {
    const rounded = stored.points[name].map(([x]) => x.map(Math.fround))
    const columns = rounded[0].map((_, k) => rounded.map((x) => x[k]))
    const [got, exact] = [run(name, columns, 'float32'), run(name, columns, 'float64')]
    // Where a float32 holds the arguments and the value with all its bits.
    const held = (i: number) =>
      [...rounded[i], exact[i]].every((v) => v === 0 || (Math.abs(v) > 2 ** -120 && Math.abs(v) < 2 ** 127))
    const at = rounded.map((_, i) => i).filter(held)
    const pick = <T>(list: readonly T[]) => at.map((i) => list[i])
    const found = worst(pick(rounded), pick(got), pick(exact))

    expect(found.error * 2 ** 24, JSON.stringify(found)).toBeLessThan(units[name] ?? 12)
  })
})
