// Weight decay: adds a multiple of the parameters to the updates. Before an adaptive rescaling it is an L2 penalty,
// after it the decoupled decay of I. Loshchilov, F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019.

import { type Optimizer, requireContext, type Tensor, tree } from '@adjoint/core'
import type { Mask, NoState } from '../api.js'
import { checkRate } from '../checks.js'
import { masked } from './masked.js'

/** Options of `addDecayedWeights`. */
export interface DecayOptions {
  /** Which parameters decay; biases and norms usually should not. @defaultValue all */
  readonly mask?: Mask
}

/**
 * Adds `weightDecay * params` to the updates. `update` needs `params`.
 *
 * @throws AdjointError `invalid-argument` for a negative decay; `missing-argument` for an update without `params`
 * @example
 * const optimizer = chain(scaleByAdam(), addDecayedWeights(0.01, { mask: { weight: true, bias: false } }), scale(-0.001))
 */
export function addDecayedWeights(weightDecay: number, { mask }: DecayOptions = {}): Optimizer<NoState> {
  checkRate('addDecayedWeights', 'weight decay', weightDecay)
  const decay: Optimizer<NoState> = {
    init: () => ({}),
    update(grads, state, context) {
      const { params } = requireContext('addDecayedWeights', context, 'params')
      return { updates: tree.map((g: Tensor, p: Tensor) => g.add(p.mul(weightDecay)), grads, params), state }
    },
  }
  return mask === undefined ? decay : masked(decay, mask, { rest: 'pass' })
}
