// The binomial distribution.

import {
  add,
  and,
  broadcastTo,
  eq,
  floor,
  ge,
  le,
  log,
  lt,
  mul,
  stopGradient,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from '@adjoint/core'
import { lbeta } from '../beta.js'
import { xlog1py, xlogy } from '../exponential.js'
import { betainc } from '../incomplete-beta.js'
import type { Counting, Odds } from './api.js'
import { binomialChoices, binomialEntropy } from './discrete-means.js'
import { readOdds, weigh } from './odds.js'
import { binomialNumbers } from './samplers/binomial.js'
import { drawShape, parameters, valueLike } from './support.js'

/** A binomial distribution. */
export interface Binomial extends Counting<Binomial> {
  readonly count: Tensor
  readonly probs: Tensor
}

/** log of n over k. */
const logChoose = (n: Tensor, k: Tensor): Tensor => sub(log(add(n, 1)).neg(), lbeta(add(k, 1), add(sub(n, k), 1)))

/**
 * The binomial distribution: successes among a number of trials. Draws are whole numbers in the dtype of the parameters
 * and have no derivative.
 *
 * W. Hormann, The Generation of Binomial Random Variates, 1993.
 *
 * @param count - how many trials; whole numbers, as floats
 * @param odds - `{ probs }` from 0 to 1, or `{ logits }`
 * @throws AdjointError `invalid-argument` without either, `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * binomial(4, { probs: 0.5 }).logProb(2).item()   // log(0.375)
 */
export function binomial(count: TensorLike, odds: Odds): Binomial {
  const { given, read } = readOdds('binomial', odds)
  const { tensors, batchShape, dtype, spread } = parameters('binomial', [count, given as TensorLike])
  const [n, parameter] = tensors
  const { yes, no, logYes, logNo } = read(parameter)
  const value = (x: TensorLike) => valueLike('binomial', x, yes)
  const logs = { logYes, logNo }
  const self: Binomial & typeof logs = {
    ...logs,
    family: 'binomial',
    batchShape,
    eventShape: [],
    dtype,
    count: n,
    probs: yes,
    get mean() {
      return mul(n, yes)
    },
    get variance() {
      return mul(mul(n, yes), no)
    },
    sample: (key, shape = []) => {
      const full = drawShape('binomial.sample', shape, batchShape)
      const [trials, p] = [n, yes].map((x) => stopGradient(broadcastTo(x, full)))
      const mass = (k: Tensor, m: Tensor, chance: Tensor) =>
        add(logChoose(m, k), add(xlogy(k, chance), xlog1py(sub(m, k), chance.neg())))
      return binomialNumbers(key, trials, p, mass)
    },
    logProb: (x) => {
      const k = value(x)
      const possible = and(and(ge(k, 0), le(k, n)), eq(k, floor(k)))
      const successes = where(possible, k, 0)
      const misses = sub(n, successes)
      const mass = add(logChoose(n, successes), add(weigh(successes, logYes), weigh(misses, logNo)))
      return where(possible, mass, -Infinity)
    },
    entropy: () => spread(binomialEntropy(n, yes)),
    cdf: (x) => {
      const k = floor(value(x))
      const inside = and(ge(k, 0), lt(k, n))
      const below = betainc(where(inside, sub(n, k), 1), where(inside, add(k, 1), 1), no)
      return where(inside, below, where(lt(k, 0), 0, 1))
    },
    divergence: (q) => {
      const other = q as typeof self
      const each = add(weigh(yes, sub(logYes, other.logYes)), weigh(no, sub(logNo, other.logNo)))
      const more = weigh(sub(q.count, n), other.logNo)
      return add(sub(weigh(n, each), more), binomialChoices(n, q.count, yes))
    },
  }
  return self
}
