// Cells as numbers: what counts as one, what counts as missing, and the errors that say where.

import type { DType } from '@adjoint/core'
import { AdjointError } from '@adjoint/core'
import { quote } from '../errors.js'

/** What to do about a cell without a value: refuse the file, take NaN or a number, or leave the row out. */
export type MissingPolicy = 'error' | 'nan' | 'skip' | number

/** Where a cell stands, for messages. */
export interface CellPlace {
  readonly fn: string
  readonly column: string
  readonly row: number
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const WORDS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
])
const TRUTH: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ['true', 1],
  ['false', 0],
  ['1', 1],
  ['0', 0],
])

/** The number of a cell. @throws AdjointError `corrupt-data` for text that `dtype` does not hold */
export function parseCell(text: string, dtype: DType, place: CellPlace): number {
  const cell = text.trim()
  const value = dtype === 'bool' ? TRUTH.get(cell.toLowerCase()) : numberOf(cell)
  if (value !== undefined && holds(dtype, value)) return value
  throw new AdjointError('corrupt-data', {
    fn: place.fn,
    given: `${quote(text)} in row ${place.row}, column '${place.column}'`,
    expected: EXPECTED[dtype],
    fix: advice(cell, place, value),
  })
}

function numberOf(cell: string): number | undefined {
  return NUMBER.test(cell) ? Number(cell) : WORDS.get(cell.toLowerCase())
}

function holds(dtype: DType, value: number): boolean {
  if (dtype === 'int32') return value === (value | 0)
  return dtype === 'uint32' ? value === value >>> 0 : true
}

const EXPECTED: Readonly<Record<DType, string>> = {
  float32: 'a number',
  float64: 'a number',
  int32: 'an integer of int32',
  uint32: 'an integer of uint32',
  bool: 'true, false, 1 or 0',
}

function advice(cell: string, { column }: CellPlace, value: number | undefined): string {
  const type = value === undefined ? 'text' : 'float64'
  const read = `read the column with { as: { ${JSON.stringify(column)}: '${type}' } }`
  return /^[\d.,]+$/.test(cell) && cell.includes(',')
    ? `Write decimals with a point, or ${read}`
    : `If ${quote(cell)} stands for a missing value, add it to { missingMarks }; otherwise ${read}`
}

/** The number that stands for a missing cell; `undefined` leaves the row out. */
export function fillMissing(policy: MissingPolicy, dtype: DType, place: CellPlace): number | undefined {
  if (policy === 'skip') return undefined
  const value = policy === 'nan' ? Number.NaN : policy
  if (typeof value === 'number' && (dtype !== 'bool' || value === 0 || value === 1) && holds(dtype, value)) return value
  throw new AdjointError('corrupt-data', {
    fn: place.fn,
    given: `no value in row ${place.row}, column '${place.column}' of ${dtype}`,
    expected: policy === 'error' ? 'a value in every cell' : `a value, since ${dtype} has no ${value}`,
    fix: "Choose { missing: 'nan' }, { missing: 'skip' } or a number",
  })
}
