// A rate that rises from a small value, then follows another schedule.
// P. Goyal et al., Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour, 2017.

import { where } from '@adjoint/core'
import type { LearningRate, Schedule } from '../api.js'
import { checkPositive, checkRate } from '../checks.js'
import { constant } from './constant.js'
import { passed, scheduled } from './scheduled.js'

/** Options of `linearWarmup`. */
export interface LinearWarmupOptions {
  /** Rate at step 0. @defaultValue 0 */
  readonly start?: number
}

/**
 * Rises linearly for `steps` steps to where `after` begins, then is `after`, whose own steps count from there.
 *
 * @param after - a rate, or a schedule
 * @throws AdjointError `invalid-argument` for numbers out of range
 * @example
 * linearWarmup(10, 0.1)(tensor(5))   // 0.05
 */
export function linearWarmup(steps: number, after: LearningRate, { start = 0 }: LinearWarmupOptions = {}): Schedule {
  checkPositive('linearWarmup', 'steps', steps)
  checkRate('linearWarmup', 'start', start)
  const then = typeof after === 'function' ? after : constant(after)
  return scheduled((step) => {
    const rate = then(step.sub(steps).maximum(0))
    const way = passed(step, steps)
    return where(step.lt(steps), rate.sub(start).mul(way).add(start), rate)
  })
}
