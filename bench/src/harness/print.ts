// The two forms of output: a line of JSON for each row, or one table at the end.
import Table from 'cli-table3'
import type { Row } from './api.js'

const significant = (value: number): string => Number(value.toPrecision(3)).toString()

/** One row as a line of JSON, its numbers to six digits. */
export function jsonLine(row: Row): string {
  return JSON.stringify(row, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value))
}

/** All rows as a table. */
export function table(rows: readonly Row[]): string {
  const out = new Table({
    head: ['case', 'peer', 'ours (ms)', 'peer (ms)', 'ours / peer', 'spread'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  })
  for (const row of rows) {
    const spread = `${Math.round(row.spread * 100)} %`
    out.push([row.case, row.peer, significant(row.ours_ms), significant(row.peer_ms), significant(row.ratio), spread])
  }
  return out.toString()
}
