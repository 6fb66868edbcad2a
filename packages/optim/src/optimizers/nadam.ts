// NAdam: Adam whose mean looks one step ahead, as Nesterov's momentum does.
// T. Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016, algorithm 2 with constant momentum.

import type { Optimizer, Tensor } from '@adjoint/core'
import { tree } from '@adjoint/core'
import type { AdamState, ChainState, LearningRate } from '../api.js'
import { oneMinusPower } from '../transforms/bias-correction.js'
import { chain } from '../transforms/chain.js'
import { type AdamOptions, moments } from '../transforms/moments.js'
import { scaleByLearningRate } from '../transforms/scale-by-learning-rate.js'

/**
 * Adam with Nesterov momentum, epsilon outside the root.
 *
 * @throws AdjointError `invalid-argument` for rates out of range
 * @example
 * const optimizer = nadam(0.1)
 * const state = optimizer.init(tensor([0, 0]))
 * const { updates } = optimizer.update(tensor([5, -2]), state)   // [-0.147..., 0.147...]: the gradient counts again
 */
export function nadam(learningRate: LearningRate, options: AdamOptions = {}): Optimizer<ChainState> {
  return chain<ChainState>(scaleByNadam(options) as Optimizer<unknown>, scaleByLearningRate(learningRate, 'nadam'))
}

function scaleByNadam(options: AdamOptions): Optimizer<AdamState> {
  const { beta1, beta2, epsilon, init, next } = moments('nadam', options)
  return {
    init,
    update(grads, before) {
      const state = next(grads, before)
      const step = (g: Tensor, m: Tensor, v: Tensor): Tensor => {
        const t = state.count.cast(g.dtype)
        const ahead = m.mul(beta1).div(oneMinusPower(beta1, t.add(1)))
        const now = g.mul(1 - beta1).div(oneMinusPower(beta1, t))
        return ahead.add(now).div(v.div(oneMinusPower(beta2, t)).sqrt().add(epsilon))
      }
      return { updates: tree.map(step, grads, state.mean, state.square), state }
    },
  }
}
