// The running means of the gradient and of its square, which Adam and its relatives divide.
// D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1.

import { type Tensor, tree } from '@adjoint/core'
import type { AdamState } from '../api.js'
import { checkDecay, checkRate } from '../checks.js'
import { counter, zerosTree } from '../state.js'

/** Options of Adam and its relatives. */
export interface AdamOptions {
  /** Decay of the mean of the gradient. @defaultValue 0.9 */
  readonly beta1?: number
  /** Decay of the mean of the squared gradient. @defaultValue 0.999 */
  readonly beta2?: number
  /** Added to the root, against division by 0. @defaultValue 1e-8 */
  readonly epsilon?: number
}

/** Both means for one optimizer: its checked constants, the state before the first gradient, and the state after one more. */
export function moments(fn: string, { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions) {
  checkDecay(fn, 'beta1', beta1)
  checkDecay(fn, 'beta2', beta2)
  checkRate(fn, 'epsilon', epsilon)
  return {
    beta1,
    beta2,
    epsilon,
    init: (params: unknown): AdamState => ({
      count: counter(fn, params),
      mean: zerosTree(fn, params),
      square: zerosTree(fn, params),
    }),
    next: (grads: unknown, { count, mean, square }: AdamState): AdamState => ({
      count: count.add(1),
      mean: tree.map((g: Tensor, m: Tensor) => m.mul(beta1).add(g.mul(1 - beta1)), grads, mean),
      square: tree.map((g: Tensor, v: Tensor) => v.mul(beta2).add(g.square().mul(1 - beta2)), grads, square),
    }),
  }
}
