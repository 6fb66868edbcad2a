// Cuts a data set in two after a seeded permutation. The permutation is equal on every backend, so the split is too.

import { AdjointError, type Tensor, take } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { Split, SplitOptions } from './api.js'

/**
 * Shuffles rows of several tensors together and cuts them in two; traceable but for its sizes.
 *
 * @param fn - the public function to name in errors
 * @param parts - tensors that agree on their first axis
 * @throws AdjointError `invalid-argument` when either part would be empty
 */
export function split<T extends Readonly<Record<string, Tensor>>>(
  fn: string,
  parts: T,
  { seed = 0, testFraction = 0.25 }: SplitOptions = {},
): Split<T> {
  const n = Object.values(parts)[0].shape[0]
  const held = Math.round(n * testFraction)
  if (!(held > 0 && held < n)) {
    throw new AdjointError('invalid-argument', {
      fn,
      given: `testFraction ${testFraction} of ${n} samples`,
      expected: 'a fraction that leaves samples on both sides',
      fix: 'Choose testFraction between 0 and 1, for example 0.25',
    })
  }
  const order = random.permutation(random.key(seed), n)
  const rows = (from: number, to: number): T => {
    const index = order.slice([from, to])
    return Object.fromEntries(Object.entries(parts).map(([name, x]) => [name, take(x, index, 0)])) as T
  }
  return { test: rows(0, held), train: rows(held, n) }
}
