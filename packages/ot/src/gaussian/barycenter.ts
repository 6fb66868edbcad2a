// The Wasserstein barycenter of Gaussians, which is a Gaussian: a fixed point of its covariance.
// P. C. Álvarez-Esteban, E. del Barrio, J. A. Cuesta-Albertos, C. Matrán, A fixed-point approach to barycenters in Wasserstein
// space, 2016.

import {
  abs,
  add,
  customRoot,
  div,
  gt,
  isFinite,
  le,
  matmul,
  max,
  mul,
  stopGradient,
  sub,
  sum,
  type Tensor,
  vmap,
  where,
  whileLoop,
} from '@adjoint/core'
import { gmres, inv, sqrtm } from '@adjoint/linalg'
import { requireCount, requireFloats, requirePositive } from '../checks.js'
import { filled } from '../filled.js'
import { weightsOf } from '../measure.js'
import { STATUS } from '../status.js'
import { between } from './bures.js'
import { type Gaussian, requireGaussians } from './gaussian.js'

/** Options of `gaussianBarycenter`. */
export interface GaussianBarycenterOptions {
  /** `[k]`: how much each counts. @defaultValue 1 / k each */
  readonly weights?: Tensor
  /** Largest change of an entry of the covariance in a step, relative to its largest entry. @defaultValue 1e-12 in float64, 1e-6 in float32 */
  readonly tolerance?: number
  /** @defaultValue 500 */
  readonly maxIterations?: number
}

/** What `gaussianBarycenter` returns. */
export interface GaussianBarycenterResult {
  readonly gaussian: Gaussian
  /** What the stopping rule compares with the tolerance. */
  readonly error: Tensor
  /** int32. */
  readonly iterations: Tensor
  /** bool. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`. */
  readonly status: Tensor
}

/**
 * The Gaussian with the least weighted sum of squared Wasserstein distances to given ones.
 *
 * Traceable; implicitly differentiable with respect to means, covariances and weights.
 *
 * P. C. Álvarez-Esteban, E. del Barrio, J. A. Cuesta-Albertos, C. Matrán, A fixed-point approach to barycenters in Wasserstein
 * space, 2016.
 *
 * @param means - `[k, d]`
 * @param covariances - `[k, d, d]`, symmetric, positive definite
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { gaussian } = gaussianBarycenter(tensor([[0], [4]]), tensor([[[1]], [[9]]]))
 * gaussian.mean   // [2]
 * gaussian.covariance   // [[4]]
 */
export function gaussianBarycenter(
  means: Tensor,
  covariances: Tensor,
  { weights, tolerance, maxIterations = 500 }: GaussianBarycenterOptions = {},
): GaussianBarycenterResult {
  const fn = 'gaussianBarycenter'
  requireFloats(fn, 'means', means, 2)
  requireFloats(fn, 'covariances', covariances, 3)
  requireGaussians(fn, { mean: means.slice(0), covariance: covariances.slice(0) })
  const w = weightsOf(fn, 'weights', weights, means.shape[0], means)
  const limit = tolerance ?? (means.dtype === 'float64' ? 1e-12 : 1e-6)
  requirePositive(fn, 'tolerance', limit)
  requireCount(fn, 'maxIterations', maxIterations)
  const shares = div(w, sum(w))
  const run = iterate(stopGradient(covariances), stopGradient(shares), limit, maxIterations)
  const covariance = implicit(run.covariance)(covariances, shares)
  const finite = isFinite(run.error)
  const converged = le(run.error, limit)
  return {
    gaussian: { mean: matmul(shares, means), covariance },
    error: run.error,
    iterations: run.iterations,
    converged,
    status: where(converged, STATUS.converged, where(finite, STATUS.maxIterations, STATUS.notFinite)).cast('int32'),
  }
}

/** `sum of w_k (S^(1/2) C_k S^(1/2))^(1/2)`, from the root of S. */
function mixed(root: Tensor, covariances: Tensor, shares: Tensor): Tensor {
  const roots = vmap((c: Tensor) => sqrtm(between(root, c)))(covariances)
  return sum(mul(roots, shares.reshape([-1, 1, 1])), 0)
}

function iterate(covariances: Tensor, shares: Tensor, tolerance: number, maxSteps: number) {
  const start = sum(mul(covariances, shares.reshape([-1, 1, 1])), 0)
  return whileLoop({
    init: {
      covariance: start,
      error: filled(start, [], Number.MAX_VALUE),
      iterations: filled(start, [], 0).cast('int32'),
    },
    cond: ({ error }) => gt(error, tolerance),
    body: ({ covariance, iterations }) => {
      const root = sqrtm(covariance)
      const half = mixed(root, covariances, shares)
      const next = between(inv(root), matmul(half, half))
      return {
        covariance: next,
        error: div(max(abs(sub(next, covariance))), max(abs(next))),
        iterations: add(iterations, 1),
      }
    },
    maxSteps,
  })
}

/** The covariance as a function of the inputs: a fixed point of `mixed`. */
function implicit(solution: Tensor) {
  return customRoot({
    residual: (s: Tensor, covariances: Tensor, shares: Tensor) => sub(s, mixed(sqrtm(s), covariances, shares)),
    solve: (_covariances: Tensor, _shares: Tensor) => solution,
    linearSolve: (matvec, b) => gmres(matvec, b).x,
  })
}
