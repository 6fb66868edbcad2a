// k-means whose clusters have given shares of the points: exact transport to the centres in turn with means.
// M. Cuturi, A. Doucet, Fast Computation of Wasserstein Barycenters, 2014; equal sizes: M. I. Malinen, P. Fränti, Balanced
// K-Means for Clustering, 2014; first centres: D. Arthur, S. Vassilvitskii, k-means++, 2007.

import {
  add,
  and,
  argMax,
  at,
  div,
  eq,
  expandDims,
  fori,
  gt,
  log,
  lt,
  minimum,
  mul,
  not,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  tree,
  where,
  whileLoop,
} from '@adjoint/core'
import { categorical, foldIn, type Key, key as seeded } from '@adjoint/core/random'
import { requireCount, requireFloats, requireNumber } from '../checks.js'
import { emd } from '../exact/emd.js'
import { filled } from '../filled.js'
import { pointCloud } from '../geometry/point-cloud.js'
import { weightsOf } from '../measure.js'
import type { SparsePlan } from '../plan.js'
import type { Marginals } from '../problem.js'
import { STATUS } from '../status.js'

/** Weights `a` of the points and shares `b` of the clusters; uniform where they are not given. */
export interface BalancedKMeansOptions extends Marginals {
  /** Draws the first centres. @defaultValue key(0) */
  readonly key?: Key
  /** @defaultValue 100 */
  readonly maxIterations?: number
}

/** Clusters of given sizes. */
export interface BalancedKMeansResult {
  /** `[k, d]`. */
  readonly centers: Tensor
  /** int32 `[n]`: the cluster that has most of each point; all of it where k divides n and weights are uniform. */
  readonly labels: Tensor
  /** From points to clusters, `[n, k]`. */
  readonly plan: SparsePlan
  /** Mean squared distance of points to their centres. */
  readonly linearCost: Tensor
  /** int32. */
  readonly iterations: Tensor
  /** bool. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`. */
  readonly status: Tensor
}

interface State {
  readonly centers: Tensor
  readonly cost: Tensor
  readonly improved: Tensor
  readonly iterations: Tensor
  readonly status: Tensor
}

/**
 * Clusters of equal or given sizes: points move to centres by exact transport, centres to the means of what they got, until the
 * cost stays; a local minimum. Traceable; the result is constant to derivatives but for `linearCost`, whose gradient is that at
 * fixed clusters.
 *
 * M. Cuturi, A. Doucet, Fast Computation of Wasserstein Barycenters, 2014; M. I. Malinen, P. Fränti, Balanced K-Means for
 * Clustering, 2014.
 *
 * @param points - `[n, d]`
 * @param k - clusters, at most n
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { labels } = balancedKMeans(tensor([[0], [1], [2], [9]]), 2)
 * eq(labels, labels.slice([0, 1]))   // [true, true, false, false]
 */
export function balancedKMeans(points: Tensor, k: number, options: BalancedKMeansOptions = {}): BalancedKMeansResult {
  const fn = 'balancedKMeans'
  requireFloats(fn, 'points', points, 2)
  const [n] = points.shape
  requireNumber(fn, 'k', k, (v) => Number.isInteger(v) && v >= 1 && v <= n, `an integer from 1 to ${n}`)
  const { maxIterations = 100, key = seeded(0) } = options
  requireCount(fn, 'maxIterations', maxIterations)
  const a = weightsOf(fn, 'a', options.a, n, points)
  const b = weightsOf(fn, 'b', options.b, k, points)
  const fixed = tree.map(stopGradient, { points, a, b }) as { points: Tensor; a: Tensor; b: Tensor }
  const last = whileLoop({
    cond: ({ improved, iterations }: State) => and(improved, lt(iterations, maxIterations)),
    body: (state: State) => moved(fixed, state),
    init: {
      centers: firstCenters(fixed.points, fixed.a, k, key),
      cost: filled(points, [], Number.POSITIVE_INFINITY),
      improved: eq(filled(points, [], 0), 0),
      iterations: filled(points, [], 0, 'int32'),
      status: filled(points, [], STATUS.converged, 'int32'),
    },
    maxSteps: maxIterations,
  })
  const { plan, linearCost } = emd(pointCloud(points, last.centers), { a, b })
  const sound = eq(last.status, STATUS.converged)
  const limit = where(last.improved, STATUS.maxIterations, STATUS.converged).cast('int32')
  return {
    centers: last.centers,
    labels: argMax(plan.toDense(), 1),
    plan,
    linearCost,
    iterations: last.iterations,
    converged: and(sound, not(last.improved)),
    status: where(sound, limit, last.status),
  }
}

/** Transport to the centres, then centres to the means; the cost is that before the move. */
function moved({ points, a, b }: { points: Tensor; a: Tensor; b: Tensor }, state: State): State {
  const { plan, linearCost, status } = emd(pointCloud(points, state.centers), { a, b })
  const share = expandDims(plan.applyTranspose(filled(a, [a.size], 1)), 1)
  const mean = div(plan.applyTranspose(points), where(gt(share, 0), share, 1))
  return {
    centers: where(gt(share, 0), mean, state.centers),
    cost: linearCost,
    // Relative, so that rounding is no progress.
    improved: and(
      lt(linearCost, mul(state.cost, 1 - PROGRESS[points.dtype as 'float64'])),
      eq(status, STATUS.converged),
    ),
    iterations: add(state.iterations, 1),
    status,
  }
}

const PROGRESS = { float64: 1e-12, float32: 1e-6 }

/** Points drawn one after another, far ones more likely. */
function firstCenters(points: Tensor, a: Tensor, k: number, key: Key): Tensor {
  const draw = (i: Tensor | number, weights: Tensor) => take(points, categorical(foldIn(key, i), log(weights)), 0)
  const first = draw(0, a)
  const gaps = (center: Tensor) => sum(sub(points, center).square(), 1)
  const start = { centers: at(filled(points, [k, points.shape[1]], 0), 0).set(first), nearest: gaps(first) }
  const { centers } = fori(
    1,
    k,
    (i: Tensor, held: typeof start) => {
      const likely = mul(a, held.nearest)
      const next = draw(i, where(gt(sum(likely), 0), likely, a))
      return { centers: at(held.centers, i).set(next), nearest: minimum(held.nearest, gaps(next)) }
    },
    start,
  )
  return centers
}
