// What all schedules share: integer steps become float, and a fraction of the way runs from 0 to 1 and stays there.

import type { Tensor } from '@adjoint/core'
import type { Schedule } from '../api.js'

/** A schedule that may be called with an integer step too. */
export function scheduled(rate: Schedule): Schedule {
  return (step) => rate(step.dtype === 'float32' || step.dtype === 'float64' ? step : step.cast('float32'))
}

/** How much of `steps` has passed, from 0 to 1. */
export function passed(step: Tensor, steps: number): Tensor {
  return step.div(steps).clip(0, 1)
}
