// The descent step: minus the learning rate, fixed or scheduled, times what the chain computed before.

import type { Optimizer } from '@adjoint/core'
import type { LearningRate } from '../api.js'
import { checkRate } from '../checks.js'
import { scale } from './scale.js'
import { scaleBySchedule } from './scale-by-schedule.js'

/**
 * Multiplies every update by minus the learning rate: the last part of a `chain`.
 *
 * @param fn - the optimizer to name in errors
 * @throws AdjointError `invalid-argument` for a rate that is negative or not finite
 * @example
 * const optimizer = chain(clipByGlobalNorm(1), scaleByLearningRate(cosineDecay(0.1, 1000)))
 */
export function scaleByLearningRate(learningRate: LearningRate, fn = 'scaleByLearningRate'): Optimizer<unknown> {
  if (typeof learningRate === 'function')
    return scaleBySchedule((step) => learningRate(step).neg()) as Optimizer<unknown>
  checkRate(fn, 'learning rate', learningRate)
  return scale(-learningRate) as Optimizer<unknown>
}
