// Reads CSV: named columns, one matrix, or batches of a stream.
// Y. Shafranovich, Common Format and MIME Type for CSV Files, RFC 4180, 2005.

import { AdjointError, type Backend, type DType, type Tensor, tensor } from '@adjoint/core'
import type { ByteSource } from '../api.js'
import { type Column, type CsvOptions, type CsvType, openTable, type Values } from './table.js'

/** Options of `csv.read` and `csv.batches`. */
export interface CsvReadOptions extends CsvOptions {
  /** How columns are read, all or by name. @defaultValue 'float32' */
  readonly as?: CsvType | Readonly<Record<string, CsvType>>
  /** Where the tensors go. @defaultValue the default backend */
  readonly backend?: Backend
}

/** Options of `csv.readMatrix`. */
export interface CsvMatrixOptions extends CsvOptions {
  /** Element type. @defaultValue 'float32' */
  readonly as?: DType
  /** Where the tensor goes. @defaultValue the default backend */
  readonly backend?: Backend
}

/** Options of `csv.batches`. */
export interface CsvBatchOptions extends CsvReadOptions {
  /** Rows of a batch; the last one may be smaller. @defaultValue 1000 */
  readonly size?: number
}

/** Named columns of equal length. */
export interface CsvTable {
  /** Number of rows. */
  readonly rows: number
  /** Names of the columns, in order. */
  readonly names: readonly string[]
  /** The numeric columns, each `[rows]`. */
  readonly tensors: Readonly<Record<string, Tensor>>
  /** The columns read as text. */
  readonly text: Readonly<Record<string, readonly string[]>>
}

/**
 * A CSV file as named columns: tensors `[rows]`, and text where `as` says so.
 *
 * @throws AdjointError `corrupt-data` for ragged rows, cells that are no numbers and missing ones, saying row, column and
 * the option that helps; `missing-data` for a selected column that is not there
 * @example
 * const file = new TextEncoder().encode('height,species\n1.5,oak\n2.25,elm\n')
 * const { tensors, text } = await csv.read(file, { as: { species: 'text' } })
 * tensors.height   // [1.5, 2.25]
 * text.species     // ['oak', 'elm']
 */
export async function read(source: ByteSource, options: CsvReadOptions = {}): Promise<CsvTable> {
  const { columns, batches } = await openTable('csv.read', source, typesOf(options), options)
  const rows: Values[] = []
  for await (const batch of batches) for (const row of batch) rows.push(row)
  return makeTable(columns, rows, options)
}

/**
 * A CSV file of numbers as one tensor `[n, m]`.
 *
 * @throws AdjointError as `read`
 * @example
 * const file = new TextEncoder().encode('x;y\n1;2\n3;4\n5;6\n')
 * await csv.readMatrix(file)   // [[1, 2], [3, 4], [5, 6]]
 */
export async function readMatrix(source: ByteSource, options: CsvMatrixOptions = {}): Promise<Tensor> {
  const fn = 'csv.readMatrix'
  const { as = 'float32', backend } = options
  const { columns, batches } = await openTable(fn, source, () => numeric(fn, as), options)
  const parts: Float64Array[] = []
  let rows = 0
  for await (const batch of batches) {
    parts.push(Float64Array.from(batch.flat() as number[]))
    rows += batch.length
  }
  const data = new Float64Array(rows * columns.length)
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length
  }
  return tensor(data, { shape: [rows, columns.length], dtype: as, backend })
}

/**
 * The rows of a CSV file in tables of `size` rows, while the file comes: for files larger than memory, and for training.
 *
 * @throws AdjointError as `read`, when the batch is asked for; `invalid-argument` for a size below 1
 * @example
 * const file = new TextEncoder().encode('x\n1\n2\n3\n')
 * for await (const { tensors } of csv.batches(file, { size: 2 })) console.log(tensors.x.shape)   // [2], then [1]
 */
export async function* batches(source: ByteSource, options: CsvBatchOptions = {}): AsyncGenerator<CsvTable> {
  const fn = 'csv.batches'
  const { size = 1000 } = options
  if (!(Number.isSafeInteger(size) && size > 0))
    throw new AdjointError('invalid-argument', { fn, given: `size: ${size}`, expected: 'a number of rows' })
  const table = await openTable(fn, source, typesOf(options), options)
  let rows: Values[] = []
  for await (const batch of table.batches) {
    for (const row of batch) {
      rows.push(row)
      if (rows.length < size) continue
      yield makeTable(table.columns, rows, options)
      rows = []
    }
  }
  if (rows.length > 0) yield makeTable(table.columns, rows, options)
}

function typesOf({ as = 'float32' }: CsvReadOptions): (name: string) => CsvType {
  if (typeof as === 'string') return () => as
  return (name) => (Object.hasOwn(as, name) ? as[name] : 'float32')
}

function numeric(fn: string, type: CsvType): DType {
  if (type !== 'text') return type
  throw new AdjointError('invalid-argument', {
    fn,
    given: "as: 'text'",
    expected: 'a dtype',
    fix: 'Read text with csv.read, and choose the columns of the matrix with { select }',
  })
}

function makeTable(columns: readonly Column[], rows: readonly Values[], { backend }: CsvReadOptions): CsvTable {
  const tensors: [string, Tensor][] = []
  const text: [string, readonly string[]][] = []
  for (const [i, { name, type }] of columns.entries()) {
    const cells = rows.map((row) => row[i])
    if (type === 'text') text.push([name, cells as string[]])
    else tensors.push([name, tensor(Float64Array.from(cells as number[]), { dtype: type, backend })])
  }
  return {
    rows: rows.length,
    names: columns.map(({ name }) => name),
    tensors: Object.fromEntries(tensors),
    text: Object.fromEntries(text),
  }
}
