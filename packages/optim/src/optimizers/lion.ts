// Lion: the sign of a mean of the gradients; one state per parameter, every step of one size.
// X. Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023, program 1.

import { type Optimizer, sign, type Tensor, tree } from '@adjoint/core'
import type { ChainState, LearningRate, LionState, Mask } from '../api.js'
import { checkDecay } from '../checks.js'
import { zerosTree } from '../state.js'
import { addDecayedWeights } from '../transforms/add-decayed-weights.js'
import { chain } from '../transforms/chain.js'
import { scaleByLearningRate } from '../transforms/scale-by-learning-rate.js'

/** Options of `lion`. */
export interface LionOptions {
  /** Share of the kept mean in the step's direction. @defaultValue 0.9 */
  readonly beta1?: number
  /** Decay of the kept mean. @defaultValue 0.99 */
  readonly beta2?: number
  /** Decoupled decay: times the learning rate, taken off the parameters. @defaultValue 0 */
  readonly weightDecay?: number
  /** Which parameters decay. @defaultValue all */
  readonly mask?: Mask
}

/**
 * Lion. Its rates are three to ten times smaller than Adam's, its weight decay as much larger.
 *
 * @throws AdjointError `invalid-argument` for rates out of range; `missing-argument` for an update without `params`
 * under weight decay
 * @example
 * const optimizer = lion(0.01)
 * const { updates } = optimizer.update(tensor([5, -2]), optimizer.init(tensor([0, 0])))   // [-0.01, 0.01]
 */
export function lion(
  learningRate: LearningRate,
  { beta1 = 0.9, beta2 = 0.99, weightDecay = 0, mask }: LionOptions = {},
): Optimizer<ChainState> {
  return chain<ChainState>(
    signOfMean(beta1, beta2) as Optimizer<unknown>,
    ...(weightDecay === 0 ? [] : [addDecayedWeights(weightDecay, { mask }) as Optimizer<unknown>]),
    scaleByLearningRate(learningRate, 'lion'),
  )
}

function signOfMean(beta1: number, beta2: number): Optimizer<LionState> {
  checkDecay('lion', 'beta1', beta1)
  checkDecay('lion', 'beta2', beta2)
  const blend = (beta: number) => (g: Tensor, m: Tensor) => m.mul(beta).add(g.mul(1 - beta))
  return {
    init: (params) => ({ mean: zerosTree('lion', params) }),
    update: (grads, { mean }) => ({
      updates: tree.map((g: Tensor, m: Tensor) => sign(blend(beta1)(g, m)), grads, mean),
      state: { mean: tree.map(blend(beta2), grads, mean) },
    }),
  }
}
