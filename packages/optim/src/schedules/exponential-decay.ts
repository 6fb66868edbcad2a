// A rate that shrinks by a constant factor per so many steps.

import { floor } from '@adjoint/core'
import type { Schedule } from '../api.js'
import { checkPositive, checkRate } from '../checks.js'
import { scheduled } from './scheduled.js'

/** Options of `exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** The rate does not fall below this. @defaultValue 0 */
  readonly end?: number
  /** Whether the rate falls all along or once every `steps` steps. @defaultValue 'smooth' */
  readonly shape?: 'smooth' | 'staircase'
}

/**
 * `rate * factor^(step / steps)`, not below `end`.
 *
 * @param rate - at step 0
 * @param steps - after which the rate is multiplied by `factor`
 * @throws AdjointError `invalid-argument` for numbers out of range
 * @example
 * exponentialDecay(0.1, 100, 0.5)(tensor(200))   // 0.025
 */
export function exponentialDecay(
  rate: number,
  steps: number,
  factor: number,
  { end = 0, shape = 'smooth' }: ExponentialDecayOptions = {},
): Schedule {
  checkRate('exponentialDecay', 'rate', rate)
  checkPositive('exponentialDecay', 'steps', steps)
  checkPositive('exponentialDecay', 'factor', factor)
  checkRate('exponentialDecay', 'end', end)
  return scheduled((step) => {
    const halvings = step.div(steps)
    const whole = shape === 'staircase' ? floor(halvings) : halvings
    return whole.mul(Math.log(factor)).exp().mul(rate).maximum(end)
  })
}
