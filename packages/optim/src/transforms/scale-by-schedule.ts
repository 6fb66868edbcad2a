// Multiplies updates by a rate that depends on how many were made before.

import { AdjointError, isTensor, type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { Schedule, ScheduleState } from '../api.js'
import { counter, widestDType } from '../state.js'

/**
 * Multiplies every update by `schedule(updates made so far)`.
 *
 * @throws AdjointError `invalid-argument` when the schedule is no function, or gives no scalar tensor
 * @example
 * const decay = cosineDecay(0.1, 1000)
 * const optimizer = chain(trace(0.9), scaleBySchedule((step) => decay(step).neg()))
 */
export function scaleBySchedule(schedule: Schedule): Optimizer<ScheduleState> {
  if (typeof schedule !== 'function') {
    throw new AdjointError('invalid-argument', {
      fn: 'scaleBySchedule',
      given: `a value of type ${typeof schedule}`,
      expected: 'a function from a step to a rate',
      fix: 'Use scale(factor) for a fixed number',
    })
  }
  return {
    init: (params) => ({ count: counter('scaleBySchedule', params) }),
    update(grads, { count }) {
      const rate = checkedRate(schedule(count.cast(widestDType(grads))))
      const updates = tree.map((g: Tensor) => g.mul(rate.cast(g.dtype)), grads)
      return { updates, state: { count: count.add(1) } }
    },
  }
}

function checkedRate(rate: Tensor): Tensor {
  if (isTensor(rate) && rate.ndim === 0) return rate
  throw new AdjointError('invalid-argument', {
    fn: 'scaleBySchedule',
    given: isTensor(rate)
      ? `a schedule that returns shape [${rate.shape.join(', ')}]`
      : `a schedule that returns a ${typeof rate}`,
    expected: 'a schedule that returns a scalar tensor',
    fix: 'Compute the rate from the step with tensor functions: (step) => step.mul(-1e-4).add(0.1)',
  })
}
