// Comma-separated tables, parsed by Papa Parse and then checked: rows, columns, finite numbers.
// The parser loads on the first use, so that generators cost no bytes for it.

import { corrupt } from './corrupt.js'

/** What a file must look like to be accepted. */
export interface TableFormat {
  readonly fn: string
  readonly file: string
  readonly rows: number
  readonly columns: number
  /** Lines before the numbers. */
  readonly headerLines: number
}

/** A checked table: cells as text, and the lines above them. */
export interface Table {
  readonly header: readonly (readonly string[])[]
  readonly rows: readonly (readonly string[])[]
}

/** Parses a table and checks its size. @throws AdjointError `corrupt-data` */
export async function readTable(bytes: Uint8Array, format: TableFormat): Promise<Table> {
  const { fn, file, rows, columns, headerLines } = format
  const { default: papa } = await import('papaparse')
  const text = new TextDecoder().decode(bytes)
  const { data, errors } = papa.parse<string[]>(text, { delimiter: ',', skipEmptyLines: true })
  const expected = `${rows} rows of ${columns} cells under ${headerLines} header lines`
  const problem = errors[0]
  if (problem !== undefined) throw corrupt(fn, file, `${problem.message} in row ${problem.row ?? 0}`, expected)
  const body = data.slice(headerLines)
  if (body.length !== rows) throw corrupt(fn, file, `${body.length} rows`, expected)
  const ragged = body.findIndex((row) => row.length !== columns)
  if (ragged >= 0) throw corrupt(fn, file, `${body[ragged].length} cells in row ${ragged + 1}`, expected)
  return { header: data.slice(0, headerLines), rows: body }
}

/** Columns `from` to `to` (exclusive) as numbers, row by row. @throws AdjointError `corrupt-data` */
export function numbers({ rows }: Table, { fn, file }: TableFormat, from: number, to: number): Float64Array {
  const width = to - from
  const out = new Float64Array(rows.length * width)
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < width; j++) {
      const cell = row[from + j]
      const value = cell.trim() === '' ? Number.NaN : Number(cell)
      if (!Number.isFinite(value)) throw corrupt(fn, file, `"${cell}" in row ${i + 1}`, 'finite numbers')
      out[i * width + j] = value
    }
  }
  return out
}

/** One column as class labels `0..classes-1`. @throws AdjointError `corrupt-data` */
export function classes(table: Table, format: TableFormat, column: number, count: number): Int32Array {
  const values = numbers(table, format, column, column + 1)
  const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value >= count)
  if (wrong >= 0) {
    const found = `label ${values[wrong]} in row ${wrong + 1}`
    throw corrupt(format.fn, format.file, found, `labels 0 to ${count - 1}`)
  }
  return Int32Array.from(values)
}
