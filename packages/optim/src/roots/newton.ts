// Newton's method for systems of equations, with steps halved until the residual falls.
// J. E. Dennis, R. B. Schnabel, Numerical Methods for Unconstrained Optimization and Nonlinear Equations, 1983.

import {
  add,
  all,
  and,
  cast,
  eq,
  isFinite,
  le,
  lt,
  matmul,
  mul,
  neg,
  norm,
  not,
  sub,
  type Tensor,
  where,
  whileLoop,
} from '@adjoint/core'
import { solve } from '@adjoint/linalg'
import { jacobianOf, type ResidualProblem } from '../least-squares/problem.js'
import { ended } from '../minimizers/descend.js'
import { flag, integer, largest, scalar } from '../numbers.js'
import { STATUS } from '../status.js'
import type { RootOutcome } from './problem.js'

interface State {
  readonly x: Tensor
  readonly residuals: Tensor
  readonly iterations: Tensor
  readonly evaluations: Tensor
  readonly status: Tensor
}

/** Shortest part of a step that is tried: 2^-40. */
const HALVINGS = 40

/** Finds a zero of as many residuals as unknowns. */
export function newton(problem: ResidualProblem): RootOutcome {
  const { residuals: evaluate, start, tolerance, maxSteps } = problem
  const jacobian = jacobianOf(problem)
  const judge = (r: Tensor): Tensor => {
    const size = largest(r)
    const open = where(le(size, tolerance), STATUS.converged, STATUS.running)
    return cast(where(isFinite(size), open, STATUS.notFinite), 'int32')
  }
  const body = (s: State): State => {
    const j = jacobian(s.x)
    const full = solve(j, neg(s.residuals))
    // Where the Jacobian is singular the gradient of the squares still leads down.
    const step = where(all(isFinite(full)), full, neg(matmul(s.residuals, j)))
    const { x, residuals, lower, tries } = backtrack(evaluate, s, step)
    return {
      x: where(lower, x, s.x),
      residuals: where(lower, residuals, s.residuals),
      iterations: add(s.iterations, 1),
      evaluations: add(s.evaluations, tries),
      status: where(lower, judge(residuals), integer(s.x, STATUS.stalled)),
    }
  }
  const first = evaluate(start)
  const end = whileLoop<State>({
    cond: (s) => and(eq(s.status, STATUS.running), lt(s.iterations, maxSteps)),
    body,
    init: {
      x: start,
      residuals: first,
      iterations: integer(start, 0),
      evaluations: integer(start, 1),
      status: judge(first),
    },
  })
  return { ...end, error: largest(end.residuals), status: ended(end.status) }
}

interface Backtrack {
  readonly x: Tensor
  readonly residuals: Tensor
  readonly lower: Tensor
  readonly tries: Tensor
  readonly part: Tensor
}

/** Halves a step until the norm of the residual falls by a little of what the step promises. */
function backtrack(evaluate: (x: Tensor) => Tensor, from: State, step: Tensor): Backtrack {
  const before = norm(from.residuals)
  const body = (s: Backtrack): Backtrack => {
    const x = add(from.x, mul(step, s.part))
    const residuals = evaluate(x)
    const lower = lt(norm(residuals), mul(before, sub(1, mul(s.part, 1e-4))))
    return { x, residuals, lower, tries: add(s.tries, 1), part: mul(s.part, 0.5) }
  }
  return whileLoop<Backtrack>({
    cond: (s) => and(not(s.lower), lt(s.tries, HALVINGS)),
    body,
    init: {
      x: from.x,
      residuals: from.residuals,
      lower: flag(from.x, false),
      tries: integer(from.x, 0),
      part: scalar(from.x, 1),
    },
  })
}
