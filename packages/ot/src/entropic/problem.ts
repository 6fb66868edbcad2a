// The entropic problem with everything in units of the cost: what the loops and the derivatives work on; a pytree.

import { add, div, exp, expm1, log, mul, neg, sub, sum, type Tensor, where } from '@adjoint/core'
import type { CostFormula, Geometry } from '../geometry/geometry.js'
import type { Potentials } from '../result.js'

/**
 * Minimise <P, C> + epsilon KL(P | a bᵀ), with marginals a and b, or with rho KL(marginal | weights) added for those that
 * may be missed. KL is `sum p log(p / q) - p + q`.
 */
export interface EntropicProblem {
  readonly geometry: Geometry
  readonly a: Tensor
  readonly b: Tensor
  /** A scalar. */
  readonly epsilon: Tensor
  /** Price of missing a marginal, a scalar; null where it must be met. */
  readonly rho: readonly [a: Tensor | null, b: Tensor | null]
}

/** log w, -Infinity at 0 with a derivative of 0. */
export function logWeights(w: Tensor): Tensor {
  const some = w.gt(0)
  return where(some, log(where(some, w, 1)), -Infinity)
}

/** How much of a step a relaxed marginal takes: rho / (rho + epsilon), null for 1. */
export function damping(rho: Tensor | null, epsilon: Tensor): Tensor | null {
  return rho === null ? null : div(rho, add(rho, epsilon))
}

/** What the second potential makes of the first: `-epsilon log sum_j b_j exp((g_j - C_ij) / epsilon)`, damped. */
export function potentialOfRows({ geometry, b, epsilon, rho }: EntropicProblem, g: Tensor): Tensor {
  const total = geometry.logSumExp(add(div(g, epsilon), logWeights(b)), epsilon, 1)
  return mul(neg(mul(epsilon, total)), damping(rho[0], epsilon) ?? 1)
}

/** What the first potential makes of the second. */
export function potentialOfColumns({ geometry, a, epsilon, rho }: EntropicProblem, f: Tensor): Tensor {
  const total = geometry.logSumExp(add(div(f, epsilon), logWeights(a)), epsilon, 0)
  return mul(neg(mul(epsilon, total)), damping(rho[1], epsilon) ?? 1)
}

/** P 1: the mass that leaves each row. */
export function rowMasses({ geometry, a, b, epsilon }: EntropicProblem, { f, g }: Potentials): Tensor {
  return mul(a, exp(add(div(f, epsilon), geometry.logSumExp(add(div(g, epsilon), logWeights(b)), epsilon, 1))))
}

/** Pᵀ 1: the mass that reaches each column. */
export function columnMasses({ geometry, a, b, epsilon }: EntropicProblem, { f, g }: Potentials): Tensor {
  return mul(b, exp(add(div(g, epsilon), geometry.logSumExp(add(div(f, epsilon), logWeights(a)), epsilon, 0))))
}

/** The density of the plan against a bᵀ. */
export function density(cost: Tensor, f: Tensor, g: Tensor, epsilon: Tensor): Tensor {
  return exp(div(sub(add(f, g), cost), epsilon))
}

const excess: CostFormula = (cost, [a, f], [b, g], [epsilon]) =>
  mul(mul(a, b), expm1(div(sub(add(f, g), cost), epsilon)))
const transported: CostFormula = (cost, [a, f], [b, g], [epsilon]) => {
  const mass = mul(mul(a, b), density(cost, f, g, epsilon))
  const some = mass.gt(0)
  return where(some, mul(mass, where(some, cost, 0)), 0)
}

/** The value of the dual problem at two potentials: never above the optimum. */
export function dualValue({ geometry, a, b, epsilon, rho }: EntropicProblem, { f, g }: Potentials): Tensor {
  const beyond = sum(geometry.sum(excess, 1, { rows: [a, f], columns: [b, g], shared: [epsilon] }))
  return sub(add(dualGain(a, f, rho[0]), dualGain(b, g, rho[1])), mul(epsilon, beyond))
}

/** <w, f>, or what remains of it where the marginal may be missed. */
function dualGain(w: Tensor, f: Tensor, rho: Tensor | null): Tensor {
  return sum(mul(w, rho === null ? f : neg(mul(rho, expm1(neg(div(f, rho)))))))
}

/** <P, C>. */
export function transportCost({ geometry, a, b, epsilon }: EntropicProblem, { f, g }: Potentials): Tensor {
  return sum(geometry.sum(transported, 1, { rows: [a, f], columns: [b, g], shared: [epsilon] }))
}
