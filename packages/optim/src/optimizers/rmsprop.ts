// RMSProp: the gradient over the root of the running mean of its square; momentum and centring on request.
// T. Tieleman, G. Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012; A. Graves, Generating Sequences
// With Recurrent Neural Networks, 2013, for the centred form.

import { type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { ChainState, LearningRate, RmspropState } from '../api.js'
import { checkDecay, checkRate } from '../checks.js'
import { zerosTree } from '../state.js'
import { chain } from '../transforms/chain.js'
import { scaleByLearningRate } from '../transforms/scale-by-learning-rate.js'
import { trace } from '../transforms/trace.js'

/** Options of `rmsprop`. */
export interface RmspropOptions {
  /** Decay of the mean of the squared gradient. @defaultValue 0.99 */
  readonly decay?: number
  /** Added to the root, against division by 0. @defaultValue 1e-8 */
  readonly epsilon?: number
  /** How much of the velocity is kept at each step, in [0, 1). @defaultValue 0 */
  readonly momentum?: number
  /** Divides by the standard deviation instead: the squared mean is taken off. @defaultValue false */
  readonly centered?: boolean
}

/**
 * RMSProp, as PyTorch's: epsilon outside the root, momentum on what was rescaled.
 *
 * @throws AdjointError `invalid-argument` for rates out of range
 * @example
 * const optimizer = rmsprop(0.01, { decay: 0.75 })
 * const { updates } = optimizer.update(tensor([5, -2]), optimizer.init(tensor([0, 0])))   // [-0.02, 0.02]
 */
export function rmsprop(
  learningRate: LearningRate,
  { decay = 0.99, epsilon = 1e-8, momentum = 0, centered = false }: RmspropOptions = {},
): Optimizer<ChainState> {
  return chain<ChainState>(
    scaleByRms(decay, epsilon, centered) as Optimizer<unknown>,
    ...(momentum === 0 ? [] : [trace(momentum) as Optimizer<unknown>]),
    scaleByLearningRate(learningRate, 'rmsprop'),
  )
}

function scaleByRms(decay: number, epsilon: number, centered: boolean): Optimizer<RmspropState> {
  checkDecay('rmsprop', 'decay', decay)
  checkRate('rmsprop', 'epsilon', epsilon)
  const average = (x: Tensor, old: Tensor): Tensor => old.mul(decay).add(x.mul(1 - decay))
  return {
    init: (params) => ({
      square: zerosTree('rmsprop', params),
      ...(centered ? { mean: zerosTree('rmsprop', params) } : {}),
    }),
    update(grads, state) {
      const square = tree.map((g: Tensor, v: Tensor) => average(g.square(), v), grads, state.square)
      if (state.mean === undefined) {
        const step = (g: Tensor, v: Tensor): Tensor => g.div(v.sqrt().add(epsilon))
        return { updates: tree.map(step, grads, square), state: { square } }
      }
      const mean = tree.map(average, grads, state.mean)
      // Rounding may leave the variance of a constant gradient just below 0.
      const step = (g: Tensor, v: Tensor, m: Tensor): Tensor => g.div(v.sub(m.square()).maximum(0).sqrt().add(epsilon))
      return { updates: tree.map(step, grads, square, mean), state: { square, mean } }
    },
  }
}
