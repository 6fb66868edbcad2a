// The closing table on the terminal, and the JSON line of a chapter.

import Table from 'cli-table3'
import type { Outcome } from './perform.js'
import { short } from './progress.js'

/** One row per chapter: name, verdict, time, numbers. */
export function resultsTable(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ['chapter', 'result', 'seconds', 'numbers'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'left', 'right', 'left'],
  })
  for (const outcome of outcomes) {
    table.push([outcome.chapter.name, verdict(outcome), outcome.seconds.toFixed(1), numbersOf(outcome)])
  }
  return table.toString()
}

/** A word for what became of a chapter. */
export function verdict(outcome: Outcome): string {
  if (outcome.state !== 'done') return outcome.state
  return outcome.result.ok ? 'ok' : 'missed its goal'
}

function numbersOf(outcome: Outcome): string {
  if (outcome.state === 'failed') return outcome.message
  if (outcome.state === 'interrupted') return ''
  return Object.entries(outcome.result.metrics)
    .map(([name, value]) => `${name} ${short(value)}`)
    .join('\n')
}

/** One line of `--json`. */
export function jsonLine({ chapter, seconds, ...outcome }: Outcome): string {
  const [ok, metrics] = outcome.state === 'done' ? [outcome.result.ok, outcome.result.metrics] : [false, {}]
  return JSON.stringify({ chapter: chapter.name, ok, seconds: Math.round(1000 * seconds) / 1000, metrics })
}
