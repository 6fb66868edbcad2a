// The common shape of wine and iris: a first line `n, d, class names`, then d measurements and a class per row.

import { tensor } from '@adjoint/core'
import type { ClassifiedTable, DatasetInfo, LoadOptions } from '../api.js'
import { corrupt } from '../read/corrupt.js'
import { classes, numbers, readTable } from '../read/table.js'
import { split } from '../split.js'

/** What is known of the file beforehand. */
export interface TableDescription {
  readonly fn: string
  readonly file: string
  readonly info: DatasetInfo
  readonly classNames: readonly string[]
  readonly featureNames: readonly string[]
}

/** Parses and checks such a table. @throws AdjointError `corrupt-data` */
export async function classifiedTable(
  bytes: Uint8Array,
  { fn, file, info, classNames, featureNames }: TableDescription,
  { dtype = 'float32' }: LoadOptions,
): Promise<ClassifiedTable> {
  const [rows, width] = info.shape
  const format = { fn, file, rows, columns: width + 1, headerLines: 1 }
  const table = await readTable(bytes, format)
  const heading = table.header[0].join(',')
  const expected = [rows, width, ...classNames].join(',')
  if (heading !== expected) throw corrupt(fn, file, `first line "${heading}"`, `"${expected}"`)
  const features = tensor(numbers(table, format, 0, width), { shape: [rows, width], dtype })
  const labels = tensor(classes(table, format, width, classNames.length))
  const parts = { features, labels }
  return { ...parts, classNames, featureNames, split: (options) => split(`${fn}().split`, parts, options), info }
}
