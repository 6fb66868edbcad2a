// Poisson numbers: products of uniform numbers for small rates, else transformed rejection (W. Hormann, The Transformed
// Rejection Method for Generating Poisson Random Variables, 1993, algorithm PTRS).

import {
  abs,
  add,
  all,
  and,
  div,
  floor,
  ge,
  type Key,
  le,
  log,
  log1p,
  lt,
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
import { gammaKernel } from '../../beta.js'
import { reject } from './rejection.js'

const SMALL = 10

/** Counts in the dtype and shape of their rates. */
export function poissonNumbers(key: Key, rate: Tensor): Tensor {
  const [small, large] = random.split(key)
  const isSmall = lt(rate, SMALL)
  const counted = multiply(small, where(and(isSmall, ge(rate, 0)), rate, 0))
  const rejected = transformed(large, where(isSmall, SMALL, rate), not(isSmall))
  return where(ge(rate, 0), where(isSmall, counted, rejected), NaN)
}

/** How many uniform numbers to multiply until the product is below exp(-rate), less one. */
function multiply(key: Key, rate: Tensor): Tensor {
  const dtype = rate.dtype as 'float64'
  type State = { key: Key; count: Tensor; logProduct: Tensor }
  const { count } = whileLoop({
    cond: ({ logProduct }: State) => not(all(lt(logProduct, neg(rate)))),
    body: ({ key: current, count: n, logProduct }) => {
      const [next, own] = random.split(current)
      const product = add(logProduct, log1p(neg(random.uniform(own, rate.shape, { dtype }))))
      return { key: next, count: where(lt(product, neg(rate)), n, add(n, 1)), logProduct: product }
    },
    init: { key, count: zerosLike(rate), logProduct: mul(rate, 0) },
  })
  return count
}

function transformed(key: Key, rate: Tensor, wanted: Tensor): Tensor {
  const dtype = rate.dtype as 'float64'
  const [loopKey, normalKey] = random.split(key)
  const b = add(mul(sqrt(rate), 2.53), 0.931)
  const a = sub(mul(b, 0.02483), 0.059)
  const inverseAlpha = add(div(1.1328, sub(b, 3.4)), 1.1239)
  const squeeze = sub(0.9277, div(3.6224, sub(b, 2)))
  const finite = lt(rate, dtype === 'float64' ? 1e15 : 1e7)
  const found = reject(loopKey, rate, and(wanted, finite), (own) => {
    const [first, second] = random.split(own)
    const u = sub(random.uniform(first, rate.shape, { dtype }), 0.5)
    const v = sub(1, random.uniform(second, rate.shape, { dtype }))
    const us = sub(0.5, abs(u))
    const k = floor(add(add(mul(add(div(mul(a, 2), us), b), u), rate), 0.43))
    const quick = and(ge(us, 0.07), le(v, squeeze))
    const out = or(lt(k, 0), and(lt(us, 0.013), lt(us, v)))
    const height = sub(add(log(v), log(inverseAlpha)), log(add(div(a, square(us)), b)))
    const logMass = sub(gammaKernel(add(where(out, 0, k), 1), rate), log(rate))
    return { value: k, accepted: or(quick, and(not(out), le(height, logMass))) }
  })
  // So large that floats have no digits for fractions: rounded normal numbers.
  const rounded = floor(add(rate, mul(sqrt(rate), random.normal(normalKey, rate.shape, { dtype }))))
  return where(finite, found, rounded)
}
