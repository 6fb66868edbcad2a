import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Case, type Line, Missing, type Row } from '../src/harness/api.js'
import { replaceSection, section } from '../src/harness/document.js'
import { machine, versions } from '../src/harness/machine.js'
import { numbers } from '../src/harness/numbers.js'
import { jsonLine, table } from '../src/harness/print.js'
import { difference, median, quantile } from '../src/harness/statistics.js'
import { type RunOptions, runSuite } from '../src/harness/suite.js'

const budget = { warmup: 0, sample: 0, total: 0 }
const options = { budget }
const constant = (value: number) => () => ({ step: () => value, result: () => [value] })
const suite = (...cases: Case[]) => ({ name: 'toy', cases })

async function collect<T extends Line>(lines: AsyncIterable<Line>): Promise<T[]> {
  const all: Line[] = []
  for await (const line of lines) all.push(line)
  return all as T[]
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
    const rows = await collect<Row>(runSuite(suite(item), options))
    expect(rows.map((row) => [row.suite, row.case, row.peer])).toEqual([
      ['toy', 'one', 'a'],
      ['toy', 'one', 'b'],
    ])
    for (const row of rows) expect(row.ratio).toBeCloseTo(row.ours_ms / row.peer_ms)
  })
  test('makes our program anew for what compiling costs: first with nothing compiled, then again', async () => {
    const made: { steps: number }[] = []
    const ours = () => {
      const program = { steps: 0, step: () => program.steps++, result: () => [1] }
      made.push(program)
      return program
    }
    await collect(runSuite(suite({ name: 'one', ours, peers: { a: constant(1) } }), options))
    expect(made.map(({ steps }) => Math.min(steps, 2))).toEqual([1, 2])
  })
  test('uses the clock of a program that has one, and lets go of it', async () => {
    let disposed = 0
    const peer = () => ({ ...constant(1)(), time: async () => 3, dispose: () => void disposed++ })
    const item = { name: 'one', ours: () => ({ ...constant(1)(), time: async () => 6 }), peers: { a: peer } }
    const [row] = await collect<Row>(
      runSuite(suite({ ...item, work: { flop: 12e6, dtype: 'float32' as const } }), options),
    )
    expect(row).toMatchObject({
      ours_ms: 6,
      peer_ms: 3,
      ratio: 2,
      spread: 0,
      compile_ms: 0,
      gflop_per_s: 2,
      bound: 'peak-float32',
    })
    expect(disposed).toBe(1)
  })
  test('leaves out peers that are missing, and says why once', async () => {
    const absent = () => {
      throw new Missing('not here')
    }
    const peers = { a: absent, b: constant(1) }
    const lines = await collect(
      runSuite(suite({ name: 'one', ours: constant(1), peers }, { name: 'two', ours: constant(1), peers }), options),
    )
    expect(lines[0]).toEqual({ skipped: 'a', reason: 'not here' })
    expect(lines.slice(1)).toMatchObject([
      { case: 'one', peer: 'b' },
      { case: 'two', peer: 'b' },
    ])
  })
  test('ends with its figures', async () => {
    const figures = [{ name: 'size', unit: 'B', limit: 9, measure: (short: boolean) => (short ? 1 : 2) }]
    const lines = await collect(runSuite({ ...suite(), figures }, { budget, short: true }))
    expect(lines).toEqual([{ suite: 'toy', figure: 'size', value: 1, unit: 'B', limit: 9 }])
  })
  test('refuses to time programs that disagree', async () => {
    const item = { name: 'one', ours: constant(1), peers: { a: constant(2) } }
    await expect(collect(runSuite(suite(item), options))).rejects.toThrow(/one: our result and that of a/)
  })
  test('runs one case, or against one peer, only', async () => {
    const peers = { a: constant(1), b: constant(1) }
    const both = suite({ name: 'one', ours: constant(1), peers }, { name: 'two', ours: constant(1), peers })
    const named = async (options: RunOptions) =>
      (await collect<Row>(runSuite(both, options))).map((line) => `${line.case} ${line.peer}`)
    expect(await named({ budget, only: 'two' })).toEqual(['two a', 'two b'])
    expect(await named({ budget, peer: 'b' })).toEqual(['one b', 'two b'])
  })
  test('names its cases and peers when asked for what it lacks', async () => {
    const item = { name: 'one', ours: constant(1), peers: { a: constant(1) } }
    const run = (options: RunOptions) => collect(runSuite(suite(item), options))
    await expect(run({ budget, only: 'two' })).rejects.toThrow('toy has no case "two"; it has one, and the peers a')
    await expect(run({ budget, only: 'one', peer: 'b' })).rejects.toThrow(/no case "one" with peer "b"/)
  })
})

