// Rows of cells as checked values: the header, the columns that are wanted, their types, what is missing.

import { AdjointError, type DType } from '@adjoint/core'
import type { ByteSource } from '../api.js'
import { corrupt, missingEntry, quote } from '../errors.js'
import { fillMissing, type MissingPolicy, parseCell } from './cells.js'
import { type CsvTextOptions, rowsOf } from './rows.js'

/** Options of `csv.read`, `csv.readMatrix` and `csv.batches`. */
export interface CsvOptions extends CsvTextOptions {
  /**
   * Whether the first row names the columns; or the names, where the file has none.
   *
   * @defaultValue true; without names the columns are called '0', '1', ...
   */
  readonly header?: boolean | readonly string[]
  /** The columns to read, in this order. @defaultValue all */
  readonly select?: readonly string[]
  /** What to do about missing cells of numeric columns. @defaultValue 'error' */
  readonly missing?: MissingPolicy
  /** Cells that count as missing, besides blank ones. @defaultValue ['NA', 'N/A', 'null'] */
  readonly missingMarks?: readonly string[]
}

/** How the cells of a column are read: as numbers or truth values of a dtype, or as text. */
export type CsvType = DType | 'text'

/** A column to be read. */
export interface Column {
  readonly name: string
  readonly type: CsvType
  /** Its place in the rows. */
  readonly index: number
}

/** The wanted cells of a row, in the order of the columns: text as it is, truth as 0 and 1. */
export type Values = readonly (number | string)[]

/** The columns of a file, and its rows, some at a time. */
export interface Table {
  readonly columns: readonly Column[]
  readonly batches: AsyncGenerator<readonly Values[]>
}

/** Reads the header of a file; the rows follow on demand. */
export async function openTable(
  fn: string,
  source: ByteSource,
  typeOf: (name: string) => CsvType,
  options: CsvOptions,
): Promise<Table> {
  const rows = rowsOf(fn, source, options)
  try {
    return await tableOf(fn, rows, typeOf, options)
  } catch (error) {
    await rows.return(undefined)
    throw error
  }
}

async function tableOf(
  fn: string,
  rows: AsyncGenerator<Rows>,
  typeOf: (name: string) => CsvType,
  options: CsvOptions,
): Promise<Table> {
  const found = await readNames(fn, rows, options.header ?? true)
  if (found === undefined) return { columns: [], batches: valuesOf(fn, rows, [], 0, [], 0, options) }
  const { names, pending, rowNumber } = found
  const columns = (options.select ?? names).map((name) => {
    const index = names.indexOf(name)
    if (index < 0) throw missingEntry(fn, name, names)
    return { name, type: checkedType(fn, typeOf(name)), index }
  })
  return { columns, batches: valuesOf(fn, rows, pending, rowNumber, columns, names.length, options) }
}

type Rows = readonly (readonly string[])[]

const isBlank = (row: readonly string[]): boolean => row.length === 1 && row[0].trim() === ''

/** The names, what else the batch with them holds, and the number of the row before that. */
async function readNames(fn: string, rows: AsyncGenerator<Rows>, header: boolean | readonly string[]) {
  let rowNumber = 0
  for (;;) {
    const { value: batch, done } = await rows.next()
    if (done === true) return typeof header === 'boolean' ? undefined : { names: header, pending: [], rowNumber }
    const first = batch.findIndex((row) => !isBlank(row))
    if (first < 0) {
      rowNumber += batch.length
      continue
    }
    if (header === true) {
      const names = uniqueNames(
        fn,
        batch[first].map((name) => name.trim()),
      )
      return { names, pending: batch.slice(first + 1), rowNumber: rowNumber + first + 1 }
    }
    const names = header === false ? batch[first].map((_, i) => String(i)) : uniqueNames(fn, header)
    return { names, pending: batch.slice(first), rowNumber: rowNumber + first }
  }
}

function uniqueNames(fn: string, names: readonly string[]): readonly string[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return names
  throw new AdjointError('corrupt-data', {
    fn,
    given: `two columns named ${quote(twice)}`,
    expected: 'one name for each column',
    fix: 'If the first row is data, read with { header: false }; otherwise remove it and pass { header: names }',
  })
}

const TYPES: readonly unknown[] = ['float32', 'float64', 'int32', 'uint32', 'bool', 'text']

function checkedType(fn: string, type: CsvType): CsvType {
  if (TYPES.includes(type)) return type
  throw new AdjointError('invalid-argument', { fn, given: `as: '${String(type)}'`, expected: TYPES.join(', ') })
}

async function* valuesOf(
  fn: string,
  rows: AsyncGenerator<Rows>,
  pending: Rows,
  start: number,
  columns: readonly Column[],
  width: number,
  { missing = 'error', missingMarks = ['NA', 'N/A', 'null'] }: CsvOptions,
): AsyncGenerator<readonly Values[]> {
  const marks = new Set(['', ...missingMarks])
  let rowNumber = start
  const decode = (row: readonly string[]): Values | undefined => {
    rowNumber++
    // In a single column a blank line may be a missing value; the last one is the end of the file.
    if (isBlank(row) && width !== 1) return undefined
    if (row.length !== width) throw corrupt(fn, `${row.length} cells in row ${rowNumber}`, `${width} cells`)
    const values: (number | string)[] = []
    for (const { name, type, index } of columns) {
      const cell = row[index]
      const place = { fn, column: name, row: rowNumber }
      if (type === 'text') values.push(cell)
      else if (!marks.has(cell.trim())) values.push(parseCell(cell, type, place))
      else {
        const value = fillMissing(missing, type, place)
        if (value === undefined) return undefined
        values.push(value)
      }
    }
    return values
  }
  // One batch behind, to know the last row of the file.
  let batch = pending
  try {
    for (;;) {
      const next = await rows.next()
      const last = next.done === true
      const own = last && batch.length > 0 && isBlank(batch[batch.length - 1]) ? batch.slice(0, -1) : batch
      yield own.map(decode).filter((values) => values !== undefined)
      if (next.done === true) return
      batch = next.value
    }
  } finally {
    await rows.return(undefined)
  }
}
