// Shortens the updates, all leaves together, to a largest Euclidean norm; keeps their direction.
// R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, ICML 2013.

import { div, type Optimizer, type Tensor, tree } from '@adjoint/core'
import type { NoState } from '../api.js'
import { checkPositive } from '../checks.js'
import { widestDType } from '../state.js'

/**
 * Limits the Euclidean norm over all leaves of the updates. Shorter updates stay as they are, bit for bit; where the
 * norm overflows the dtype, finite entries become 0.
 *
 * @throws AdjointError `invalid-argument` for a norm that is not positive
 * @example
 * const optimizer = chain(clipByGlobalNorm(1), adam(0.001))
 */
export function clipByGlobalNorm(maxNorm: number): Optimizer<NoState> {
  checkPositive('clipByGlobalNorm', 'largest norm', maxNorm)
  return {
    init: () => ({}),
    update(grads, state) {
      const dtype = widestDType(grads)
      const squares = (tree.leaves(grads) as Tensor[]).map((g) => g.cast(dtype).square().sum())
      if (squares.length === 0) return { updates: grads, state }
      const norm = squares.reduce((a, b) => a.add(b)).sqrt()
      // maxNorm over the greater of both is exactly 1 for short updates, and NaN, not 1, for a NaN gradient.
      const limit = norm.maximum(maxNorm)
      const factor = div(maxNorm, limit)
      return { updates: tree.map((g: Tensor) => g.mul(factor.cast(g.dtype)), grads), state }
    },
  }
}
