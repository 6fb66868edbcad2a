// What is printed: a line of JSON for each line measured, or tables at the end.
import Table from 'cli-table3'
import type { FigureRow, Line, Row } from './api.js'

/** Three digits. */
export const significant = (value: number): string => Number(value.toPrecision(3)).toString()

/** How fast ours works, where the case says what it does. */
export function speed({ gflop_per_s, gb_per_s }: Row): string {
  if (gflop_per_s !== undefined) return `${significant(gflop_per_s)} GFLOP/s`
  return gb_per_s === undefined ? '' : `${significant(gb_per_s)} GB/s`
}

/** One line as JSON, its numbers to six digits. */
export function jsonLine(line: Line): string {
  return JSON.stringify(line, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value))
}

/** What has just been measured, in a few words. */
export function progress(line: Line): string {
  if ('skipped' in line) return `${line.skipped} is left out: ${line.reason}`
  return 'figure' in line ? line.figure : `${line.case} against ${line.peer}`
}

/** All lines as tables. */
export function table(lines: readonly Line[]): string {
  const rows = lines.filter((line): line is Row => 'ratio' in line)
  const figures = lines.filter((line): line is FigureRow => 'figure' in line)
  return [...(rows.length === 0 ? [] : [comparisons(rows)]), ...figures.map(figure)].join('\n')
}

function comparisons(rows: readonly Row[]): string {
  const out = new Table({
    head: ['case', 'peer', 'ours (ms)', 'peer (ms)', 'ours / peer', 'spread', 'compile (ms)', 'again (ms)', 'speed'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  })
  for (const row of rows) {
    const times = [row.ours_ms, row.peer_ms, row.ratio].map(significant)
    const compile = [row.compile_ms, row.compile_warm_ms].map(significant)
    out.push([row.case, row.peer, ...times, `${Math.round(row.spread * 100)} %`, ...compile, speed(row)])
  }
  return out.toString()
}

function figure({ figure: name, value, unit, limit }: FigureRow): string {
  const bound = limit === undefined ? '' : `, should be below ${limit} ${unit}`
  return `${name}: ${significant(value)} ${unit}${bound}`
}
