// What every minimiser is given, and what it finds.

import type { Tensor } from '@adjoint/core'

/** Bounds `[n]`, infinite where there is none. */
export interface Box {
  readonly lower: Tensor
  readonly upper: Tensor
}

/** A function of vectors `[n]` to make small. */
export interface Problem {
  /** `[n]` -> `[]` */
  readonly loss: (x: Tensor) => Tensor
  readonly start: Tensor
  /** Converged once no entry of the gradient is larger. */
  readonly tolerance: number
  readonly maxSteps: number
  /** Pairs that limited-memory methods keep. */
  readonly memory: number
  /** Null where there are none. */
  readonly bounds: Box | null
}

/** Where a minimiser ended. */
export interface Outcome {
  readonly x: Tensor
  readonly value: Tensor
  /** Largest entry of the gradient; under bounds of the projected one. */
  readonly gradientNorm: Tensor
  /** int32 */
  readonly iterations: Tensor
  /** int32 */
  readonly evaluations: Tensor
  /** int32, one of `STATUS`. */
  readonly status: Tensor
}

/** A point with value and gradient. */
export interface Point {
  readonly x: Tensor
  readonly value: Tensor
  readonly grad: Tensor
}
