// One door to the solvers of linear transport problems: the method by what is asked, and values checked where they can be.

import { AdjointError, cast, isAdjointError, isFinite, isTensor, mul, type Tensor } from '@adjoint/core'
import { requireChoice } from './checks.js'
import { pricesOf, type SinkhornOptions, sinkhorn } from './entropic/sinkhorn.js'
import { emd } from './exact/emd.js'
import type { Cost } from './geometry/cost.js'
import { costMatrix } from './geometry/cost-matrix.js'
import type { CostFormula, Geometry } from './geometry/geometry.js'
import { pointCloud } from './geometry/point-cloud.js'
import { weightsOf } from './measure.js'
import type { TransportResult } from './result.js'
import { OT_STATUS, STATUS } from './status.js'

/** How `solve` solves. */
export type SolveMethod = 'auto' | 'exact' | 'sinkhorn'

/** Options of `solve`; those of `sinkhorn` are for the entropic solver. */
export interface SolveOptions extends Omit<SinkhornOptions, 'method'> {
  /**
   * `'auto'` is exact for balanced problems without `epsilon` and up to four million pairs, else `'sinkhorn'`; where that
   * does not converge on a balanced problem, and its status can be read at once, the exact solver takes over.
   * @defaultValue 'auto'
   */
  readonly method?: SolveMethod
}

/** Options of `solveSample`. */
export interface SolveSampleOptions extends SolveOptions {
  /** Between two points. @defaultValue squaredEuclidean */
  readonly cost?: Cost
}

/** Pairs up to which `'auto'` is exact. */
const EXACT_PAIRS = 4_000_000

/**
 * Transport between two measures, by the method that fits: exact, or entropic where `epsilon` or `unbalanced` is given or the
 * problem is large. Traceable. Where values can be read at once, unusable ones are an error here; elsewhere `status` says so.
 *
 * @param geometry - of n and m points, or a matrix of costs `[n, m]`
 * @returns plan, potentials, costs, certificate and report
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`; `invalid-argument` for options, and for weights and costs that
 * can be read and make no problem
 * @example
 * const costs = tensor([[0, 1], [1, 0]])
 * solve(costs, { a: tensor([0.5, 0.5]), b: tensor([0.25, 0.75]) }).linearCost   // 0.25
 * solve(costs, { epsilon: 0.1 }).regularizedCost                                 // 0.034...
 */
export function solve(geometry: Geometry | Tensor, options: SolveOptions = {}): TransportResult {
  const costs = isTensor(geometry) ? costMatrix(geometry) : geometry
  const { method = 'auto', ...rest } = options
  requireChoice('solve', 'method', method, ['auto', 'exact', 'sinkhorn'])
  const balanced = pricesOf(options.unbalanced).every((price) => price === Infinity)
  const small = costs.shape[0] * costs.shape[1] <= EXACT_PAIRS
  const { a, b } = options
  if (method === 'exact' && !balanced) {
    throw new AdjointError('invalid-argument', {
      fn: 'solve',
      given: "`unbalanced` with method 'exact'",
      expected: "method 'sinkhorn'",
    })
  }
  if (method === 'exact' || (method === 'auto' && balanced && small && options.epsilon === undefined))
    return sound(costs, options, emd(costs, { a, b }))
  const result = sound(costs, options, sinkhorn(costs, rest))
  const stuck = method === 'auto' && balanced && (valueNow(result.status) ?? STATUS.converged) !== STATUS.converged
  return stuck ? sound(costs, options, emd(costs, { a, b })) : result
}

/**
 * Transport between two samples: `solve` on their point cloud.
 *
 * @param x - `[n, d]`
 * @param y - `[m, d]`
 * @example
 * solveSample(tensor([[0, 0], [1, 0]]), tensor([[0, 1], [1, 1]])).linearCost   // 1
 */
export function solveSample(x: Tensor, y: Tensor, { cost, ...options }: SolveSampleOptions = {}): TransportResult {
  return solve(pointCloud(x, y, cost), options)
}

/** The value of a scalar, null while it cannot be read at once. */
function valueNow(x: Tensor): number | null {
  try {
    return x.item()
  } catch (error) {
    if (isAdjointError(error) && (error.code === 'traced-value' || error.code === 'sync-read')) return null
    throw error
  }
}

const UNUSABLE: readonly number[] = [STATUS.badWeights, STATUS.unequalMasses, STATUS.infeasible, STATUS.notFinite]

/** The result, or an error where it is known that there can be none. */
function sound(costs: Geometry, options: SolveOptions, result: TransportResult): TransportResult {
  const status = valueNow(result.status)
  if (status === null || !UNUSABLE.includes(status)) return result
  const rows = status === STATUS.infeasible ? strandedRows(costs, options) : []
  throw new AdjointError('invalid-argument', {
    fn: 'solve',
    given: rows.length > 0 ? `only infinite costs from rows ${listed(rows)}` : OT_STATUS[status],
    expected: 'weights and costs that make a transport problem',
    fix:
      status === STATUS.unequalMasses ? 'Divide each by its sum, or let mass be missed: { unbalanced: 1 }' : undefined,
  })
}

const reachable: CostFormula = (cost, _, [b]) => mul(cast(isFinite(cost), cost.dtype), b)

/** Rows with mass from which no mass can go anywhere. */
function strandedRows(costs: Geometry, options: SolveOptions): number[] {
  const [n, m] = costs.shape
  const a = weightsOf('solve', 'a', options.a, n, costs.like).dataSync()
  const b = weightsOf('solve', 'b', options.b, m, costs.like)
  const open = costs.sum(reachable, 1, { columns: [b] }).dataSync()
  return Array.from(a.keys()).filter((i) => a[i] > 0 && open[i] === 0)
}

function listed(rows: readonly number[]): string {
  const more = rows.length > 5 ? `, and ${rows.length - 5} more` : ''
  return `${rows.slice(0, 5).join(', ')}${more}`
}
