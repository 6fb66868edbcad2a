// The Gromov-Wasserstein objective: how much a plan changes the distances within two spaces.
// G. Peyré, M. Cuturi, J. Solomon, Gromov-Wasserstein Averaging of Kernel and Distance Matrices, 2016.

import { add, expandDims, gt, log, matmul, mul, square, sub, sum, type Tensor, transpose, where } from '@adjoint/core'

/** How two distances are compared: `(c - d)^2`, or `c log(c / d) - c + d`. */
export type GromovLoss = 'square' | 'kl'

/** A loss `f1(c) + f2(d) - h1(c) h2(d)`, which the objective turns into matrix products. */
interface Split {
  readonly f1: (c: Tensor) => Tensor
  readonly f2: (d: Tensor) => Tensor
  readonly h1: (c: Tensor) => Tensor
  readonly h2: (d: Tensor) => Tensor
}

const logOrZero = (x: Tensor) => {
  const some = gt(x, 0)
  return where(some, log(where(some, x, 1)), 0)
}

const SPLITS: Record<GromovLoss, Split> = {
  square: { f1: square, f2: square, h1: (c) => c, h2: (d) => mul(2, d) },
  kl: { f1: (c) => sub(mul(c, logOrZero(c)), c), f2: (d) => d, h1: (c) => c, h2: logOrZero },
}

/** Two spaces with weights, and perhaps a cost between their points; a pytree. */
export interface GromovProblem {
  /** `[n, n]`, symmetric: distances within the first. */
  readonly x: Tensor
  /** `[m, m]`, symmetric. */
  readonly y: Tensor
  readonly a: Tensor
  readonly b: Tensor
  /** `[n, m]`: a cost between points of the two, null where there is none. */
  readonly across: Tensor | null
  /** The share of the distances in the objective, against that of `across`. */
  readonly alpha: Tensor
}

/** `sum of loss(x_ik, y_jl) P_kl` over k and l, `[n, m]`, of a plan with marginals a and b. */
function changes({ x, y, a, b }: GromovProblem, plan: Tensor, loss: GromovLoss): Tensor {
  const { f1, f2, h1, h2 } = SPLITS[loss]
  const constant = add(expandDims(matmul(f1(x), a), 1), matmul(f2(y), b))
  return sub(constant, matmul(matmul(h1(x), plan), transpose(h2(y))))
}

/** The objective at a plan, a scalar. */
export function objective(problem: GromovProblem, plan: Tensor, loss: GromovLoss): Tensor {
  const within = sum(mul(changes(problem, plan, loss), plan))
  if (problem.across === null) return within
  return add(mul(problem.alpha, within), mul(sub(1, problem.alpha), sum(mul(problem.across, plan))))
}

/** Its gradient with respect to the plan, up to constants of rows and columns. */
export function linearized(problem: GromovProblem, plan: Tensor, loss: GromovLoss): Tensor {
  const within = mul(2, changes(problem, plan, loss))
  if (problem.across === null) return within
  return add(mul(problem.alpha, within), mul(sub(1, problem.alpha), problem.across))
}

/** The second-order part of the objective along a change of the plan that keeps its marginals. */
export function curvature({ x, y, across, alpha }: GromovProblem, change: Tensor, loss: GromovLoss): Tensor {
  const { h1, h2 } = SPLITS[loss]
  const bent = sum(mul(matmul(matmul(h1(x), change), transpose(h2(y))), change))
  return mul(-1, across === null ? bent : mul(alpha, bent))
}
