// Isotropic Gaussian clusters: the simplest test of clustering and classification.
// Centers lie uniformly in a box, as usual since Milligan's generators (G. Milligan, Psychometrika, 1985).

import { arange, mod, type Tensor, take } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { GeneratorOptions, LabelledPoints } from '../api.js'
import { blur, refuse, requireWhole, setup } from './setup.js'

/** Options of `blobs`; its `noise` is the standard deviation of a cluster, 1 by default. */
export interface BlobsOptions extends GeneratorOptions {
  /** How many clusters, or their centers `[k, d]`. @defaultValue 3 */
  readonly centers?: number | Tensor
  /** Dimension of the points where `centers` is a number. @defaultValue 2 */
  readonly dimensions?: number
  /** Half the side of the box that random centers lie in. @defaultValue 10 */
  readonly box?: number
}

/**
 * Gaussian clusters of equal size; point `i` belongs to cluster `i mod k`, so every stretch is balanced. Traceable.
 *
 * @returns points `[n, d]` and labels `[n]` int32
 * @throws AdjointError `invalid-argument` for counts below 1, negative noise or centers that are not `[k, d]`
 * @example
 * const { points, labels } = blobs({ n: 90, centers: 3, noise: 0.5, seed: 1 })
 * console.log(points.shape, labels.shape) // [90, 2] [90]
 */
export function blobs({ centers = 3, dimensions = 2, box = 10, ...common }: BlobsOptions = {}): LabelledPoints {
  const options = setup('blobs', { noise: 1, ...common })
  const middle = typeof centers === 'number' ? randomCenters(centers, dimensions, box, options) : centers
  if (middle.ndim !== 2) throw refuse('blobs', `centers of shape [${middle.shape.join(', ')}]`, 'shape [k, d]')
  const labels = mod(arange(options.n), middle.shape[0])
  return { points: blur(take(middle, labels, 0), options), labels }
}

function randomCenters(count: number, dimensions: number, box: number, options: ReturnType<typeof setup>): Tensor {
  requireWhole('blobs', 'centers', count, 1)
  requireWhole('blobs', 'dimensions', dimensions, 1)
  return random.uniform(options.shapeKey, [count, dimensions], { dtype: options.dtype, min: -box, max: box })
}
