// AdamW: Adam whose weight decay does not go through the rescaling.
// I. Loshchilov, F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2.

import type { Optimizer } from '@adjoint/core'
import type { ChainState, LearningRate, Mask } from '../api.js'
import { addDecayedWeights } from '../transforms/add-decayed-weights.js'
import { chain } from '../transforms/chain.js'
import type { AdamOptions } from '../transforms/moments.js'
import { scaleByAdam } from '../transforms/scale-by-adam.js'
import { scaleByLearningRate } from '../transforms/scale-by-learning-rate.js'

/** Options of `adamw`. */
export interface AdamWOptions extends AdamOptions {
  /** Part of the parameters taken off per unit of learning rate. @defaultValue 0.01 */
  readonly weightDecay?: number
  /** Which parameters decay. @defaultValue all */
  readonly mask?: Mask
}

/**
 * AdamW: `-learningRate * (adam's step + weightDecay * params)`, as PyTorch's. `update` needs `params`.
 *
 * @throws AdjointError `invalid-argument` for rates out of range; `missing-argument` for an update without `params`
 * @example
 * const optimizer = adamw(0.1, { weightDecay: 0.5 })
 * const params = tensor([2])
 * const { updates } = optimizer.update(tensor([3]), optimizer.init(params), { params })   // [-0.2]
 */
export function adamw(
  learningRate: LearningRate,
  { weightDecay = 0.01, mask, ...options }: AdamWOptions = {},
): Optimizer<ChainState> {
  return chain<ChainState>(
    scaleByAdam(options) as Optimizer<unknown>,
    addDecayedWeights(weightDecay, { mask }) as Optimizer<unknown>,
    scaleByLearningRate(learningRate, 'adamw'),
  )
}
