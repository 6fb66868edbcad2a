// A rate that goes to its end along a power of the remaining steps; linear by default.

import type { Schedule } from '../api.js'
import { checkPositive, checkRate } from '../checks.js'
import { passed, scheduled } from './scheduled.js'

/** Options of `polynomialDecay`. */
export interface PolynomialDecayOptions {
  /** Rate at the end and after it. @defaultValue 0 */
  readonly end?: number
  /** 1 is a straight line, 2 falls fast first. @defaultValue 1 */
  readonly power?: number
}

/**
 * From `rate` to `end` in `steps` steps: `end + (rate - end) * (1 - step / steps)^power`.
 *
 * @throws AdjointError `invalid-argument` for numbers out of range
 * @example
 * polynomialDecay(0.1, 100, { power: 2 })(tensor(50))   // 0.025
 */
export function polynomialDecay(
  rate: number,
  steps: number,
  { end = 0, power = 1 }: PolynomialDecayOptions = {},
): Schedule {
  checkRate('polynomialDecay', 'rate', rate)
  checkPositive('polynomialDecay', 'steps', steps)
  checkRate('polynomialDecay', 'end', end)
  checkPositive('polynomialDecay', 'power', power)
  return scheduled((step) => {
    const left = passed(step, steps).mul(-1).add(1)
    return (power === 1 ? left : left.pow(power)).mul(rate - end).add(end)
  })
}
