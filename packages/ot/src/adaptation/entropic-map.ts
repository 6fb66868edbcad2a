// An entropic plan continued to points that were not in the sample.
// A.-A. Pooladian, J. Niles-Weed, Entropic estimation of optimal transport maps, 2021.

import { AdjointError, add, div, exp, mul, sub, type Tensor, TREE } from '@adjoint/core'
import { requireFloats, requireSameDType, typeOf } from '../checks.js'
import type { EntropicPlan } from '../entropic/plan.js'
import { logWeights } from '../entropic/problem.js'
import type { CostFormula } from '../geometry/geometry.js'
import { PointCloud } from '../geometry/point-cloud.js'

const weighted = (cost: Tensor, score: Tensor, total: Tensor, epsilon: Tensor, target: Tensor): Tensor =>
  mul(exp(sub(sub(score, div(cost, epsilon)), total)), target)
const overColumns: CostFormula = (cost, [total], [score, y], [epsilon]) => weighted(cost, score, total, epsilon, y)
const overRows: CostFormula = (cost, [score, x], [total], [epsilon]) => weighted(cost, score, total, epsilon, x)

/** Moves points of the first space to the second, and back; a pytree, so that compiled functions take it. See `entropicMap`. */
export class EntropicMap {
  readonly plan: EntropicPlan

  constructor(plan: EntropicPlan) {
    this.plan = plan
  }

  /** Points `[..., d]` of the first space, moved to the second. */
  apply(points: Tensor): Tensor {
    const { x, y, cost, b, epsilon, g } = this.#parts()
    const cloud = new PointCloud(flat('EntropicMap.apply', points, x), y, cost)
    const score = add(logWeights(b), div(g, epsilon))
    const total = cloud.logSumExp(score, epsilon, 1)
    const inputs = { rows: [total], columns: [score, y], shared: [epsilon], item: [y.shape[1]] }
    return cloud.sum(overColumns, 1, inputs).reshape(points.shape)
  }

  /** Points `[..., d]` of the second space, moved to the first. */
  inverse(points: Tensor): Tensor {
    const { x, y, cost, a, epsilon, f } = this.#parts()
    const cloud = new PointCloud(x, flat('EntropicMap.inverse', points, y), cost)
    const score = add(logWeights(a), div(f, epsilon))
    const total = cloud.logSumExp(score, epsilon, 0)
    const inputs = { rows: [score, x], columns: [total], shared: [epsilon], item: [x.shape[1]] }
    return cloud.sum(overRows, 0, inputs).reshape(points.shape)
  }

  #parts() {
    const { geometry, a, b, epsilon } = this.plan.problem
    const { x, y, cost } = geometry as PointCloud
    return { x, y, cost, a, b, epsilon, ...this.plan.potentials }
  }

  /** @internal */
  static readonly [TREE] = {
    flatten: ({ plan }: EntropicMap) => [plan] as const,
    unflatten: ([plan]: readonly [EntropicPlan]) => new EntropicMap(plan),
  }
}

function flat(fn: string, points: Tensor, like: Tensor): Tensor {
  requireFloats(fn, 'points', points, Math.max(1, points.ndim))
  requireSameDType(fn, like, [points])
  const d = like.shape[1]
  if (points.shape[points.ndim - 1] === d) return points.reshape([-1, d])
  throw new AdjointError('shape-mismatch', { fn, given: `points ${typeOf(points)}`, expected: `points [..., ${d}]` })
}

/**
 * The map that an entropic plan between two clouds of points defines everywhere: a point goes to the mean of the other cloud,
 * weighted as the plan's potentials say. On the points of the sample it is the barycentric map. Traceable, differentiable in
 * everything; memory is linear in the points.
 *
 * A.-A. Pooladian, J. Niles-Weed, Entropic estimation of optimal transport maps, 2021.
 *
 * @param fit - what `sinkhorn` returned for a `pointCloud`
 * @throws AdjointError `invalid-argument` where the plan is not between points
 * @example
 * const [x, y] = [tensor([[0], [1], [2]]), tensor([[10], [11], [12]])]
 * const map = entropicMap(sinkhorn(pointCloud(x, y), { epsilon: 0.001, epsilonScale: 'absolute' }))
 * map.apply(tensor([[0.1], [2.2]]))     // [[10], [12]]
 * map.inverse(tensor([[10.9]]))         // [[1]]
 */
export function entropicMap({ plan }: { readonly plan: EntropicPlan }): EntropicMap {
  if (plan.problem.geometry instanceof PointCloud) return new EntropicMap(plan)
  throw new AdjointError('invalid-argument', {
    fn: 'entropicMap',
    given: 'a plan of a matrix of costs',
    expected: 'a plan between points',
    fix: 'Solve with sinkhorn(pointCloud(x, y))',
  })
}
