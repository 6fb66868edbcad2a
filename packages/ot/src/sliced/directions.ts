// Directions to project points on, and the transport of all projections.

import {
  AdjointError,
  div,
  type Key,
  matmul,
  mean,
  norm,
  sort,
  sub,
  type Tensor,
  transpose,
  vmap,
  withBackend,
} from '@adjoint/core'
import { normal } from '@adjoint/core/random'
import { requireCount, requireFloats, requireNumber, requireSameDType, typeOf } from '../checks.js'
import { weightsOf } from '../measure.js'
import { emd1d, powered } from '../one-dimensional/emd-1d.js'
import type { Marginals } from '../problem.js'

/** What the sliced distances share. */
export interface SlicedOptions extends Marginals {
  /** The key of random directions, uniform on the sphere; needed where `directions` are not given. */
  readonly key?: Key
  /** How many random directions. @defaultValue 50 */
  readonly projections?: number
  /** `[k, d]`: directions of your own, of length 1. */
  readonly directions?: Tensor
  /** The cost on a line is `|x - y| ** p`, p from 1. @defaultValue 2 */
  readonly p?: number
  /**
   * Values of points `[n, d]` along parameters `[k, e]`, shape `[n, k]`, in place of inner products.
   *
   * S. Kolouri, K. Nadjahi, U. Simsekli, R. Badeau, G. Rohde, Generalized Sliced Wasserstein Distances, 2019.
   */
  readonly project?: (points: Tensor, directions: Tensor) => Tensor
}

/** Points `[n, d]` and `[m, d]` of one dtype and dimension. */
export function requirePoints(fn: string, x: Tensor, y: Tensor): void {
  requireFloats(fn, 'x', x, 2)
  requireFloats(fn, 'y', y, 2)
  requireSameDType(fn, x, [y])
  if (x.shape[1] === y.shape[1]) return
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `${typeOf(x)} and ${typeOf(y)}`,
    expected: 'points of one dimension',
  })
}

/** The directions of the options, or random ones `[k, d]`. */
export function directionsOf(fn: string, x: Tensor, { key, projections = 50, directions }: SlicedOptions): Tensor {
  if (directions !== undefined) {
    requireFloats(fn, 'directions', directions, 2)
    requireSameDType(fn, x, [directions])
    return directions
  }
  requireCount(fn, 'projections', projections)
  if (key === undefined) {
    throw new AdjointError('missing-argument', {
      fn,
      given: 'neither key nor directions',
      expected: 'one of them',
      fix: 'Pass { key: random.key(0) }',
    })
  }
  const shape = [projections, x.shape[1]]
  const drawn = withBackend(x.backend, () => normal(key, shape, { dtype: x.dtype as 'float64' }))
  return div(drawn, norm(drawn, 1, { keepDims: true }))
}

/** Transport costs of all projections, `[k]`. */
export function slices(fn: string, x: Tensor, y: Tensor, directions: Tensor, options: SlicedOptions): Tensor {
  const { p = 2, a, b, project = (points, to) => matmul(points, transpose(to)) } = options
  requireNumber(fn, 'p', p, (v) => v >= 1 && v < Infinity, 'a finite number from 1')
  const [lineX, lineY] = [transpose(project(x, directions)), transpose(project(y, directions))]
  if (a === undefined && b === undefined && x.shape[0] === y.shape[0]) {
    return mean(powered(sub(sort(lineX), sort(lineY)), p), 1)
  }
  const weights = { a: weightsOf(fn, 'a', a, x.shape[0], x), b: weightsOf(fn, 'b', b, y.shape[0], x) }
  return vmap((u: Tensor, v: Tensor) => emd1d(u, v, { ...weights, p }).linearCost)(lineX, lineY)
}
