// Costs given as a matrix.

import {
  type DType,
  div,
  expandDims,
  logSumExp,
  max,
  reshape,
  stopGradient,
  sub,
  sum,
  type Tensor,
  TREE,
  vmap,
} from '@adjoint/core'
import { requireFloats } from '../checks.js'
import type { CostFormula, Geometry, ReducedAxis, ReduceInputs } from './geometry.js'

/** Costs in a matrix; see `costMatrix`. */
export class CostMatrix implements Geometry {
  readonly dense = true
  /** `[n, m]`. */
  readonly matrix: Tensor

  constructor(matrix: Tensor) {
    this.matrix = matrix
  }

  get shape(): readonly [n: number, m: number] {
    return [this.matrix.shape[0], this.matrix.shape[1]]
  }

  get dtype(): DType {
    return this.matrix.dtype
  }

  get like(): Tensor {
    return this.matrix
  }

  logSumExp(h: Tensor, epsilon: Tensor, axis: ReducedAxis): Tensor {
    return logSumExp(sub(expandDims(h, 1 - axis), div(this.matrix, epsilon)), axis)
  }

  sum(formula: CostFormula, axis: ReducedAxis, inputs: ReduceInputs): Tensor {
    const deep = [...(inputs.rows ?? []), ...(inputs.columns ?? [])].some((x) => x.ndim > 1)
    return deep ? this.#columnwise(formula, axis, inputs) : sum(this.#entries(formula, inputs), axis)
  }

  /** Sums of formulas whose inputs or results are vectors. */
  #columnwise(formula: CostFormula, axis: ReducedAxis, { rows = [], columns = [], shared = [] }: ReduceInputs): Tensor {
    const row = (costs: Tensor, ...r: Tensor[]): Tensor =>
      vmap((cost: Tensor, ...c: Tensor[]) => formula(cost, r, c, shared))(costs, ...columns)
    return sum(vmap(row)(this.matrix, ...rows), axis)
  }

  max(formula: CostFormula, axis: ReducedAxis, inputs: ReduceInputs): Tensor {
    return stopGradient(max(this.#entries(formula, inputs), axis))
  }

  #entries(formula: CostFormula, { rows = [], columns = [], shared = [] }: ReduceInputs): Tensor {
    const [n, m] = this.shape
    const left = rows.map((x) => reshape(x, [n, 1]))
    const above = columns.map((x) => reshape(x, [1, m]))
    return formula(this.matrix, left, above, shared)
  }

  costMatrix(): Tensor {
    return this.matrix
  }

  /** @internal */
  static readonly [TREE] = {
    flatten: ({ matrix }: CostMatrix) => [matrix] as const,
    unflatten: ([matrix]: readonly [Tensor]) => new CostMatrix(matrix),
  }
}

/**
 * The geometry of a matrix of costs; what solvers make of a tensor they are given.
 *
 * Infinite costs forbid a pair. Costs may be negative.
 *
 * @param matrix - `[n, m]`, float32 or float64
 * @throws AdjointError `dtype-mismatch`, `shape-mismatch`
 * @example
 * costMatrix(tensor([[0, 1], [1, 0]])).shape   // [2, 2]
 */
export function costMatrix(matrix: Tensor): CostMatrix {
  requireFloats('costMatrix', 'costs', matrix, 2)
  return new CostMatrix(matrix)
}
