// The Laplace distribution.

import {
  abs,
  add,
  div,
  exp,
  log,
  log1p,
  lt,
  minimum,
  mul,
  neg,
  sign,
  square,
  sub,
  type Tensor,
  type TensorLike,
  where,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import type { Univariate } from './api.js'
import { drawShape, parameters, valueLike } from './support.js'

/** A Laplace distribution. */
export interface Laplace extends Univariate<Laplace> {
  readonly location: Tensor
  readonly scale: Tensor
}

/**
 * The Laplace distribution; draws are differentiable in both parameters.
 *
 * @param location - its mean
 * @param scale - its mean absolute deviation, above 0
 * @throws AdjointError `dtype-mismatch` for integers, `shape-mismatch`
 * @example
 * laplace(0, 1).logProb(0).item()   // -0.6931...
 */
export function laplace(location: TensorLike = 0, scale: TensorLike = 1): Laplace {
  const { tensors, batchShape, dtype, spread } = parameters('laplace', [location, scale])
  const [mu, b] = tensors
  const standard = (x: TensorLike) => div(sub(valueLike('laplace', x, b), mu), b)
  return {
    family: 'laplace',
    batchShape,
    eventShape: [],
    dtype,
    location: mu,
    scale: b,
    get mean() {
      return spread(mu)
    },
    get variance() {
      return spread(mul(square(b), 2))
    },
    sample: (key, shape = []) => {
      const u = random.uniform(key, drawShape('laplace.sample', shape, batchShape), { dtype, min: -1 })
      return sub(
        mu,
        mul(b, mul(sign(u), log1p(neg(minimum(abs(u), dtype === 'float64' ? 1 - 2 ** -53 : 1 - 2 ** -24))))),
      )
    },
    logProb: (x) => neg(add(abs(standard(x)), log(mul(b, 2)))),
    entropy: () => spread(add(log(mul(b, 2)), 1)),
    cdf: (x) => {
      const z = standard(x)
      const tail = mul(exp(neg(abs(z))), 0.5)
      return where(lt(z, 0), tail, sub(1, tail))
    },
    quantile: (p) => {
      const q = valueLike('laplace', p, b)
      const left = lt(q, 0.5)
      return add(mu, mul(b, where(left, log(mul(q, 2)), neg(log(mul(sub(1, q), 2))))))
    },
    divergence: (q) => {
      const shift = abs(sub(mu, q.location))
      const ratio = div(b, q.scale)
      return sub(add(div(shift, q.scale), mul(ratio, exp(neg(div(shift, b))))), add(log(ratio), 1))
    },
  }
}
