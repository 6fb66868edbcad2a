// How good a plan is: its marginals, and its value after rounding minus that of the dual.
// J. Altschuler, J. Weed, P. Rigollet, Near-linear Time Approximation Algorithms for Optimal Transport via Sinkhorn
// Iteration, 2017.

import { abs, add, div, gt, log, minimum, mul, onesLike, sub, sum, type Tensor, where, zerosLike } from '@adjoint/core'
import type { CostFormula } from '../geometry/geometry.js'
import type { Potentials } from '../result.js'
import { columnMasses, density, dualValue, type EntropicProblem, rowMasses } from './problem.js'

/** What a certificate says; scalars. */
export interface Certificate {
  readonly dualGap: Tensor
  readonly marginalError: Tensor
}

/** Cost and entropy of an entry: the plan a b exp(...), and a product of errors that mends its marginals. */
const rounded: CostFormula = (cost, [a, f, p], [b, g, q], [epsilon]) => {
  const ratio = add(density(cost, f, g, epsilon), mul(p, q))
  const some = gt(ratio, 0)
  const paid = where(some, mul(ratio, where(some, cost, 0)), 0)
  const safe = where(some, ratio, 1)
  const entropy = add(sub(where(some, mul(safe, log(safe)), 0), ratio), 1)
  return mul(mul(a, b), add(paid, mul(epsilon, entropy)))
}

/** The value of the primal problem at a plan a b (exp((f + g - C) / epsilon) + p q). */
function primalValue(problem: EntropicProblem, { f, g }: Potentials, p: Tensor, q: Tensor): Tensor {
  const { geometry, a, b, epsilon } = problem
  return sum(geometry.sum(rounded, 1, { rows: [a, f, p], columns: [b, g, q], shared: [epsilon] }))
}

/** x / y, or 0 where y is. */
function ratio(x: Tensor, y: Tensor): Tensor {
  const some = gt(y, 0)
  return where(some, div(x, where(some, y, 1)), 0)
}

/** Factors up to 1 that take too large sums down to the weights. */
function shrink(weights: Tensor, sums: Tensor): Tensor {
  return where(gt(sums, weights), ratio(weights, sums), 1)
}

/** rho KL(marginal | weights). */
function penalty(rho: Tensor | null, marginal: Tensor, weights: Tensor): Tensor | number {
  if (rho === null) return 0
  const r = ratio(marginal, weights)
  const some = gt(r, 0)
  const divergence = add(sub(where(some, mul(r, log(where(some, r, 1))), 0), r), 1)
  return mul(rho, sum(mul(weights, divergence)))
}

/** The certificate of potentials; marginals that may be missed need no rounding. */
export function certify(problem: EntropicProblem, potentials: Potentials): Certificate {
  const { a, b, epsilon, rho } = problem
  const [rows, columns] = [rowMasses(problem, potentials), columnMasses(problem, potentials)]
  const wrong = (given: Tensor, found: Tensor, price: Tensor | null) =>
    price === null ? div(sum(abs(sub(found, given))), sum(given)) : 0
  const marginalError = add(add(wrong(a, rows, rho[0]), wrong(b, columns, rho[1])), mul(0, sum(a)))
  // Rows, then columns, are brought down to what they may have at most; the rest is spread as a product. Where one
  // marginal may be missed, scaling meets the other.
  const left = rho[0] !== null ? onesLike(a) : rho[1] === null ? shrink(a, rows) : ratio(a, rows)
  const f = add(potentials.f, mul(epsilon, log(left)))
  const reached = columnMasses(problem, { f, g: potentials.g })
  const right = rho[1] !== null ? onesLike(b) : rho[0] === null ? shrink(b, reached) : ratio(b, reached)
  const g = add(potentials.g, mul(epsilon, log(right)))
  const kept = rowMasses(problem, { f, g })
  const both = rho[0] === null && rho[1] === null
  const lackA = both ? sub(a, minimum(kept, a)) : zerosLike(a)
  const lackB = both ? sub(b, minimum(mul(reached, right), b)) : zerosLike(b)
  const lack = sum(lackB)
  const value = primalValue(problem, { f, g }, ratio(lackA, a), ratio(ratio(lackB, b), lack))
  const missed = add(penalty(rho[0], kept, a), penalty(rho[1], mul(reached, right), b))
  return { dualGap: sub(add(value, missed), dualValue(problem, potentials)), marginalError }
}
