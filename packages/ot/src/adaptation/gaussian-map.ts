// The affine map between two samples: optimal between the Gaussians of their means and covariances.
// R. Flamary, K. Lounici, A. Ferrari, Concentration bounds for linear Monge mapping estimation and optimal transport domain
// adaptation, 2019.

import { add, div, expandDims, eye, matmul, mul, sub, sum, type Tensor, withBackend } from '@adjoint/core'
import { requireFloats, requireNumber, requireSameDType } from '../checks.js'
import { type AffineMap, buresMap } from '../gaussian/bures.js'
import type { Gaussian } from '../gaussian/gaussian.js'
import { weightsOf } from '../measure.js'
import type { Marginals } from '../problem.js'

/** Options of `gaussianMap`. */
export interface GaussianMapOptions extends Marginals {
  /** Added to the diagonals of both covariances, as a part of their mean variance. @defaultValue 1e-9, in float32 1e-5 */
  readonly regularization?: number
}

/**
 * The affine map that moves one sample onto another, exact where the second is the first under a symmetric positive definite
 * affine map. Traceable and differentiable; needs more points than coordinates.
 *
 * R. Flamary, K. Lounici, A. Ferrari, Concentration bounds for linear Monge mapping estimation and optimal transport domain
 * adaptation, 2019.
 *
 * @param x - `[n, d]`
 * @param y - `[m, d]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const x = tensor([[0, 0], [2, 0], [0, 2], [2, 2]], { dtype: 'float64' })
 * const map = gaussianMap(x, x.mul(3).add(1))
 * map.apply(tensor([[1, 2]], { dtype: 'float64' }))   // [[4, 7]]
 */
export function gaussianMap(x: Tensor, y: Tensor, options: GaussianMapOptions = {}): AffineMap {
  const fn = 'gaussianMap'
  requireFloats(fn, 'x', x, 2)
  requireFloats(fn, 'y', y, 2)
  requireSameDType(fn, x, [y])
  const { regularization = x.dtype === 'float64' ? 1e-9 : 1e-5 } = options
  requireNumber(fn, 'regularization', regularization, (v) => v >= 0 && v < Infinity, 'a number from 0')
  const a = weightsOf(fn, 'a', options.a, x.shape[0], x)
  const b = weightsOf(fn, 'b', options.b, y.shape[0], y)
  return buresMap(gaussianOf(x, a, regularization), gaussianOf(y, b, regularization))
}

/** Mean and covariance of weighted points. */
function gaussianOf(x: Tensor, weights: Tensor, regularization: number): Gaussian {
  const [, d] = x.shape
  const part = expandDims(div(weights, sum(weights)), 1)
  const mean = sum(mul(part, x), 0)
  const centred = sub(x, mean)
  const covariance = matmul(mul(part, centred).transpose(), centred)
  const unit = withBackend(x.backend, () => eye(d, d, { dtype: x.dtype as 'float64' }))
  const variance = div(sum(mul(covariance, unit)), d)
  return { mean, covariance: add(covariance, mul(unit, mul(variance, regularization))) }
}
