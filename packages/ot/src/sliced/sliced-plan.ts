// A transport plan lifted from the best slice: an upper bound of the Wasserstein distance in the time of sorting.
// G. Mahey, L. Chapel, G. Gasso, C. Bonet, N. Courty, Fast Optimal Transport through Sliced Generalized Wasserstein Geodesics, 2023.

import { argMin, matmul, mul, square, stopGradient, sub, sum, type Tensor, take, transpose, vmap } from '@adjoint/core'
import { weightsOf } from '../measure.js'
import { emd1d } from '../one-dimensional/emd-1d.js'
import { SparsePlan } from '../plan.js'
import { directionsOf, requirePoints, type SlicedOptions } from './directions.js'

/** What `slicedPlan` returns. */
export interface SlicedPlanResult {
  /** A coupling of the points, `[n, m]`, in n + m - 1 entries. */
  readonly plan: SparsePlan
  /** Its cost for the squared distance: not below the squared Wasserstein distance. */
  readonly linearCost: Tensor
  /** `[d]`: the direction that it comes from. */
  readonly direction: Tensor
}

/**
 * Matches points as their projections on a line are matched, along the direction where that costs least in full space.
 *
 * Traceable. Derivatives are with respect to the points; plan and direction are constant to them.
 *
 * G. Mahey, L. Chapel, G. Gasso, C. Bonet, N. Courty, Fast Optimal Transport through Sliced Generalized Wasserstein Geodesics, 2023.
 *
 * @param x - `[n, d]`
 * @param y - `[m, d]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `missing-argument`
 * @example
 * const x = tensor([[0, 0], [1, 0], [2, 0]])
 * const { linearCost } = slicedPlan(x, x.add(1), { directions: tensor([[0, 1], [1, 0]]) })
 * linearCost.item()   // 2
 */
export function slicedPlan(
  x: Tensor,
  y: Tensor,
  options: Pick<SlicedOptions, 'a' | 'b' | 'key' | 'projections' | 'directions'> = {},
): SlicedPlanResult {
  const fn = 'slicedPlan'
  requirePoints(fn, x, y)
  const [heldX, heldY] = [stopGradient(x), stopGradient(y)]
  const directions = stopGradient(directionsOf(fn, x, options))
  const a = weightsOf(fn, 'a', options.a, x.shape[0], x)
  const b = weightsOf(fn, 'b', options.b, y.shape[0], x)
  const lifted = vmap((u: Tensor, v: Tensor) => {
    const { values, rows, columns } = emd1d(u, v, { a, b }).plan
    return { values, rows, columns, cost: costOf(heldX, heldY, values, rows, columns) }
  })(matmul(directions, transpose(heldX)), matmul(directions, transpose(heldY)))
  const best = argMin(lifted.cost)
  const [values, rows, columns] = [lifted.values, lifted.rows, lifted.columns].map((all) => take(all, best))
  return {
    plan: new SparsePlan(values, rows, columns, [x.shape[0], y.shape[0]]),
    linearCost: costOf(x, y, values, rows, columns),
    direction: take(directions, best),
  }
}

function costOf(x: Tensor, y: Tensor, values: Tensor, rows: Tensor, columns: Tensor): Tensor {
  return sum(mul(values, sum(square(sub(take(x, rows), take(y, columns))), 1)))
}
