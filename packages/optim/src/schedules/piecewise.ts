// A rate that jumps at given steps.

import { AdjointError, fullLike, where } from '@adjoint/core'
import type { Schedule } from '../api.js'
import { checkRate } from '../checks.js'
import { scheduled } from './scheduled.js'

/**
 * `rates[i]` from step `boundaries[i - 1]` on; the first one before them all.
 *
 * @param rates - one more than boundaries
 * @param boundaries - steps, rising
 * @throws AdjointError `invalid-argument` for other lengths, or boundaries that do not rise
 * @example
 * const schedule = piecewise([0.1, 0.01], [100])
 * schedule(tensor(99))    // 0.1
 * schedule(tensor(100))   // 0.01
 */
export function piecewise(rates: readonly number[], boundaries: readonly number[]): Schedule {
  for (const rate of rates) checkRate('piecewise', 'rate', rate)
  const rising = boundaries.every((b, i) => b > (boundaries[i - 1] ?? -Infinity))
  if (rates.length !== boundaries.length + 1 || !rising) {
    throw new AdjointError('invalid-argument', {
      fn: 'piecewise',
      given: `${rates.length} rates and boundaries [${boundaries.join(', ')}]`,
      expected: 'boundaries that rise, and one rate more than boundaries',
    })
  }
  return scheduled((step) =>
    boundaries.reduce((rate, b, i) => where(step.ge(b), rates[i + 1], rate), fullLike(step, rates[0])),
  )
}
