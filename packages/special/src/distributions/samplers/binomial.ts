// Binomial numbers: gaps between successes where few are expected, else transformed rejection (W. Hormann, The Generation of
// Binomial Random Variates, 1993, algorithm BTRS; L. Devroye, Non-uniform Random Variate Generation, 1986, section X.4).

import {
  abs,
  add,
  all,
  and,
  ceil,
  div,
  floor,
  ge,
  type Key,
  le,
  log,
  log1p,
  lt,
  maximum,
  minimum,
  mul,
  neg,
  not,
  or,
  sqrt,
  square,
  sub,
  type Tensor,
  where,
  whileLoop,
  zerosLike,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { reject } from './rejection.js'

/**
 * Counts in the dtype and shape of the parameters.
 *
 * @param logMass - logarithm of the probability of k successes with probability p, without terms in n alone
 */
export function binomialNumbers(
  key: Key,
  count: Tensor,
  probs: Tensor,
  logMass: (k: Tensor, count: Tensor, probs: Tensor) => Tensor,
): Tensor {
  const [small, large] = random.split(key)
  const flipped = lt(0.5, probs)
  const p = minimum(probs, sub(1, probs))
  const valid = and(and(ge(count, 0), ge(p, 0)), lt(count, Infinity))
  const isSmall = lt(mul(count, p), 10)
  const n = where(valid, count, 0)
  const few = gaps(small, n, where(and(valid, isSmall), p, 0))
  const many = transformed(large, where(isSmall, 40, n), where(isSmall, 0.5, p), and(valid, not(isSmall)), logMass)
  const k = where(isSmall, few, many)
  return where(valid, where(flipped, sub(count, k), k), NaN)
}

/** Trials from one success to the next are geometric: how many fit into n. */
function gaps(key: Key, n: Tensor, p: Tensor): Tensor {
  const dtype = n.dtype as 'float64'
  const logMiss = log1p(neg(p))
  type State = { key: Key; successes: Tensor; trials: Tensor }
  const draw = (own: Key): Tensor => {
    const logU = log1p(neg(random.uniform(own, n.shape, { dtype })))
    const gap = maximum(ceil(div(logU, where(lt(0, p), logMiss, -1))), 1)
    return where(lt(0, p), gap, Infinity)
  }
  const { successes } = whileLoop({
    cond: ({ trials }: State) => not(all(lt(n, trials))),
    body: ({ key: current, successes: k, trials }) => {
      const [next, own] = random.split(current)
      const reached = add(trials, draw(own))
      return { key: next, successes: where(le(reached, n), add(k, 1), k), trials: reached }
    },
    init: { key, successes: zerosLike(n), trials: mul(n, 0) },
  })
  return successes
}

function transformed(
  key: Key,
  n: Tensor,
  p: Tensor,
  wanted: Tensor,
  logMass: (k: Tensor, count: Tensor, probs: Tensor) => Tensor,
): Tensor {
  const dtype = n.dtype as 'float64'
  const spread = sqrt(mul(mul(n, p), sub(1, p)))
  const b = add(mul(spread, 2.53), 1.15)
  const a = add(add(mul(b, 0.0248), -0.0873), mul(p, 0.01))
  const centre = add(mul(n, p), 0.5)
  const squeeze = sub(0.92, div(4.2, b))
  const alpha = mul(add(div(5.1, b), 2.83), spread)
  const atMode = logMass(floor(mul(add(n, 1), p)), n, p)
  return reject(key, n, wanted, (own) => {
    const [first, second] = random.split(own)
    const u = sub(random.uniform(first, n.shape, { dtype }), 0.5)
    const v = sub(1, random.uniform(second, n.shape, { dtype }))
    const us = sub(0.5, abs(u))
    const k = floor(add(mul(add(div(mul(a, 2), us), b), u), centre))
    const inside = and(ge(k, 0), le(k, n))
    const quick = and(ge(us, 0.07), le(v, squeeze))
    const height = sub(add(log(v), log(alpha)), log(add(div(a, square(us)), b)))
    const accepted = le(height, sub(logMass(where(inside, k, 0), n, p), atMode))
    return { value: k, accepted: and(inside, or(quick, accepted)) }
  })
}
