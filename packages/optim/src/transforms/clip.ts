// Clips every entry of the updates on its own; changes their direction.

import { type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { NoState } from '../api.js'
import { checkPositive } from '../checks.js'

/**
 * Limits every entry of the updates to [-bound, bound].
 *
 * @throws AdjointError `invalid-argument` for a bound that is not positive
 * @example
 * const optimizer = chain(clip(1), sgd(0.1))
 */
export function clip(bound: number): Optimizer<NoState> {
  checkPositive('clip', 'bound', bound)
  return {
    init: () => ({}),
    update: (grads, state) => ({ updates: tree.map((g: Tensor) => g.clip(-bound, bound), grads), state }),
  }
}
