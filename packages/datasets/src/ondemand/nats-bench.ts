// Accuracy of all 15,625 cells of a small architecture space, so that search methods run without training; not bundled.
// X. Dong, L. Liu, K. Musial, B. Gabrys, NATS-Bench, TPAMI, 2021 (the topology space is NAS-Bench-201).

import { tensor } from '@adjoint/core'
import type { DatasetInfo, NatsBench, OnDemandOptions } from '../api.js'
import { corrupt } from '../read/corrupt.js'
import { gunzip } from '../read/gunzip.js'
import { numbers, readTable, type Table, type TableFormat } from '../read/table.js'
import { obtain, type SourceFile } from './source.js'

const INFO: DatasetInfo = {
  title: 'NATS-Bench topology space, test accuracy after 200 epochs',
  source: 'X. Dong, L. Liu, K. Musial, B. Gabrys, IEEE TPAMI, 2021',
  licence: 'a derived table without a licence of its own: for tests and study, not for redistribution',
  shape: [15625, 6],
}

const SOURCE: SourceFile = {
  file: 'nats-bench-tss-200.csv.gz',
  sha256: 'dcf87e37a224fe93789c7ac35745f956a3641fca17516625e16308e0f90e912a',
  bytes: 426731,
}

const FORMAT: TableFormat = { fn: 'natsBench', file: SOURCE.file, rows: 15625, columns: 5, headerLines: 1 }
const OPERATIONS: readonly string[] = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3']
const EDGES = [
  [0, 1],
  [0, 2],
  [1, 2],
  [0, 3],
  [1, 3],
  [2, 3],
] as const

/**
 * Loads the table of architectures, on demand: from `folder` or `ADJOINT_DATA`, the cache, or `url`.
 *
 * @returns accuracies `[15625]` in per cent on three image sets, operations `[15625, 6]` int32
 * @throws AdjointError `missing-data` with the checksum and what to put where, `checksum-mismatch`, `aborted`
 * @example
 * const loaded = await natsBench().catch((error) => error.message)
 * console.log(typeof loaded === 'string' ? loaded : loaded.accuracy.cifar10.max().item())
 */
export async function natsBench(options: OnDemandOptions = {}): Promise<NatsBench> {
  const bytes = await gunzip(FORMAT.fn, FORMAT.file, await obtain(FORMAT.fn, SOURCE, options))
  const table = await readTable(bytes, FORMAT)
  const dtype = options.dtype ?? 'float32'
  const column = (index: number) => tensor(numbers(table, FORMAT, index, index + 1), { dtype })
  return {
    accuracy: { cifar10: column(0), cifar100: column(1), imagenet16: column(2) },
    operations: tensor(operations(table), { shape: [...INFO.shape] }),
    operationNames: OPERATIONS,
    edges: EDGES,
    uniqueStrings: table.rows.map((row) => row[4]),
    info: INFO,
  }
}

// A cell reads |op~0|+|op~0|op~1|+|op~0|op~1|op~2|: node by node, the operation on the edge from each earlier node.
function operations({ rows }: Table): Int32Array {
  const out = new Int32Array(rows.length * EDGES.length)
  for (const [i, row] of rows.entries()) {
    const edges = row[3].match(/\w+~\d/g) ?? []
    const found = edges.map((edge) => OPERATIONS.indexOf(edge.slice(0, -2)))
    if (found.length !== EDGES.length || found.includes(-1)) {
      throw corrupt(FORMAT.fn, FORMAT.file, `cell "${row[3]}" in row ${i + 1}`, 'six known operations')
    }
    out.set(found, i * EDGES.length)
  }
  return out
}
