// Costs between two clouds of points, computed pair by pair where they are needed: memory is linear in the points.
// J. Feydy et al., Interpolating between Optimal Transport and MMD using Sinkhorn Divergences, 2019.

import { AdjointError, type DType, div, sub, type Tensor, TREE, vmap } from '@adjoint/core'
import { requireFloats, requireSameDType, typeOf } from '../checks.js'
import type { Formula } from '../pairwise/formula.js'
import { pairLogSumExp, pairMax } from '../pairwise/pair-log-sum-exp.js'
import { pairSum } from '../pairwise/pair-sum.js'
import type { Cost, CostFunction } from './cost.js'
import { squaredEuclidean } from './costs.js'
import type { CostFormula, Geometry, ReducedAxis, ReduceInputs } from './geometry.js'

/** Formulas of a cost are made once, because compiled code is found by them. */
interface CostFormulas {
  readonly score: Record<ReducedAxis, Formula>
  readonly composed: WeakMap<CostFormula, Record<ReducedAxis, Map<string, Formula>>>
}

const formulas = /* @__PURE__ */ new WeakMap<CostFunction, CostFormulas>()

function formulasOf(between: CostFunction): CostFormulas {
  const known = formulas.get(between)
  if (known !== undefined) return known
  const made: CostFormulas = {
    score: {
      1: ([x], [y, h], [epsilon, ...parameters]) => sub(h, div(between(x, y, parameters), epsilon)),
      0: ([y], [x, h], [epsilon, ...parameters]) => sub(h, div(between(x, y, parameters), epsilon)),
    },
    composed: new WeakMap(),
  }
  formulas.set(between, made)
  return made
}

/** The formula over points that a formula over costs stands for. */
function composed(between: CostFunction, formula: CostFormula, axis: ReducedAxis, parameters: number): Formula {
  const { composed: known } = formulasOf(between)
  const found = known.get(formula) ?? { 0: new Map(), 1: new Map() }
  known.set(formula, found)
  const made: Formula =
    found[axis].get(String(parameters)) ??
    (([p, ...reduced], [q, ...others], all) => {
      const [x, y] = axis === 1 ? [p, q] : [q, p]
      const [rows, columns] = axis === 1 ? [reduced, others] : [others, reduced]
      return formula(between(x, y, all.slice(0, parameters)), rows, columns, all.slice(parameters))
    })
  found[axis].set(String(parameters), made)
  return made
}

/** Costs between points; see `pointCloud`. */
export class PointCloud implements Geometry {
  readonly dense = false
  /** `[n, d]`. */
  readonly x: Tensor
  /** `[m, d]`. */
  readonly y: Tensor
  readonly cost: Cost

  constructor(x: Tensor, y: Tensor, cost: Cost) {
    this.x = x
    this.y = y
    this.cost = cost
  }

  get shape(): readonly [n: number, m: number] {
    return [this.x.shape[0], this.y.shape[0]]
  }

  get dtype(): DType {
    return this.x.dtype
  }

  get like(): Tensor {
    return this.x
  }

  logSumExp(h: Tensor, epsilon: Tensor, axis: ReducedAxis): Tensor {
    const [over, along] = axis === 1 ? [this.y, this.x] : [this.x, this.y]
    const { between, parameters } = this.cost
    return pairLogSumExp(formulasOf(between).score[axis], [along], [over, h], [epsilon, ...parameters])
  }

  sum(formula: CostFormula, axis: ReducedAxis, inputs: ReduceInputs): Tensor {
    const { whole, along, across, shared } = this.#pairs(formula, axis, inputs)
    return pairSum(whole, along, across, shared, inputs.item)
  }

  max(formula: CostFormula, axis: ReducedAxis, inputs: ReduceInputs): Tensor {
    const { whole, along, across, shared } = this.#pairs(formula, axis, inputs)
    return pairMax(whole, along, across, shared)
  }

  /** A formula over costs as one over points. */
  #pairs(formula: CostFormula, axis: ReducedAxis, { rows = [], columns = [], shared = [] }: ReduceInputs) {
    const { between, parameters } = this.cost
    const whole = composed(between, formula, axis, parameters.length)
    const [of, over] = axis === 1 ? [rows, columns] : [columns, rows]
    const [along, across] = axis === 1 ? [this.x, this.y] : [this.y, this.x]
    return { whole, along: [along, ...of], across: [across, ...over], shared: [...parameters, ...shared] }
  }

  costMatrix(): Tensor {
    const { between, parameters } = this.cost
    return vmap((x: Tensor) => vmap((y: Tensor) => between(x, y, parameters))(this.y))(this.x)
  }

  /** @internal */
  static readonly [TREE] = {
    flatten: ({ x, y, cost }: PointCloud) => [x, y, cost] as const,
    unflatten: ([x, y, cost]: readonly [Tensor, Tensor, Cost]) => new PointCloud(x, y, cost),
  }
}

/**
 * The geometry of two clouds of points. The table of costs is never in memory: solvers compute costs anew where they need
 * them, derivatives too, and use memory linear in n + m.
 *
 * @param x - `[n, d]`, float32 or float64
 * @param y - `[m, d]`. @defaultValue x
 * @param cost - between two points. @defaultValue squaredEuclidean
 * @throws AdjointError `dtype-mismatch`, `shape-mismatch`
 * @example
 * const geometry = pointCloud(tensor([[0, 0], [1, 0]]), tensor([[0, 2]]))
 * geometry.costMatrix()   // [[4], [5]]
 */
export function pointCloud(x: Tensor, y: Tensor = x, cost: Cost = squaredEuclidean): PointCloud {
  requireFloats('pointCloud', 'points', x, 2)
  requireFloats('pointCloud', 'points', y, 2)
  requireSameDType('pointCloud', x, [y, ...cost.parameters])
  if (x.shape[1] === y.shape[1]) return new PointCloud(x, y, cost)
  throw new AdjointError('shape-mismatch', {
    fn: 'pointCloud',
    given: `points ${typeOf(x)} and ${typeOf(y)}`,
    expected: 'points with as many coordinates',
  })
}
