// Transport between Gaussian mixtures in the space of mixtures: a small discrete problem between the components.
// J. Delon, A. Desolneux, A Wasserstein-type distance in the space of Gaussian Mixture Models, 2020.

import { AdjointError, type Tensor, vmap } from '@adjoint/core'
import { requireFloats, requireSameDType, typeOf } from '../checks.js'
import { emd } from '../exact/emd.js'
import type { SparsePlan } from '../plan.js'
import type { TransportResult } from '../result.js'
import { buresWasserstein } from './bures.js'

/** A mixture of k normal distributions. */
export interface GaussianMixture {
  /** `[k]`, of sum 1. */
  readonly weights: Tensor
  /** `[k, d]`. */
  readonly means: Tensor
  /** `[k, d, d]`, symmetric, positive definite. */
  readonly covariances: Tensor
}

/**
 * The MW2 transport between two Gaussian mixtures: couplings that are Gaussian mixtures themselves, found exactly
 * from the squared Wasserstein distances between components. `linearCost` is the squared distance, the plan is between components.
 *
 * J. Delon, A. Desolneux, A Wasserstein-type distance in the space of Gaussian Mixture Models, 2020.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const one = { weights: tensor([1]), means: tensor([[0]]), covariances: tensor([[[1]]]) }
 * const two = { weights: tensor([0.5, 0.5]), means: tensor([[-2], [2]]), covariances: tensor([[[1]], [[1]]]) }
 * gmmTransport(one, two).linearCost.item()   // 4
 */
export function gmmTransport(p: GaussianMixture, q: GaussianMixture): TransportResult<SparsePlan> {
  for (const mixture of [p, q]) requireMixture(mixture, p)
  const row = vmap((mean: Tensor, covariance: Tensor) =>
    vmap((other: Tensor, spread: Tensor) =>
      buresWasserstein({ mean, covariance }, { mean: other, covariance: spread }),
    )(q.means, q.covariances),
  )
  return emd(row(p.means, p.covariances), { a: p.weights, b: q.weights })
}

function requireMixture({ weights, means, covariances }: GaussianMixture, first: GaussianMixture): void {
  const fn = 'gmmTransport'
  requireFloats(fn, 'weights', weights, 1)
  requireFloats(fn, 'means', means, 2)
  requireFloats(fn, 'covariances', covariances, 3)
  requireSameDType(fn, first.means, [weights, means, covariances])
  const [k, d] = [weights.size, first.means.shape[1]]
  const expected = [`means [${k}, ${d}]`, `covariances [${k}, ${d}, ${d}]`]
  if (`${means.shape}` === `${[k, d]}` && `${covariances.shape}` === `${[k, d, d]}`) return
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `means ${typeOf(means)}, covariances ${typeOf(covariances)}`,
    expected: expected.join(', '),
  })
}
