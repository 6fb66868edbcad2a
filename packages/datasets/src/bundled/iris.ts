// Measurements of three species of iris, from the UCI repository as packaged with scikit-learn.
// R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936.

import type { ClassifiedTable, LoadOptions } from '../api.js'
import { classifiedTable, type TableDescription } from './classified-table.js'
import { readBundled } from './read-bundled.js'

const IRIS: TableDescription = {
  fn: 'iris',
  file: 'iris.csv',
  info: {
    title: 'Iris plants',
    source: 'R. A. Fisher, Annals of Eugenics, 1936; UCI; as packaged with scikit-learn 1.2.1',
    licence: 'CC-BY-4.0',
    shape: [150, 4],
  },
  classNames: ['setosa', 'versicolor', 'virginica'],
  featureNames: ['sepal length (cm)', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)'],
}

/**
 * Loads the irises: four lengths in centimetres of 150 flowers from three species.
 *
 * @returns features `[150, 4]`, labels `[150]` int32, and a seeded `split`
 * @throws AdjointError `corrupt-data` when the bundled file is damaged
 * @example
 * const { classNames, labels } = await iris()
 * console.log(classNames, labels.shape) // ['setosa', 'versicolor', 'virginica'] [150]
 */
export async function iris(options: LoadOptions = {}): Promise<ClassifiedTable> {
  const bytes = await readBundled('iris', new URL('../../data/iris.csv', import.meta.url))
  return classifiedTable(bytes, IRIS, options)
}
