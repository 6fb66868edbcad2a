// Draws one number per element by proposing for all of them until each has accepted one.

import { all, and, type Key, not, or, type Tensor, where, whileLoop } from '@adjoint/core'
import * as random from '@adjoint/core/random'

/** A proposal for every element, and where it is taken. */
export interface Proposal {
  readonly value: Tensor
  readonly accepted: Tensor
}

/**
 * @param valid - where parameters make a distribution; NaN elsewhere
 * @param propose - one round; its keys are fresh each time
 */
export function reject(key: Key, like: Tensor, valid: Tensor, propose: (key: Key) => Proposal): Tensor {
  const { value } = whileLoop({
    cond: ({ done }: { key: Key; value: Tensor; done: Tensor }) => not(all(done)),
    body: ({ key: current, value: known, done }) => {
      const [next, own] = random.split(current)
      const proposal = propose(own)
      const taken = and(proposal.accepted, not(done))
      return { key: next, value: where(taken, proposal.value, known), done: or(done, proposal.accepted) }
    },
    init: { key, value: where(valid, like, NaN), done: not(valid) },
  })
  return value
}
