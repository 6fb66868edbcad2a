// Adam: steps of about one learning rate per coordinate, from running means of the gradient and its square.
// D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015.

import type { Optimizer } from '@adjoint/core'
import type { ChainState, LearningRate } from '../api.js'
import { chain } from '../transforms/chain.js'
import type { AdamOptions } from '../transforms/moments.js'
import { scaleByAdam } from '../transforms/scale-by-adam.js'
import { scaleByLearningRate } from '../transforms/scale-by-learning-rate.js'

/**
 * Adam, with bias correction and epsilon outside the root.
 *
 * @throws AdjointError `invalid-argument` for rates out of range
 * @example
 * const optimizer = adam(0.1)
 * const { updates } = optimizer.update(tensor([5, -2]), optimizer.init(tensor([0, 0])))   // [-0.1, 0.1]
 */
export function adam(learningRate: LearningRate, options: AdamOptions = {}): Optimizer<ChainState> {
  return chain<ChainState>(scaleByAdam(options) as Optimizer<unknown>, scaleByLearningRate(learningRate, 'adam'))
}
