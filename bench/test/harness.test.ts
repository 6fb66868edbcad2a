import { describe, expect, test } from 'vitest'
import type { Case, Row } from '../src/harness/api.js'
import { numbers } from '../src/harness/numbers.js'
import { jsonLine, table } from '../src/harness/print.js'
import { difference, median, quantile } from '../src/harness/statistics.js'
import { runSuite } from '../src/harness/suite.js'

const budget = { warmup: 0, sample: 0, total: 0 }
const constant = (value: number) => () => ({ step: () => value, result: () => [value] })
const suite = (...cases: Case[]) => ({ name: 'toy', cases })

async function collect(rows: AsyncIterable<Row>): Promise<Row[]> {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

describe('statistics', () => {
  test('quantiles are linear between neighbours', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(quantile([0, 10], 0.25)).toBe(2.5)
  })
  test('the difference is relative, and infinite where lengths or NaN say so', () => {
    expect(difference([0, 4], [1, 4])).toBe(0.25)
    expect(difference([1], [1, 2])).toBe(Number.POSITIVE_INFINITY)
    expect(difference([1], [Number.NaN])).toBe(Number.POSITIVE_INFINITY)
  })
})

test('the inputs are the same every time, and spread over -1 to 1', () => {
  const values = numbers(7, 1000)
  expect(values).toEqual(numbers(7, 1000))
  expect(Math.max(...values)).toBeGreaterThan(0.9)
  expect(Math.min(...values)).toBeLessThan(-0.9)
})

describe('a suite', () => {
  test('has one row for each peer of each case', async () => {
    const item = { name: 'one', ours: constant(1), peers: { a: constant(1), b: constant(1) } }
    const rows = await collect(runSuite(suite(item), undefined, budget))
    expect(rows.map((row) => [row.suite, row.case, row.peer])).toEqual([
      ['toy', 'one', 'a'],
      ['toy', 'one', 'b'],
    ])
    for (const row of rows) expect(row.ratio).toBeCloseTo(row.ours_ms / row.peer_ms)
  })
  test('refuses to time programs that disagree', async () => {
    const item = { name: 'one', ours: constant(1), peers: { a: constant(2) } }
    await expect(collect(runSuite(suite(item), undefined, budget))).rejects.toThrow(/one: our result and that of a/)
  })
  test('names its cases when asked for one it lacks', async () => {
    const item = { name: 'one', ours: constant(1), peers: {} }
    await expect(collect(runSuite(suite(item), 'two', budget))).rejects.toThrow(/it has one/)
  })
})

test('a row prints as a line of JSON and as a line of a table', () => {
  const row = { suite: 's', case: 'c', ours_ms: 1.23456789, peer: 'p', peer_ms: 2, ratio: 0.6, spread: 0.05 }
  expect(JSON.parse(jsonLine(row))).toEqual({ ...row, ours_ms: 1.23457 })
  expect(table([row])).toMatch(/c.*p.*1\.23.*2.*0\.6.*5 %/)
})
