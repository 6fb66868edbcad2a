// Exact optimal transport between weighted points: the earth mover's distance.
// Y. Rubner, C. Tomasi, L. J. Guibas, The Earth Mover's Distance as a Metric for Image Retrieval (2000).

import { at, eq, isTensor, type Tensor, take, vmap, where } from '@adjoint/core'
import { requireCount } from '../checks.js'
import { costMatrix } from '../geometry/cost-matrix.js'
import type { Geometry } from '../geometry/geometry.js'
import { PointCloud } from '../geometry/point-cloud.js'
import { weightsOf } from '../measure.js'
import { SparsePlan } from '../plan.js'
import type { Marginals } from '../problem.js'
import type { Potentials, TransportResult } from '../result.js'
import { certified } from './certificate.js'
import { transport } from './transport-primitive.js'

/** Options of `emd`. */
export interface EmdOptions extends Marginals {
  /** Potentials of a similar problem, to start from. */
  readonly start?: Potentials
  /** @defaultValue 1,000 for each point */
  readonly maxIterations?: number
}

/**
 * The cheapest plan that moves one measure onto another, by the network simplex method.
 *
 * Runs on the host in float64, whatever the backend. The plan has n + m - 1 entries; `iterations` are pivots. The gap between
 * the plan's cost and the dual value is rounding. Gradients of `linearCost`: P with respect to the costs, the potentials
 * with respect to the weights (one of the subgradients where plans tie; potentials of points without weight come from the
 * c-transform). The plan and the potentials themselves are constant to derivatives. An infinite cost forbids a pair.
 *
 * N. Bonneel, M. van de Panne, S. Paris, W. Heidrich, Displacement Interpolation Using Lagrangian Mass Transport, 2011.
 *
 * @param geometry - or a cost matrix `[n, m]`; costs of a point cloud are computed row by row, in memory linear in n + m
 * @returns a result whose plan is sparse
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { linearCost, plan } = emd(tensor([[0, 1], [1, 0]]), { a: tensor([0.5, 0.5]), b: tensor([0.25, 0.75]) })
 * linearCost.item()   // 0.25
 * plan.toDense()   // [[0.25, 0.25], [0, 0.5]]
 */
export function emd(geometry: Geometry | Tensor, options: EmdOptions = {}): TransportResult<SparsePlan> {
  const costs = isTensor(geometry) ? costMatrix(geometry) : geometry
  const { like } = costs
  const [n, m] = costs.shape
  const a = weightsOf('emd', 'a', options.a, n, like)
  const b = weightsOf('emd', 'b', options.b, m, like)
  const maxPivots = options.maxIterations ?? 1000 * (n + m)
  requireCount('emd', 'maxIterations', maxPivots)
  const start = options.start && startOf(options.start, n, m, like)
  const basis = transport(costs, a, b, { start, maxPivots })
  const plan = new SparsePlan(basis.values, basis.rows, basis.columns, [n, m])
  const each = where(eq(basis.values, 0), 0, costsAt(costs, basis.rows, basis.columns))
  return certified(plan, each, a, b, basis)
}

/** The costs of the entries of a sparse plan, with their derivatives. */
function costsAt(geometry: Geometry, rows: Tensor, columns: Tensor): Tensor {
  if (!(geometry instanceof PointCloud)) return at(geometry.costMatrix(), rows, columns).get()
  const { x, y, cost } = geometry
  return vmap((from: Tensor, to: Tensor) => cost.between(from, to, cost.parameters))(take(x, rows), take(y, columns))
}

function startOf({ f, g }: Potentials, n: number, m: number, like: Tensor): Potentials {
  return { f: weightsOf('emd', 'start.f', f, n, like), g: weightsOf('emd', 'start.g', g, m, like) }
}
