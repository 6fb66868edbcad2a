// AMSGrad: Adam with rates that never grow, since it divides by the largest mean square so far.
// S. J. Reddi, S. Kale, S. Kumar, On the Convergence of Adam and Beyond, ICLR 2018, algorithm 2.

import { maximum, type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { AmsgradState, ChainState, LearningRate } from '../api.js'
import { checkDecay, checkRate } from '../checks.js'
import { counter, zerosTree } from '../state.js'
import { oneMinusPower } from '../transforms/bias-correction.js'
import { chain } from '../transforms/chain.js'
import type { AdamOptions } from '../transforms/scale-by-adam.js'
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

function scaleByAmsgrad({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions): Optimizer<AmsgradState> {
  checkDecay('amsgrad', 'beta1', beta1)
  checkDecay('amsgrad', 'beta2', beta2)
  checkRate('amsgrad', 'epsilon', epsilon)
  return {
    init: (params) => ({
      count: counter('amsgrad', params),
      mean: zerosTree('amsgrad', params),
      square: zerosTree('amsgrad', params),
      largest: zerosTree('amsgrad', params),
    }),
    update(grads, state) {
      const count = state.count.add(1)
      const mean = tree.map((g: Tensor, m: Tensor) => m.mul(beta1).add(g.mul(1 - beta1)), grads, state.mean)
      const square = tree.map(
        (g: Tensor, v: Tensor) => v.mul(beta2).add(g.square().mul(1 - beta2)),
        grads,
        state.square,
      )
      const largest = tree.map((v: Tensor, top: Tensor) => maximum(v, top), square, state.largest)
      const step = (m: Tensor, top: Tensor): Tensor => {
        const t = count.cast(m.dtype)
        return m.div(oneMinusPower(beta1, t)).div(top.div(oneMinusPower(beta2, t)).sqrt().add(epsilon))
      }
      return { updates: tree.map(step, mean, largest), state: { count, mean, square, largest } }
    },
  }
}
