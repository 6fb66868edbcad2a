// NAdam: Adam whose mean looks one step ahead, as Nesterov's momentum does.
// T. Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016, algorithm 2 with constant momentum.

import type { Optimizer, Tensor } from '@adjoint/core'
import { tree } from '@adjoint/core'
import type { AdamState, ChainState, LearningRate } from '../api.js'
import { checkDecay, checkRate } from '../checks.js'
import { counter, zerosTree } from '../state.js'
import { oneMinusPower } from '../transforms/bias-correction.js'
import { chain } from '../transforms/chain.js'
import type { AdamOptions } from '../transforms/scale-by-adam.js'
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

function scaleByNadam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions): Optimizer<AdamState> {
  checkDecay('nadam', 'beta1', beta1)
  checkDecay('nadam', 'beta2', beta2)
  checkRate('nadam', 'epsilon', epsilon)
  return {
    init: (params) => ({
      count: counter('nadam', params),
      mean: zerosTree('nadam', params),
      square: zerosTree('nadam', params),
    }),
    update(grads, state) {
      const count = state.count.add(1)
      const mean = tree.map((g: Tensor, m: Tensor) => m.mul(beta1).add(g.mul(1 - beta1)), grads, state.mean)
      const square = tree.map(
        (g: Tensor, v: Tensor) => v.mul(beta2).add(g.square().mul(1 - beta2)),
        grads,
        state.square,
      )
      const step = (g: Tensor, m: Tensor, v: Tensor): Tensor => {
        const t = count.cast(g.dtype)
        const ahead = m.mul(beta1).div(oneMinusPower(beta1, t.add(1)))
        const now = g.mul(1 - beta1).div(oneMinusPower(beta1, t))
        return ahead.add(now).div(v.div(oneMinusPower(beta2, t)).sqrt().add(epsilon))
      }
      return { updates: tree.map(step, grads, mean, square), state: { count, mean, square } }
    },
  }
}
