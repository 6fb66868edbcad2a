// The Bernoulli distribution.

import { add, cast, eq, lt, mul, neg, sub, type Tensor, type TensorLike, where } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { Counting, Odds } from './api.js'
import { readOdds, weigh } from './odds.js'
import { drawShape, parameters, valueLike } from './support.js'

/** A Bernoulli distribution. */
export interface Bernoulli extends Counting<Bernoulli> {
  readonly probs: Tensor
}

/**
 * The Bernoulli distribution: 1 with a probability, else 0. Draws have the dtype of the parameter and no derivative.
 *
 * @param odds - `{ probs }` from 0 to 1, or `{ logits }`
 * @throws AdjointError `invalid-argument` without either, `dtype-mismatch` for integers
 * @example
 * bernoulli({ logits: 0 }).logProb(1).item()   // -0.6931...
 */
export function bernoulli(odds: Odds): Bernoulli {
  const { given, read } = readOdds('bernoulli', odds)
  const { tensors, batchShape, dtype } = parameters('bernoulli', [given as TensorLike])
  const { yes, no, logYes, logNo } = read(tensors[0])
  const value = (x: TensorLike) => valueLike('bernoulli', x, yes)
  const logs = { logYes, logNo }
  const self: Bernoulli & typeof logs = {
    ...logs,
    family: 'bernoulli',
    batchShape,
    eventShape: [],
    dtype,
    probs: yes,
    mean: yes,
    get variance() {
      return mul(yes, no)
    },
    sample: (key, shape = []) =>
      cast(lt(random.uniform(key, drawShape('bernoulli.sample', shape, batchShape), { dtype }), yes), dtype),
    logProb: (given) => {
      const x = value(given)
      return where(eq(x, 1), logYes, where(eq(x, 0), logNo, -Infinity))
    },
    entropy: () => neg(add(weigh(yes, logYes), weigh(no, logNo))),
    cdf: (given) => {
      const x = value(given)
      return where(lt(x, 0), 0, where(lt(x, 1), no, 1))
    },
    divergence: (q) => {
      const other = q as typeof self
      return add(weigh(yes, sub(logYes, other.logYes)), weigh(no, sub(logNo, other.logNo)))
    },
  }
  return self
}
