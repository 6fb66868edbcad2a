// Multiplies updates by a number: the last link of most chains, with the sign that makes them descend.

import { type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { NoState } from '../api.js'
import { checkNumber } from '../checks.js'

/**
 * Multiplies every update by a factor.
 *
 * @param factor - a finite number; negative to descend
 * @throws AdjointError `invalid-argument` for NaN and infinities
 * @example
 * const descent = scale(-0.1)
 * const { updates } = descent.update(tensor([1, 2]), descent.init(tensor([0, 0])))   // [-0.1, -0.2]
 */
export function scale(factor: number): Optimizer<NoState> {
  checkNumber('scale', 'factor', factor, Number.isFinite, 'a finite number')
  return {
    init: () => ({}),
    update: (grads, state) => ({ updates: tree.map((g: Tensor) => g.mul(factor), grads), state }),
  }
}
