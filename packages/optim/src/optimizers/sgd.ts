// Stochastic gradient descent, with momentum, Nesterov's variant and an L2 penalty.
// H. Robbins, S. Monro, A Stochastic Approximation Method, 1951; the momentum forms are those of `trace`.

import { AdjointError, type Optimizer } from '@adjoint/core'
import type { ChainState, LearningRate } from '../api.js'
import { addDecayedWeights } from '../transforms/add-decayed-weights.js'
import { chain } from '../transforms/chain.js'
import { scaleByLearningRate } from '../transforms/scale-by-learning-rate.js'
import { trace } from '../transforms/trace.js'

/** Options of `sgd`. */
export interface SgdOptions {
  /** How much of the velocity is kept at each step, in [0, 1). @defaultValue 0 */
  readonly momentum?: number
  /** Looks one step ahead; needs momentum. @defaultValue false */
  readonly nesterov?: boolean
  /** L2 penalty: this much of the parameters is added to the gradient, before momentum. @defaultValue 0 */
  readonly weightDecay?: number
}

/**
 * Gradient descent: `-learningRate * g`, or with momentum the decaying sum of `g`, as PyTorch's SGD without dampening.
 *
 * @throws AdjointError `invalid-argument` for rates out of range or `nesterov` without momentum; `missing-argument` for
 * an update without `params` under weight decay
 * @example
 * const optimizer = sgd(0.1, { momentum: 0.9, nesterov: true })
 * const { updates } = optimizer.update(tensor([1]), optimizer.init(tensor([0])))   // [-0.19]
 */
export function sgd(
  learningRate: LearningRate,
  { momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {},
): Optimizer<ChainState> {
  if (nesterov && momentum === 0) {
    throw new AdjointError('invalid-argument', {
      fn: 'sgd',
      given: 'nesterov without momentum',
      expected: 'a momentum above 0',
      fix: 'Add momentum: 0.9',
    })
  }
  return chain<ChainState>(
    ...(weightDecay === 0 ? [] : [addDecayedWeights(weightDecay) as Optimizer<unknown>]),
    ...(momentum === 0 ? [] : [trace(momentum, { nesterov }) as Optimizer<unknown>]),
    scaleByLearningRate(learningRate, 'sgd'),
  )
}
