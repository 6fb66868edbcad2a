// The measured tables of a document: what stands between a suite's two markers is written by the harness.
import type { FigureRow, Line, Row } from './api.js'
import { significant, speed } from './print.js'
import { median } from './statistics.js'

/** Where and when the lines were measured. */
export interface Circumstances {
  readonly machine: string
  readonly versions: string
  readonly date: Date
}

/** Above it, a comparison is marked: the machine was not quiet. */
const loud = 0.2

/** All lines of one suite as Markdown: circumstances, a row for each case, the figures. */
export function section(lines: readonly Line[], { machine, versions, date }: Circumstances): string {
  const rows = lines.filter((line): line is Row => 'ratio' in line)
  const figures = lines.filter((line): line is FigureRow => 'figure' in line)
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(date)
  const spread = Math.round(100 * median(rows.map((row) => row.spread)))
  return [
    `Measured on ${day}: ${machine}.`,
    `With ${versions}.`,
    `The median spread was ${spread} %; \`~\` marks ratios with more than ${100 * loud} %.`,
    '',
    ...table(rows),
    ...missed(rows, figures),
    ...(figures.length === 0
      ? []
      : ['', '| figure | measured | should be below |', '|---|---|---|', ...figures.map(figure)]),
  ].join('\n')
}

/** The text with what is between the markers of a suite replaced. */
export function replaceSection(text: string, suite: string, body: string): string {
  const [start, end] = [`<!-- measured: ${suite} -->`, `<!-- end: ${suite} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`No place for the table of ${suite}: the lines ${start} and ${end}`)
  return `${text.slice(0, from)}${start}\n${body}\n${text.slice(to)}`
}

interface Column {
  readonly title: string
  readonly cell: (rows: readonly Row[]) => string
}

const least = (values: readonly number[]): string => significant(Math.min(...values))

const ofEveryCase: readonly Column[] = [
  { title: 'ours, ms', cell: (rows) => least(rows.map((row) => row.ours_ms)) },
  { title: 'speed', cell: (rows) => speed(rows.toSorted((a, b) => a.ours_ms - b.ours_ms)[0]) },
  { title: 'compile, ms', cell: (rows) => least(rows.map((row) => row.compile_ms)) },
  { title: 'compile again, ms', cell: (rows) => least(rows.map((row) => row.compile_warm_ms)) },
]

function ratioTo(peer: string): Column {
  const cell = (rows: readonly Row[]) => {
    const row = rows.find((one) => one.peer === peer)
    return row === undefined ? '' : `${row.spread > loud ? '~' : ''}${significant(row.ratio)}`
  }
  return { title: `to ${peer}`, cell }
}

function table(rows: readonly Row[]): string[] {
  const names = [...new Set(rows.map((row) => row.case))]
  const cases = new Map(names.map((name) => [name, rows.filter((row) => row.case === name)]))
  const columns = [...ofEveryCase, ...[...new Set(rows.map((row) => row.peer))].map(ratioTo)]
  const used = columns.filter(({ cell }) => [...cases.values()].some((of) => cell(of) !== ''))
  return [
    markdown(['case', ...used.map(({ title }) => title)]),
    markdown(['---', ...used.map(() => '--:')]),
    ...[...cases].map(([name, of]) => markdown([name, ...used.map(({ cell }) => cell(of))])),
  ]
}

/** Where ours is slower than it should be, and how near to what the machine can do. */
function missed(rows: readonly Row[], figures: readonly FigureRow[]): string[] {
  const over = rows.filter(({ ratio, expected }) => expected !== undefined && ratio > expected)
  if (over.length === 0) return []
  const line = (row: Row) => {
    const most = figures.find(({ figure: name }) => name === row.bound)
    const share = Math.round((100 * (row.gflop_per_s ?? row.gb_per_s ?? 0)) / (most?.value ?? 1))
    const limit = most === undefined ? '' : `: ${speed(row)}, ${share} % of \`${most.figure}\``
    return `- \`${row.case}\`, ${significant(row.ratio)} to ${row.peer} instead of ${row.expected}${limit}`
  }
  return ['', 'Slower than expected:', '', ...over.map(line)]
}

const figure = ({ figure: name, value, unit, limit }: FigureRow): string =>
  markdown([name, `${significant(value)} ${unit}`, limit === undefined ? '' : `${limit} ${unit}`])

const markdown = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
