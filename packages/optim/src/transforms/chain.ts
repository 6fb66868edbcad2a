// Optimizers in a row: each transforms the updates of the one before.

import { AdjointError, type Optimizer } from '@adjoint/core'

/**
 * Applies optimizers one after the other. Chains nest, and nesting changes nothing but the shape of the state.
 *
 * @returns an optimizer whose state lists the states of its parts
 * @throws AdjointError `invalid-argument` for a part that is no optimizer
 * @example
 * const optimizer = chain(clipByGlobalNorm(1), scaleByAdam(), scale(-0.001))
 */
export function chain<const S extends readonly unknown[]>(
  ...parts: { readonly [K in keyof S]: Optimizer<S[K]> }
): Optimizer<S> {
  const wrong = parts.findIndex((part) => typeof part?.init !== 'function' || typeof part.update !== 'function')
  if (wrong >= 0) {
    throw new AdjointError('invalid-argument', {
      fn: 'chain',
      given: `a value of type ${typeof parts[wrong]} as part ${wrong}`,
      expected: 'optimizers',
    })
  }
  return {
    init: (params) => parts.map((part) => part.init(params)) as unknown as S,
    update(grads, state, context) {
      let updates = grads
      const next = parts.map((part, i) => {
        const result = part.update(updates, state[i], context)
        updates = result.updates
        return result.state
      })
      return { updates, state: next as unknown as S }
    },
  }
}
