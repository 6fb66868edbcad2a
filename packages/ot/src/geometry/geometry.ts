// Where the costs of a transport problem come from. Solvers see costs through reductions only, never as a table.

import type { DType, Tensor } from '@adjoint/core'

/**
 * A function of the cost of one pair (i, j), of what belongs to i, to j, and to all pairs; traceable, of scalars. Compiled
 * code is found by the function itself: define it once, outside of loops.
 */
export type CostFormula = (
  cost: Tensor,
  rows: readonly Tensor[],
  columns: readonly Tensor[],
  shared: readonly Tensor[],
) => Tensor

/** The axis that a reduction removes: 1 sums over columns and gives `[n]`, 0 sums over rows and gives `[m]`. */
export type ReducedAxis = 0 | 1

/** What a reduction of a geometry needs beside its formula. */
export interface ReduceInputs {
  /** What belongs to rows, each `[n, ...]`. */
  readonly rows?: readonly Tensor[]
  /** What belongs to columns, each `[m, ...]`. */
  readonly columns?: readonly Tensor[]
  readonly shared?: readonly Tensor[]
  /** Shape of the formula's result. @defaultValue [], a scalar */
  readonly item?: readonly number[]
}

/** Costs C `[n, m]` between n and m points; a pytree, so that derivatives reach what the costs are made of. */
export interface Geometry {
  /** `[n, m]`. */
  readonly shape: readonly [n: number, m: number]
  /** Of all its numbers. */
  readonly dtype: DType
  /** Some tensor of the geometry: others are made beside it. */
  readonly like: Tensor
  /** Whether the costs are a matrix in memory already, so that solvers may keep matrices of that size. */
  readonly dense: boolean
  /** Whether `logSumExp` is much cheaper than a pass over all pairs. */
  readonly separable?: boolean
  /**
   * `log sum exp(h - C / epsilon)` over one axis; -Infinity where all terms are.
   *
   * @param h - of the axis that is summed over; may be -Infinity
   * @param epsilon - a scalar
   */
  logSumExp(h: Tensor, epsilon: Tensor, axis: ReducedAxis): Tensor
  /** Sums of a formula over one axis. */
  sum(formula: CostFormula, axis: ReducedAxis, inputs: ReduceInputs): Tensor
  /** The largest values of a formula over one axis, constant to derivatives. */
  max(formula: CostFormula, axis: ReducedAxis, inputs: ReduceInputs): Tensor
  /** The matrix `[n, m]`. */
  costMatrix(): Tensor
}
