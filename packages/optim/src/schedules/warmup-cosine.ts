// Linear warm-up, then cosine decay: the usual schedule for training transformers.
// P. Goyal et al., 2017, for the rise; I. Loshchilov, F. Hutter, SGDR, ICLR 2017, for the fall.

import { AdjointError } from '@adjoint/core'
import type { Schedule } from '../api.js'
import { type CosineDecayOptions, cosineDecay } from './cosine-decay.js'
import { type LinearWarmupOptions, linearWarmup } from './linear-warmup.js'

/** Options of `warmupCosine`. */
export interface WarmupCosineOptions extends LinearWarmupOptions, CosineDecayOptions {}

/**
 * Rises to `rate` in `warmup` steps and falls to `end` at step `steps`.
 *
 * @param steps - all of them, the warm-up included
 * @throws AdjointError `invalid-argument` for numbers out of range, or a warm-up that takes all steps
 * @example
 * const schedule = warmupCosine(0.1, 10, 110)
 * schedule(tensor(5))    // 0.05
 * schedule(tensor(60))   // 0.05
 */
export function warmupCosine(
  rate: number,
  warmup: number,
  steps: number,
  { start = 0, end = 0 }: WarmupCosineOptions = {},
): Schedule {
  if (!(warmup < steps)) {
    throw new AdjointError('invalid-argument', {
      fn: 'warmupCosine',
      given: `a warm-up of ${warmup} in ${steps} steps`,
      expected: 'a warm-up shorter than the run',
    })
  }
  return linearWarmup(warmup, cosineDecay(rate, steps - warmup, { end }), { start })
}
