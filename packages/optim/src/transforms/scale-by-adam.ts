// Adam's rescaling: the running mean of the gradient over the root of the running mean of its square.
// D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1.

import { type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { AdamState } from '../api.js'
import { checkDecay, checkRate } from '../checks.js'
import { counter, zerosTree } from '../state.js'
import { oneMinusPower } from './bias-correction.js'

/** Options of `scaleByAdam` and `adam`. */
export interface AdamOptions {
  /** Decay of the mean of the gradient. @defaultValue 0.9 */
  readonly beta1?: number
  /** Decay of the mean of the squared gradient. @defaultValue 0.999 */
  readonly beta2?: number
  /** Added to the root, against division by 0. @defaultValue 1e-8 */
  readonly epsilon?: number
}

/**
 * Rescales gradients as Adam does, without learning rate or sign: a part for `chain`.
 *
 * @throws AdjointError `invalid-argument` for decays outside [0, 1) or a negative epsilon
 * @example
 * const optimizer = chain(scaleByAdam({ beta2: 0.99 }), scale(-0.01))   // what adam(0.01, { beta2: 0.99 }) is
 */
export function scaleByAdam({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}): Optimizer<AdamState> {
  checkDecay('scaleByAdam', 'beta1', beta1)
  checkDecay('scaleByAdam', 'beta2', beta2)
  checkRate('scaleByAdam', 'epsilon', epsilon)
  return {
    init: (params) => ({
      count: counter('scaleByAdam', params),
      mean: zerosTree('scaleByAdam', params),
      square: zerosTree('scaleByAdam', params),
    }),
    update(grads, state) {
      const count = state.count.add(1)
      const mean = tree.map((g: Tensor, m: Tensor) => m.mul(beta1).add(g.mul(1 - beta1)), grads, state.mean)
      const square = tree.map(
        (g: Tensor, v: Tensor) => v.mul(beta2).add(g.square().mul(1 - beta2)),
        grads,
        state.square,
      )
      const step = (m: Tensor, v: Tensor): Tensor => {
        const t = count.cast(m.dtype)
        const root = v.div(oneMinusPower(beta2, t)).sqrt()
        return m.div(oneMinusPower(beta1, t)).div(root.add(epsilon))
      }
      return { updates: tree.map(step, mean, square), state: { count, mean, square } }
    },
  }
}
