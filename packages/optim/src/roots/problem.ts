// What methods for equations find.

import type { Tensor } from '@adjoint/core'

/** Where a method ended. */
export interface RootOutcome {
  readonly x: Tensor
  /** Largest residual, without its sign. */
  readonly error: Tensor
  /** int32 */
  readonly iterations: Tensor
  /** int32 */
  readonly evaluations: Tensor
  /** int32, one of `STATUS`. */
  readonly status: Tensor
}
