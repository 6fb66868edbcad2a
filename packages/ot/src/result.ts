// What every solver returns: a plan, potentials, costs, and a certificate of how good they are.

import type { Tensor } from '@adjoint/core'
import type { Plan } from './plan.js'

/** Dual potentials, the constant between them pinned: `<f, a> = <g, b>` where shifting it changes nothing. */
export interface Potentials {
  /** `[n]`: of the first measure. */
  readonly f: Tensor
  /** `[m]`: of the second. */
  readonly g: Tensor
}

/** A solved transport problem. All fields but the plan are tensors; `await read(result)` gives plain values. */
export interface TransportResult<P extends Plan = Plan> {
  /** Mass from i to j, `[n, m]`. */
  readonly plan: P
  readonly potentials: Potentials
  /** <P, C>, in units of the cost. */
  readonly linearCost: Tensor
  /** The value of the problem that was solved, with its regularisers. The exact solvers have none: it is `linearCost`. */
  readonly regularizedCost: Tensor
  /**
   * The cost of the plan, rounded to satisfy the marginals exactly, minus the value of the dual at the potentials:
   * not below zero but for rounding, and the distance to the optimum is not larger.
   */
  readonly dualGap: Tensor
  /** Sum of the absolute errors of both marginals, for masses of sum 1. */
  readonly marginalError: Tensor
  /** What the stopping rule compares with the tolerance. */
  readonly error: Tensor
  /** int32. */
  readonly iterations: Tensor
  /** bool. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`. */
  readonly status: Tensor
}
