// The sliced Wasserstein distance on the sphere: transport on great circles.
// C. Bonet, P. Berg, N. Courty, F. Septier, L. Drumetz, M.-T. Pham, Spherical Sliced-Wasserstein, 2023.

import { AdjointError, atan2, div, type Key, matmul, mean, type Tensor, vmap, withBackend } from '@adjoint/core'
import { normal } from '@adjoint/core/random'
import { qr } from '@adjoint/linalg'
import { requireCount } from '../checks.js'
import { emdCircle } from '../one-dimensional/emd-circle.js'
import type { Marginals } from '../problem.js'
import { requirePoints } from './directions.js'

/** Options of `sphericalSlicedWasserstein`. */
export interface SphericalOptions extends Marginals {
  /** The key of the random great circles. */
  readonly key: Key
  /** How many great circles. @defaultValue 50 */
  readonly projections?: number
  /** The cost on a circle of length 1 is `d ** p`, p from 1. @defaultValue 2 */
  readonly p?: number
}

/**
 * The p-th power of the spherical sliced Wasserstein distance: points of the unit sphere are moved to the nearest ones on random
 * great circles, of length 1, and transported there.
 *
 * Traceable, differentiable with respect to the points.
 *
 * C. Bonet, P. Berg, N. Courty, F. Septier, L. Drumetz, M.-T. Pham, Spherical Sliced-Wasserstein, 2023.
 *
 * @param x - `[n, d]`, of length 1, d from 2
 * @param y - `[m, d]`, of length 1
 * @returns a scalar
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const [north, south] = [tensor([[0, 1]]), tensor([[0, -1]])]
 * sphericalSlicedWasserstein(north, south, { key: key(0) }).item()   // 0.25
 */
export function sphericalSlicedWasserstein(
  x: Tensor,
  y: Tensor,
  { key, projections = 50, p = 2, a, b }: SphericalOptions,
): Tensor {
  const fn = 'sphericalSlicedWasserstein'
  requirePoints(fn, x, y)
  requireCount(fn, 'projections', projections)
  const d = x.shape[1]
  if (d < 2) throw new AdjointError('shape-mismatch', { fn, given: `points of ${d} dimension`, expected: '2 or more' })
  const drawn = withBackend(x.backend, () => normal(key, [projections, d, 2], { dtype: x.dtype as 'float64' }))
  const turns = (points: Tensor) => div(atan2(points.slice(null, 1), points.slice(null, 0)), 2 * Math.PI)
  const onCircle = (plane: Tensor) =>
    emdCircle(turns(matmul(x, plane)), turns(matmul(y, plane)), { p, a, b }).linearCost
  return mean(vmap(onCircle)(qr(drawn).q))
}
