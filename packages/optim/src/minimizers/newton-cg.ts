// Newton-CG: the Newton equation solved only as well as it pays, by products with the Hessian; then a line search.
// R. S. Dembo, T. Steihaug, Truncated-Newton Algorithms for Large-Scale Unconstrained Optimization, 1983.

import { grad as gradOf, linearize, minimum, mul, sqrt, sum, type Tensor } from '@adjoint/core'
import { scalar } from '../numbers.js'
import { type Direction, descend, downhill, steepest } from './descend.js'
import type { Outcome, Problem } from './problem.js'
import { truncatedCg } from './truncated-cg.js'

/** Minimises by truncated Newton steps and a line search. */
export function newtonCg(problem: Problem): Outcome {
  const gradient = gradOf(problem.loss)
  const direction: Direction<null> = {
    init: () => null,
    next(point) {
      const { x, grad } = point
      const { push } = linearize(gradient, x)
      const { p } = truncatedCg((v) => push(v), grad, { target: forcing(grad), maxSteps: 20 * x.size })
      return downhill(point, { direction: p, trial: scalar(x, 1) }, steepest(point))
    },
    update: () => null,
    search: { decrease: 1e-4, curvature: 0.9 },
  }
  return descend(problem, direction)
}

/** The residual that a Newton step may leave: less and less of the gradient, so that convergence is superlinear. */
export function forcing(grad: Tensor): Tensor {
  const norm = sqrt(sum(mul(grad, grad)))
  return mul(norm, minimum(sqrt(norm), 0.5))
}
