// AMSGrad: Adam with rates that never grow, since it divides by the largest mean square so far.
// S. J. Reddi, S. Kale, S. Kumar, On the Convergence of Adam and Beyond, ICLR 2018, algorithm 2.

import { maximum, type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { AmsgradState, ChainState, LearningRate } from '../api.js'
import { zerosTree } from '../state.js'
import { oneMinusPower } from '../transforms/bias-correction.js'
import { chain } from '../transforms/chain.js'
import { type AdamOptions, moments } from '../transforms/moments.js'
import { scaleByLearningRate } from '../transforms/scale-by-learning-rate.js'

/**
 * AMSGrad, bias corrected as PyTorch's `Adam(amsgrad=True)` is: the largest mean square is taken before the correction.
 *
 * @throws AdjointError `invalid-argument` for rates out of range
 * @example
 * const optimizer = amsgrad(0.1)
 * const { updates } = optimizer.update(tensor([5, -2]), optimizer.init(tensor([0, 0])))   // [-0.1, 0.1]
 */
export function amsgrad(learningRate: LearningRate, options: AdamOptions = {}): Optimizer<ChainState> {
  return chain<ChainState>(scaleByAmsgrad(options) as Optimizer<unknown>, scaleByLearningRate(learningRate, 'amsgrad'))
}

function scaleByAmsgrad(options: AdamOptions): Optimizer<AmsgradState> {
  const { beta1, beta2, epsilon, init, next } = moments('amsgrad', options)
  return {
    init: (params) => ({ ...init(params), largest: zerosTree('amsgrad', params) }),
    update(grads, state) {
      const { count, mean, square } = next(grads, state)
      const largest = tree.map((v: Tensor, top: Tensor) => maximum(v, top), square, state.largest)
      const step = (m: Tensor, top: Tensor): Tensor => {
        const t = count.cast(m.dtype)
        return m.div(oneMinusPower(beta1, t)).div(top.div(oneMinusPower(beta2, t)).sqrt().add(epsilon))
      }
      return { updates: tree.map(step, mean, largest) as typeof grads, state: { count, mean, square, largest } }
    },
  }
}
