// What line searches look at, and what they find.

import type { Tensor } from '@adjoint/core'

/** A function along a line, at one step. */
export interface LinePoint {
  readonly step: Tensor
  readonly value: Tensor
  /** Derivative by the step. */
  readonly slope: Tensor
  /** Gradient of the function itself. `[n]` */
  readonly grad: Tensor
}

/** A function along a line from step 0. */
export interface Line {
  readonly origin: LinePoint
  at(step: Tensor): LinePoint
}

/** Where a search ended. */
export interface Found extends LinePoint {
  /** int32 */
  readonly evaluations: Tensor
  /** Whether the point is lower than the origin, or as low and flatter. */
  readonly ok: Tensor
}

/** Options of a search. */
export interface SearchOptions {
  /** Sufficient decrease: this part of what the slope promises. */
  readonly decrease: number
  /** Curvature: the slope falls to this part of its size. */
  readonly curvature: number
  /** Longest step. */
  readonly longest: Tensor
}
