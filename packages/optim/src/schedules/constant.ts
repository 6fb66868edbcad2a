// A rate that never changes, for where a schedule is wanted.

import { fullLike } from '@adjoint/core'
import type { Schedule } from '../api.js'
import { checkRate } from '../checks.js'
import { scheduled } from './scheduled.js'

/**
 * The same rate at every step.
 *
 * @throws AdjointError `invalid-argument` for a rate that is negative or not finite
 * @example
 * constant(0.1)(tensor(7))   // 0.1
 */
export function constant(rate: number): Schedule {
  checkRate('constant', 'rate', rate)
  return scheduled((step) => fullLike(step, rate))
}
