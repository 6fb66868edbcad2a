// Probabilities of yes and no with their logarithms, from either parameterisation.

import { eq, log, log1p, logistic, mul, neg, sub, type Tensor, where } from '@adjoint/core'
import { softplus } from '../exponential.js'
import type { Odds } from './api.js'
import { requireOdds } from './support.js'

/** p and 1 - p, and their logarithms without cancellation. */
export interface Chances {
  readonly yes: Tensor
  readonly no: Tensor
  readonly logYes: Tensor
  readonly logNo: Tensor
}

/** The parameter, and what it means. */
export function readOdds(fn: string, odds: Odds) {
  requireOdds(fn, odds)
  const isLogit = odds.logits !== undefined
  const read = (x: Tensor): Chances =>
    isLogit
      ? { yes: logistic(x), no: logistic(neg(x)), logYes: neg(softplus(neg(x))), logNo: neg(softplus(x)) }
      : { yes: x, no: sub(1, x), logYes: log(x), logNo: log1p(neg(x)) }
  return { given: odds.logits ?? odds.probs, read }
}

/** weight times log p, and 0 where the weight is. */
export function weigh(weight: Tensor, logP: Tensor): Tensor {
  const none = eq(weight, 0)
  return where(none, 0, mul(weight, where(none, 1, logP)))
}
