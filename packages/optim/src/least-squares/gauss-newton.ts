// Gauss-Newton: the least-squares solution of the linearised residuals as a direction, and a line search.
// Å. Björck, Numerical Methods for Least Squares Problems, 1996, section 9.2.

import { matmul, neg, type Tensor } from '@adjoint/core'
import { qr, triangularSolve } from '@adjoint/linalg'
import { type Direction, descend, downhill, steepest } from '../minimizers/descend.js'
import type { Outcome } from '../minimizers/problem.js'
import { scalar } from '../numbers.js'
import { halfSquares, jacobianOf, type ResidualProblem } from './problem.js'

/** Minimises half the sum of squares. It needs at least as many residuals as unknowns. */
export function gaussNewton(problem: ResidualProblem): Outcome {
  const { residuals, start, tolerance, maxSteps } = problem
  const jacobian = jacobianOf(problem)
  const direction: Direction<null> = {
    init: () => null,
    next(point) {
      const { q, r } = qr(jacobian(point.x))
      const step = triangularSolve(r, neg(matmul(residuals(point.x), q)), { triangle: 'upper' })
      return downhill(point, { direction: step, trial: scalar(start, 1) }, steepest(point))
    },
    update: () => null,
    search: { decrease: 1e-4, curvature: 0.9 },
  }
  const loss = (x: Tensor): Tensor => halfSquares(residuals(x))
  return descend({ loss, start, tolerance, maxSteps, memory: 0, bounds: null }, direction)
}
