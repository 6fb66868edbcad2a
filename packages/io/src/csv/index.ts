// Comma-separated values: columns by name, matrices, and batches of a stream.

export type { MissingPolicy } from './cells.js'
export {
  batches,
  type CsvBatchOptions,
  type CsvMatrixOptions,
  type CsvReadOptions,
  type CsvTable,
  read,
  readMatrix,
} from './read.js'
export type { CsvTextOptions } from './rows.js'
export type { CsvOptions, CsvType } from './table.js'
export { type CsvData, type CsvWriteOptions, stream, write } from './write.js'
