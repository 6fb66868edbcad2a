// The divisor that makes a running mean that started at 0 unbiased.
// D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, section 3.

import { expm1, mul, neg, type Tensor } from '@adjoint/core'

/**
 * 1 - beta^t. The plain difference loses four of float32's seven digits at beta = 0.999 in the first steps; the
 * logarithm is taken in double precision and nothing cancels afterwards.
 */
export function oneMinusPower(beta: number, t: Tensor): Tensor {
  return neg(expm1(mul(t, Math.log(beta))))
}
