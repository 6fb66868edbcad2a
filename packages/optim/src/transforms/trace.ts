// Momentum: a decaying sum of gradients, in the heavy-ball form and in Nesterov's look-ahead form.
// B. T. Polyak, Some methods of speeding up the convergence of iteration methods, 1964;
// I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.

import { type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { TraceState } from '../api.js'
import { checkDecay } from '../checks.js'
import { zerosTree } from '../state.js'

/** Options of `trace`. */
export interface TraceOptions {
  /** Looks one step ahead: the update is `g + decay * velocity`. @defaultValue false */
  readonly nesterov?: boolean
}

/**
 * Momentum without learning rate or sign: `velocity = g + decay * velocity`, which is the update.
 *
 * @param decay - how much of the velocity is kept at each step, in [0, 1)
 * @throws AdjointError `invalid-argument` for another decay
 * @example
 * const optimizer = chain(trace(0.9, { nesterov: true }), scale(-0.01))
 */
export function trace(decay: number, { nesterov = false }: TraceOptions = {}): Optimizer<TraceState> {
  checkDecay('trace', 'decay', decay)
  return {
    init: (params) => ({ velocity: zerosTree('trace', params) }),
    update(grads, state) {
      const follow = (g: Tensor, v: Tensor): Tensor => g.add(v.mul(decay))
      const velocity = tree.map(follow, grads, state.velocity)
      return { updates: nesterov ? tree.map(follow, grads, velocity) : velocity, state: { velocity } }
    },
  }
}
