// Where a plan sends the points of its first measure: the mean of the targets, weighted by the plan.
// S. Ferradans, N. Papadakis, G. Peyré, J.-F. Aujol, Regularized Discrete Optimal Transport, 2014.

import { AdjointError, div, expandDims, gt, type Tensor, where } from '@adjoint/core'
import { requireFloats, requireSameDType, typeOf } from '../checks.js'
import { filled } from '../filled.js'
import type { Plan } from '../plan.js'

/**
 * The images of the points of the first measure under a plan: the mean of the points of the second, weighted by the rows.
 * Traceable and differentiable in the plan and the targets.
 *
 * @param plan - `[n, m]`
 * @param targets - `[m, d]`
 * @returns `[n, d]`; zeros where a row has no mass
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const plan = new DensePlan(tensor([[0.25, 0.25], [0, 0.5]]))
 * barycentricMap(plan, tensor([[0, 0], [2, 4]]))   // [[1, 2], [2, 4]]
 */
export function barycentricMap(plan: Plan, targets: Tensor): Tensor {
  requireFloats('barycentricMap', 'targets', targets, 2)
  requireSameDType('barycentricMap', { dtype: plan.dtype, shape: plan.shape }, [targets])
  const [, m] = plan.shape
  if (targets.shape[0] !== m) {
    throw new AdjointError('shape-mismatch', {
      fn: 'barycentricMap',
      given: `targets ${typeOf(targets)} of a plan [${plan.shape.join(', ')}]`,
      expected: `targets [${m}, d]`,
    })
  }
  const mass = expandDims(plan.apply(filled(targets, [m], 1)), 1)
  return where(gt(mass, 0), div(plan.apply(targets), where(gt(mass, 0), mass, 1)), 0)
}