const row: Row = {
  suite: 's',
  case: 'c',
  ours_ms: 1.23456789,
  peer: 'p',
  peer_ms: 2,
  ratio: 0.6,
  spread: 0.05,
  compile_ms: 40,
  compile_warm_ms: 7,
  peer_compile_ms: 0,
  gb_per_s: 9.876,
}

test('a row prints as a line of JSON and as a line of a table', () => {
  expect(JSON.parse(jsonLine(row))).toEqual({ ...row, ours_ms: 1.23457 })
  expect(table([row])).toMatch(/c.*p.*1\.23.*2.*0\.6.*5 %.*40.*7.*9\.88 GB\/s/)
})

test('a figure prints with what it should stay below', () => {
  expect(table([{ suite: 's', figure: 'f', value: 1.234, unit: '%', limit: 5 }])).toBe('f: 1.23 %, should be below 5 %')
})

describe('the document', () => {
  const circumstances = { machine: 'a machine', versions: 'a 1, b 2', date: new Date('2026-11-21T12:00:00Z') }
  test('has a line for each case and a column for each peer', () => {
    const other = { ...row, case: 'd', peer: 'q', ratio: 3, spread: 0.5, gb_per_s: undefined, expected: 1 }
    const figure = { suite: 's', figure: 'f', value: 1.234, unit: '%', limit: 5 }
    const slow = { ...row, peer: 'q', ours_ms: 1, expected: 0.5, bound: 'copy' }
    const copy = { suite: 's', figure: 'copy', value: 20, unit: 'GB/s' }
    expect(section([row, slow, other, figure, copy], circumstances)).toBe(
      [
        'Measured on 21 November 2026: a machine.',
        'With a 1, b 2.',
        'The median spread was 5 %; `~` marks ratios with more than 20 %.',
        '',
        '| case | ours, ms | speed | compile, ms | compile again, ms | to p | to q |',
        '| --- | --: | --: | --: | --: | --: | --: |',
        '| c | 1 | 9.88 GB/s | 40 | 7 | 0.6 | 0.6 |',
        '| d | 1.23 |  | 40 | 7 |  | ~3 |',
        '',
        'Slower than expected:',
        '',
        '- `c`, 0.6 to q instead of 0.5: 9.88 GB/s, 49 % of `copy`',
        '- `d`, 3 to q instead of 1',
        '',
        '| figure | measured | should be below |',
        '|---|---|---|',
        '| f | 1.23 % | 5 % |',
        '| copy | 20 GB/s |  |',
      ].join('\n'),
    )
  })
  test('changes between the markers of its suite only', () => {
    const text = 'before\n<!-- measured: s -->\nold\n<!-- end: s -->\nafter\n'
    expect(replaceSection(text, 's', 'new')).toBe(text.replace('old', 'new'))
    expect(() => replaceSection(text, 't', 'new')).toThrow(/No place for the table of t/)
  })
  test('has a place for every suite', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    for (const name of ['core', 'linalg', 'ot', 'backends']) {
      expect(replaceSection(readme, name, 'new')).toContain(`<!-- measured: ${name} -->\nnew\n`)
    }
  })
  test('says what was measured on', () => {
    expect(machine()).toMatch(/, \d+ cores, \w+ \w+, Node \d+/)
    expect(versions()).toMatch(/^adjoint \d\S*, @jax-js\/jax \d/)
  })
})
