import { expect, test } from 'vitest'
import type { Chapter } from '../src/chapter.js'
import { chaptersOf } from '../src/tour/chapters.js'
import { parseOptions } from '../src/tour/options.js'
import { lineProgress, short } from '../src/tour/progress.js'
import { jsonLine, resultsTable } from '../src/tour/table.js'

const tour = { program: 'tour', alone: false }
const chapter: Chapter = {
  name: 'digits',
  title: 'Digits',
  text: '',
  run: async () => ({ ok: true, metrics: {}, summary: '', figures: [] }),
}

test('options have defaults and take every flag', () => {
  expect(parseOptions([], tour)).toEqual({ seed: 0, quick: false, json: false, only: undefined })
  const flags = ['--seed', '7', '--only', 'plugin,digits', '--quick', '--json']
  expect(parseOptions(flags, tour)).toEqual({ seed: 7, quick: true, json: true, only: ['digits', 'plugin'] })
})

test('chapters come in the order of the tour', () => {
  expect(chaptersOf(undefined).map(({ name }) => name)).toEqual(['digits', 'colour-transfer', 'rosenbrock', 'plugin'])
  expect(chaptersOf(['plugin']).map(({ name }) => name)).toEqual(['plugin'])
})

test('a JSON line has exactly the four fields', () => {
  const result = { ok: true, metrics: { accuracy: 0.98 }, summary: '', figures: [] }
  expect(jsonLine({ chapter, state: 'done', seconds: 1.23456, result })).toBe(
    '{"chapter":"digits","ok":true,"seconds":1.235,"metrics":{"accuracy":0.98}}',
  )
  expect(jsonLine({ chapter, state: 'interrupted', seconds: 1 })).toBe(
    '{"chapter":"digits","ok":false,"seconds":1,"metrics":{}}',
  )
})

test('the table names every chapter with its verdict and its numbers', () => {
  const result = { ok: false, metrics: { accuracy: 0.5, loss: 1 }, summary: '', figures: [] }
  const table = resultsTable([
    { chapter, state: 'done', seconds: 2, result },
    { chapter, state: 'failed', seconds: 2, message: 'no luck' },
  ])
  for (const part of ['digits', 'missed its goal', '2.0', 'accuracy 0.5', 'loss 1', 'failed', 'no luck']) {
    expect(table).toContain(part)
  }
})

test('plain progress is about ten lines, without control characters', () => {
  const lines: string[] = []
  const progress = lineProgress((line) => lines.push(line))
  progress.begin(1000, 'digits')
  for (let i = 1; i <= 1000; i++) progress.advance(i, { loss: 1 / i })
  progress.end()
  expect(lines.length).toBe(10)
  expect(lines[9]).toBe('digits  100%  loss 0.001')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must be absent
  expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/)
})

test('numbers are short', () => {
  expect([30, 0.98123, 12.3456, 3.2e-9].map(short)).toEqual(['30', '0.9812', '12.35', '3.2e-9'])
})
