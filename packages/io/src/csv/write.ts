// Writes CSV: named columns or a matrix, numbers in the fewest digits that read back the same.
// Y. Shafranovich, Common Format and MIME Type for CSV Files, RFC 4180, 2005.

import { AdjointError, type DType, isTensor, type Tensor } from '@adjoint/core'
import type { Bytes, TransferOptions } from '../api.js'
import { bytesOf, streamFrom } from '../bytes/stream.js'

/** Options of `csv.write` and `csv.stream`. */
export interface CsvWriteOptions extends TransferOptions {
  /** Whether a first row names the columns; or the names. @defaultValue true for named columns, false for a matrix */
  readonly header?: boolean | readonly string[]
  /** What stands between cells. @defaultValue ',' */
  readonly delimiter?: string
}

/** What a CSV file is written from: columns by name, each a tensor `[n]` or text; or one tensor, `[n, m]` or `[n]`. */
export type CsvData = Tensor | Readonly<Record<string, Tensor | readonly string[]>>

const ROWS = 4096

/**
 * Columns by name, or a matrix, as a CSV file in UTF-8.
 *
 * @throws AdjointError `shape-mismatch` for columns of different lengths or more than one axis, a matrix of more than
 * two, or names that do not fit; `invalid-argument` for anything else than tensors and text
 * @example
 * const file = await csv.write({ x: tensor([0.1, 2]), name: ['a', 'b, c'] })
 * new TextDecoder().decode(file)   // 'x,name\n0.1,a\n2,"b, c"\n'
 */
export async function write(data: CsvData, options: CsvWriteOptions = {}): Promise<Bytes> {
  return bytesOf({ chunks: chunks('csv.write', data, options) }, options)
}

/**
 * The same file as a stream, some thousand rows a chunk.
 *
 * @throws AdjointError as `write`; what concerns values comes through the stream
 * @example
 * const upload = new Response(csv.stream(ones([100, 3])))
 */
export function stream(data: CsvData, options: CsvWriteOptions = {}): ReadableStream<Uint8Array> {
  return streamFrom({ chunks: chunks('csv.stream', data, options) }, options)
}

interface Layout {
  readonly names: readonly string[]
  readonly rows: number
  readonly header: boolean
  /** Reads the values, then gives the cell of a row and column. */
  readonly cells: () => Promise<(row: number, column: number) => string>
}

function chunks(fn: string, data: CsvData, options: CsvWriteOptions): AsyncGenerator<Uint8Array> {
  const { delimiter = ',' } = options
  if (delimiter === '' || /["\r\n\ufeff]/.test(delimiter)) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: `delimiter: ${JSON.stringify(delimiter)}`,
      expected: 'text between cells, neither a quotation mark nor the end of a line',
    })
  }
  const layout = isTensor(data) ? matrixLayout(fn, data, options) : columnsLayout(fn, data, options)
  return encode(layout, delimiter)
}

async function* encode({ names, rows, header, cells }: Layout, delimiter: string): AsyncGenerator<Uint8Array> {
  const { default: papa } = await import('papaparse')
  const lines = (table: string[][]): Uint8Array => {
    // A single empty cell would be a blank line, which readers leave out.
    const quotes = (value: string): boolean => table[0].length === 1 && value === ''
    return new TextEncoder().encode(`${papa.unparse(table, { delimiter, newline: '\n', quotes })}\n`)
  }
  if (header && names.length > 0) yield lines([[...names]])
  const cell = await cells()
  for (let begin = 0; begin < rows && names.length > 0; begin += ROWS) {
    const count = Math.min(ROWS, rows - begin)
    yield lines(Array.from({ length: count }, (_, i) => names.map((_, column) => cell(begin + i, column))))
  }
}

function matrixLayout(fn: string, x: Tensor, { header = false }: CsvWriteOptions): Layout {
  const [rows, columns = 1] = x.shape
  if (x.ndim !== 1 && x.ndim !== 2) throw wrongShape(fn, `a tensor [${x.shape.join(', ')}]`, '[n, m] or [n]')
  const names = Array.from({ length: columns }, (_, i) => String(i))
  return {
    ...named(fn, names, header),
    rows,
    async cells() {
      const values = await x.data()
      const format = formatter(x.dtype)
      return (row, column) => format(values[row * columns + column])
    },
  }
}

function columnsLayout(fn: string, data: Exclude<CsvData, Tensor>, { header = true }: CsvWriteOptions): Layout {
  if (typeof data !== 'object' || data === null) throw notColumns(fn, typeof data)
  const columns = Object.entries(data)
  const lengths = columns.map(([name, column]) => lengthOf(fn, name, column))
  const other = lengths.findIndex((length) => length !== lengths[0])
  if (other >= 0) {
    const given = `'${columns[0][0]}' of ${lengths[0]} rows and '${columns[other][0]}' of ${lengths[other]}`
    throw wrongShape(fn, given, 'columns of equal length')
  }
  const names = columns.map(([name]) => name)
  return {
    ...named(fn, names, header),
    rows: lengths[0] ?? 0,
    async cells() {
      const getters = await Promise.all(columns.map(([, column]) => getter(column)))
      return (row, column) => getters[column](row)
    },
  }
}

function named(fn: string, names: readonly string[], header: boolean | readonly string[]) {
  if (typeof header === 'boolean') return { names, header }
  if (header.length === names.length) return { names: header, header: true }
  throw wrongShape(fn, `${header.length} names for ${names.length} columns`, 'a name for each column')
}

function lengthOf(fn: string, name: string, column: unknown): number {
  if (isTensor(column)) {
    if (column.ndim === 1) return column.size
    throw wrongShape(fn, `column '${name}' [${column.shape.join(', ')}]`, 'one axis', 'Write a matrix on its own')
  }
  if (Array.isArray(column) && column.every((cell) => typeof cell === 'string')) return column.length
  throw notColumns(fn, `column '${name}' that is neither`)
}

async function getter(column: Tensor | readonly string[]): Promise<(row: number) => string> {
  if (!isTensor(column)) return (row) => column[row]
  const values = await column.data()
  const format = formatter(column.dtype)
  return (row) => format(values[row])
}

function formatter(dtype: DType): (value: number) => string {
  if (dtype === 'bool') return (value) => (value === 0 ? 'false' : 'true')
  return dtype === 'float32' ? shortest : formatNumber
}

/** The fewest digits that a float32 reads back from: nine always do. */
function shortest(value: number): string {
  if (value === 0) return formatNumber(value)
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === value) return formatNumber(rounded)
  }
  return formatNumber(Number(value.toPrecision(9)))
}

function formatNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function notColumns(fn: string, given: string): AdjointError {
  return new AdjointError('invalid-argument', {
    fn,
    given,
    expected: 'a tensor, or an object of tensors [n] and arrays of text by name',
    fix: 'Make tensors with tensor(), text with map(String)',
  })
}

function wrongShape(fn: string, given: string, expected: string, fix?: string): AdjointError {
  return new AdjointError('shape-mismatch', { fn, given, expected, fix })
}
