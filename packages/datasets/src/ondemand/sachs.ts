// Protein signalling measured in single cells, the usual test of causal discovery; not bundled, its terms are unclear.
// K. Sachs, O. Perez, D. Pe'er, D. Lauffenburger, G. Nolan, Causal Protein-Signaling Networks, Science, 2005.

import { tensor } from '@adjoint/core'
import type { DatasetInfo, OnDemandOptions, Sachs } from '../api.js'
import { corrupt } from '../read/corrupt.js'
import { numbers, readTable } from '../read/table.js'
import { obtain, type SourceFile } from './source.js'

const FN = 'sachs'

const INFO: DatasetInfo = {
  title: 'Protein signalling in human immune cells, observational part',
  source: 'K. Sachs et al., Science 308, 2005; consensus graph with 17 edges',
  licence: 'unclear: for tests and study, not for redistribution',
  shape: [853, 11],
}

const SAMPLES: SourceFile = {
  file: 'sachs.csv',
  sha256: '97f0d8aca4419c539b10b7ce196b76cf2cbdce545b50ca322bcee446ef37ab77',
  bytes: 44426,
}

const ADJACENCY: SourceFile = {
  file: 'sachs-adjacency.csv',
  sha256: 'ed9b5d5fb2b7310620d5d24dbc7dbe33ff1ffa52cf36a0808ef29a18cf53785c',
  bytes: 289,
}

/**
 * Loads the protein signalling data, on demand: from `folder` or `ADJOINT_DATA`, the cache, or `url`.
 *
 * @returns samples `[853, 11]`, adjacency `[11, 11]` int32 and the names of the proteins
 * @throws AdjointError `missing-data` with the checksums and what to put where, `checksum-mismatch`, `aborted`
 * @example
 * const loaded = await sachs().catch((error) => error.message)
 * console.log(typeof loaded === 'string' ? loaded : loaded.names)
 */
export async function sachs(options: OnDemandOptions = {}): Promise<Sachs> {
  const [rows, width] = INFO.shape
  const [cells, graph] = await Promise.all([obtain(FN, SAMPLES, options), obtain(FN, ADJACENCY, options)])
  const cellFormat = { fn: FN, file: SAMPLES.file, rows, columns: width, headerLines: 1 }
  const graphFormat = { fn: FN, file: ADJACENCY.file, rows: width, columns: width, headerLines: 1 }
  const cellTable = await readTable(cells, cellFormat)
  const graphTable = await readTable(graph, graphFormat)
  const names = cellTable.header[0]
  if (graphTable.header[0].join() !== names.join()) {
    throw corrupt(FN, ADJACENCY.file, `columns ${graphTable.header[0].join()}`, `columns ${names.join()}`)
  }
  return {
    samples: tensor(numbers(cellTable, cellFormat, 0, width), {
      shape: [rows, width],
      dtype: options.dtype ?? 'float32',
    }),
    adjacency: tensor(Int32Array.from(numbers(graphTable, graphFormat, 0, width)), { shape: [width, width] }),
    names,
    info: INFO,
  }
}
