// Gamma numbers, as logarithms, so that small shapes do not underflow (G. Marsaglia, W. W. Tsang, A Simple Method for
// Generating Gamma Variables, 2000), differentiable in the shape by the implicit function theorem (M. Figurnov, S. Mohamed,
// A. Mnih, Implicit Reparameterization Gradients, 2018).

import {
  add,
  and,
  broadcastTo,
  div,
  exp,
  gt,
  type Key,
  log,
  log1p,
  lt,
  mul,
  neg,
  onesLike,
  type Shape,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { apply, formulaPrimitive } from '../../elementwise.js'
import { digamma } from '../../gamma.js'
import { gammaLogDerivative } from '../../incomplete-gamma.js'
import { reject } from './rejection.js'

/** log z of gamma numbers z of some shapes and rate 1; `concentration` broadcasts to `shape`. */
export function logGammaNumbers(key: Key, concentration: Tensor, shape: Shape): Tensor {
  const a = broadcastTo(concentration, shape)
  return apply('gammaNumber', numberPrimitive, [a, draw(key, stopGradient(a))])
}

function draw(key: Key, a: Tensor): Tensor {
  const dtype = a.dtype as 'float64'
  const [boostKey, loopKey] = random.split(key)
  const small = lt(a, 1)
  const d = sub(where(small, add(a, 1), a), 1 / 3)
  const c = div(1, mul(sqrt(d), 3))
  const y = reject(loopKey, a, gt(a, 0), (own) => {
    const [normalKey, uniformKey] = random.split(own)
    const x = random.normal(normalKey, a.shape, { dtype })
    const root = add(mul(c, x), 1)
    const positive = gt(root, 0)
    const logV = mul(log(where(positive, root, 1)), 3)
    const logU = log1p(neg(random.uniform(uniformKey, a.shape, { dtype })))
    const bound = add(mul(square(x), 0.5), mul(d, add(sub(1, exp(logV)), logV)))
    return { value: add(log(d), logV), accepted: and(positive, lt(logU, bound)) }
  })
  const boost = div(log1p(neg(random.uniform(boostKey, a.shape, { dtype }))), where(small, a, 1))
  return where(small, add(y, boost), y)
}

/** The second operand, known to depend on the first: its probability stays where the shape changes. */
const numberPrimitive = /* @__PURE__ */ formulaPrimitive('gammaNumber', {
  formula: () => (_, __, y) => y,
  partials: ([a], y) => [
    () => {
      const z = exp(y)
      const tiny = lt(y, -35)
      const near = gammaLogDerivative(a, where(tiny, onesLike(z), z))
      return where(tiny, div(sub(digamma(add(a, 1)), y), a), near)
    },
    () => add(onesLike(y), zerosLike(a)),
  ],
})
