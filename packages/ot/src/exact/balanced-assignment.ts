// Tokens to experts, every expert as many: routing of sparse networks without an auxiliary loss.
// M. Lewis, S. Bhosale, T. Dettmers, N. Goyal, L. Zettlemoyer, BASE Layers: Simplifying Training of Large, Sparse Models, 2021.

import { arange, at, eq, neg, oneHot, stopGradient, sum, type Tensor, withBackend } from '@adjoint/core'
import { requireFloats } from '../checks.js'
import { STATUS } from '../status.js'
import { type AuctionOptions, limitsOf } from './auction.js'
import { auctioned } from './auction-primitive.js'

/** An expert for each token. */
export interface BalancedAssignmentResult {
  /** int32 `[n]`: the expert of each token. */
  readonly experts: Tensor
  /** int32 `[m]`: tokens of each expert; all equal where m divides n, else one apart at most. */
  readonly loads: Tensor
  /** Sum of the affinities of tokens and their experts. */
  readonly affinity: Tensor
  /** No assignment of such loads has an affinity larger by more than this. */
  readonly dualGap: Tensor
  /** int32: bids. */
  readonly iterations: Tensor
  /** bool. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`. */
  readonly status: Tensor
}

/**
 * Gives each token an expert so that the loads are equal and the sum of the affinities is the largest: an auction in which each
 * expert has as many places.
 *
 * Runs on the host in float64, whatever the backend; batches go through `vmap`. The gradient of `affinity` is 1 at the chosen
 * pairs; the choice is constant to derivatives.
 *
 * M. Lewis, S. Bhosale, T. Dettmers, N. Goyal, L. Zettlemoyer, BASE Layers: Simplifying Training of Large, Sparse Models, 2021.
 *
 * @param affinities - `[n, m]`: of n tokens to m experts, larger is better; finite
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { experts, loads } = balancedAssignment(tensor([[3, 1], [5, 1], [4, 3], [1, 0]]))
 * experts   // [0, 0, 1, 1]
 * loads     // [2, 2]
 */
export function balancedAssignment(affinities: Tensor, options: AuctionOptions = {}): BalancedAssignmentResult {
  const fn = 'balancedAssignment'
  requireFloats(fn, 'affinities', affinities, 2)
  const [n, m] = affinities.shape
  const limits = limitsOf(fn, options, n + m)
  const [experts, , , dualGap, iterations, status] = auctioned(neg(stopGradient(affinities)), {
    loads: 'even',
    ...limits,
  })
  const tokens = withBackend(affinities.backend, () => arange(0, n, 1, { dtype: 'int32' }))
  return {
    experts,
    loads: sum(oneHot(experts, m, 'int32'), 0),
    affinity: sum(at(affinities, tokens, experts).get()),
    dualGap,
    iterations,
    converged: eq(status, STATUS.converged),
    status,
  }
}
