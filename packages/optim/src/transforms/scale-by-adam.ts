// Adam's rescaling: the running mean of the gradient over the root of the running mean of its square.
// D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1.

import { type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { AdamState } from '../api.js'
import { oneMinusPower } from './bias-correction.js'
import { type AdamOptions, moments } from './moments.js'

/**
 * Rescales gradients as Adam does, without learning rate or sign: a part for `chain`.
 *
 * @throws AdjointError `invalid-argument` for decays outside [0, 1) or a negative epsilon
 * @example
 * const optimizer = chain(scaleByAdam({ beta2: 0.99 }), scale(-0.01))   // what adam(0.01, { beta2: 0.99 }) is
 */
export function scaleByAdam(options: AdamOptions = {}): Optimizer<AdamState> {
  const { beta1, beta2, epsilon, init, next } = moments('scaleByAdam', options)
  return {
    init,
    update(grads, before) {
      const state = next(grads, before)
      const step = (m: Tensor, v: Tensor): Tensor => {
        const t = state.count.cast(m.dtype)
        const root = v.div(oneMinusPower(beta2, t)).sqrt()
        return m.div(oneMinusPower(beta1, t)).div(root.add(epsilon))
      }
      return { updates: tree.map(step, state.mean, state.square) as typeof grads, state }
    },
  }
}
