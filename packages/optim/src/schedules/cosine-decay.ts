// A rate that falls along half a period of the cosine.
// I. Loshchilov, F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, without the restarts.

import type { Schedule } from '../api.js'
import { checkPositive, checkRate } from '../checks.js'
import { passed, scheduled } from './scheduled.js'

/** Options of `cosineDecay`. */
export interface CosineDecayOptions {
  /** Rate at the end and after it. @defaultValue 0 */
  readonly end?: number
}

/**
 * From `rate` to `end` in `steps` steps: `end + (rate - end) * (1 + cos(pi * step / steps)) / 2`.
 *
 * @throws AdjointError `invalid-argument` for numbers out of range
 * @example
 * cosineDecay(0.1, 100)(tensor(50))   // 0.05
 */
export function cosineDecay(rate: number, steps: number, { end = 0 }: CosineDecayOptions = {}): Schedule {
  checkRate('cosineDecay', 'rate', rate)
  checkPositive('cosineDecay', 'steps', steps)
  checkRate('cosineDecay', 'end', end)
  return scheduled((step) =>
    passed(step, steps)
      .mul(Math.PI)
      .cos()
      .add(1)
      .mul((rate - end) / 2)
      .add(end),
  )
}
