// Chemical analyses of wines from three cultivars of one region, from the UCI repository as packaged with scikit-learn.
// M. Forina et al., PARVUS: An extendable package of programs for data exploration, 1988.

import type { ClassifiedTable, LoadOptions } from '../api.js'
import { classifiedTable, type TableDescription } from './classified-table.js'
import { readBundled } from './read-bundled.js'

const WINE: TableDescription = {
  fn: 'wine',
  file: 'wine_data.csv',
  info: {
    title: 'Wine recognition',
    source: 'M. Forina et al., UCI Machine Learning Repository, 1991; as packaged with scikit-learn 1.2.1',
    licence: 'CC-BY-4.0',
    shape: [178, 13],
  },
  classNames: ['class_0', 'class_1', 'class_2'],
  featureNames: [
    'alcohol',
    'malic acid',
    'ash',
    'alcalinity of ash',
    'magnesium',
    'total phenols',
    'flavanoids',
    'nonflavanoid phenols',
    'proanthocyanins',
    'colour intensity',
    'hue',
    'OD280/OD315 of diluted wines',
    'proline',
  ],
}

/**
 * Loads the wines: 13 chemical measurements of 178 wines from three cultivars, in their own units.
 *
 * @returns features `[178, 13]`, labels `[178]` int32, and a seeded `split`
 * @throws AdjointError `corrupt-data` when the bundled file is damaged
 * @example
 * const { features, featureNames } = await wine()
 * console.log(features.shape, featureNames[0]) // [178, 13] 'alcohol'
 */
export async function wine(options: LoadOptions = {}): Promise<ClassifiedTable> {
  const bytes = await readBundled('wine', new URL('../../data/wine_data.csv', import.meta.url))
  return classifiedTable(bytes, WINE, options)
}
