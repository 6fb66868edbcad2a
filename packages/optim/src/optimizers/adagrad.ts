// Adagrad: each coordinate's rate falls with the squares of all its gradients so far.
// J. Duchi, E. Hazan, Y. Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, JMLR 2011.

import { fullLike, type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { AdagradState, ChainState, LearningRate } from '../api.js'
import { checkParams, checkRate } from '../checks.js'
import { chain } from '../transforms/chain.js'
import { scaleByLearningRate } from '../transforms/scale-by-learning-rate.js'

/** Options of `adagrad`. */
export interface AdagradOptions {
  /** What the sums of squares start from. @defaultValue 0 */
  readonly initial?: number
  /** Added to the root, against division by 0. @defaultValue 1e-10 */
  readonly epsilon?: number
}

/**
 * Adagrad, for sparse or badly scaled gradients.
 *
 * @throws AdjointError `invalid-argument` for negative rates
 * @example
 * const optimizer = adagrad(0.5)
 * const { updates } = optimizer.update(tensor([3, -4]), optimizer.init(tensor([0, 0])))   // [-0.5, 0.5]
 */
export function adagrad(learningRate: LearningRate, options: AdagradOptions = {}): Optimizer<ChainState> {
  return chain<ChainState>(scaleBySum(options) as Optimizer<unknown>, scaleByLearningRate(learningRate, 'adagrad'))
}

function scaleBySum({ initial = 0, epsilon = 1e-10 }: AdagradOptions): Optimizer<AdagradState> {
  checkRate('adagrad', 'initial', initial)
  checkRate('adagrad', 'epsilon', epsilon)
  return {
    init(params) {
      checkParams('adagrad', params)
      return { square: tree.map((p: Tensor) => fullLike(p, initial), params) }
    },
    update(grads, state) {
      const square = tree.map((g: Tensor, v: Tensor) => v.add(g.square()), grads, state.square)
      const step = (g: Tensor, v: Tensor): Tensor => g.div(v.sqrt().add(epsilon))
      return { updates: tree.map(step, grads, square), state: { square } }
    },
  }
}
