// Handwritten digits, 8 by 8 pixels, from the UCI repository as packaged with scikit-learn.
// E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, 1998.

import { tensor } from '@adjoint/core'
import type { DatasetInfo, Digits, LoadOptions } from '../api.js'
import { gunzip } from '../read/gunzip.js'
import { classes, numbers, readTable, type TableFormat } from '../read/table.js'
import { split } from '../split.js'
import { readBundled } from './read-bundled.js'

const INFO: DatasetInfo = {
  title: 'Optical recognition of handwritten digits',
  source: 'E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, 1998; as packaged with scikit-learn 1.2.1',
  licence: 'CC-BY-4.0',
  shape: [1797, 8, 8],
}

const FORMAT: TableFormat = { fn: 'digits', file: 'digits.csv.gz', rows: 1797, columns: 65, headerLines: 0 }
const BRIGHTEST = 16

/**
 * Loads the handwritten digits: 1797 images of 8 by 8 pixels in 0..1 with their labels.
 *
 * @returns images `[1797, 8, 8]`, labels `[1797]` int32, and a seeded `split`
 * @throws AdjointError `corrupt-data` when the bundled file is damaged
 * @example
 * const { split, info } = await digits()
 * const { train, test } = split({ seed: 0, testFraction: 0.2 })
 * console.log(info.licence, train.images.shape, test.labels.shape)
 */
export async function digits({ dtype = 'float32' }: LoadOptions = {}): Promise<Digits> {
  const bytes = await readBundled('digits', new URL('../../data/digits.csv.gz', import.meta.url))
  const table = await readTable(await gunzip(FORMAT.fn, FORMAT.file, bytes), FORMAT)
  const pixels = numbers(table, FORMAT, 0, 64).map((value) => value / BRIGHTEST)
  const images = tensor(pixels, { shape: [...INFO.shape], dtype })
  const labels = tensor(classes(table, FORMAT, 64, 10))
  const parts = { images, labels }
  return { ...parts, split: (options) => split('digits().split', parts, options), info: INFO }
}
