// L-BFGS within bounds: the Cauchy point tells which bounds hold, the model is minimised over the other coordinates, and
// the search stays in the box. R. H. Byrd, P. Lu, J. Nocedal, C. Zhu, A Limited Memory Algorithm for Bound Constrained
// Optimization, 1995; J. L. Morales, J. Nocedal, Remark on Algorithm 778, 2011.

import {
  add,
  all,
  and,
  clip,
  div,
  expandDims,
  eye,
  ge,
  gt,
  isFinite,
  le,
  lt,
  matmul,
  min,
  minimum,
  mul,
  ne,
  neg,
  not,
  or,
  sub,
  type Tensor,
  transpose,
  where,
} from '@adjoint/core'
import { solve } from '@adjoint/linalg'
import { largest } from '../numbers.js'
import { cauchyPoint } from './cauchy-point.js'
import { type CompactHessian, compactHessian } from './compact-hessian.js'
import { type Direction, descend, downhill, type Feasible } from './descend.js'
import { firstOr, inverseTimes, noPairs, type Pairs, remember } from './lbfgs.js'
import type { Box, Outcome, Problem } from './problem.js'

/** Minimises by L-BFGS within bounds. */
export function lbfgsB(problem: Problem): Outcome {
  const box = problem.bounds as Box
  const project = (x: Tensor): Tensor => clip(x, box.lower, box.upper)
  const feasible: Feasible = { project, size: ({ x, grad }) => largest(sub(x, project(sub(x, grad)))) }
  const closed = all(isFinite(sub(box.upper, box.lower)))
  const direction: Direction<Pairs> = {
    init: ({ x }) => noPairs(x, problem.memory),
    next(point, pairs) {
      const { x, grad } = point
      const hessian = compactHessian(pairs)
      const cauchy = cauchyPoint(x, grad, hessian, box)
      const free = and(gt(cauchy, box.lower), lt(cauchy, box.upper))
      // With nothing held the minimiser needs no subspace, and the recursion for it is stable where scales differ widely.
      const rest = subspaceStep(hessian, grad, sub(cauchy, x), free)
      const step = where(all(free), sub(sub(x, inverseTimes(pairs, grad)), cauchy), rest)
      // In a closed box the Cauchy point cannot be far, even before anything is known.
      const trial = where(closed, 1, firstOr(1, pairs, grad))
      const along = (to: Tensor) => {
        const d = sub(to, x)
        const longest = room(x, d, box)
        return { direction: d, trial: minimum(trial, longest), longest }
      }
      // The projected minimiser; where it does not lead down, what of the way lies in the box.
      const part = minimum(room(cauchy, step, box, 0), 1)
      return downhill(point, along(project(add(cauchy, step))), along(add(cauchy, mul(step, part))))
    },
    update: (pairs, from, to) => remember(pairs, sub(to.x, from.x), sub(to.grad, from.grad)),
    search: { decrease: 1e-3, curvature: 0.9 },
  }
  return descend(problem, direction, feasible)
}

/** Which coordinates are not held at a bound by the gradient. */
export function notHeld(x: Tensor, grad: Tensor, { lower, upper }: Box): Tensor {
  return not(or(and(le(x, lower), gt(grad, 0)), and(ge(x, upper), lt(grad, 0))))
}

/** From the Cauchy point to the minimiser of the model over the free coordinates: the paper's direct primal method. */
function subspaceStep({ theta, w, m }: CompactHessian, grad: Tensor, moved: Tensor, free: Tensor): Tensor {
  const [, size] = w.shape
  const residual = sub(add(grad, mul(moved, theta)), matmul(w, matmul(m, matmul(moved, w))))
  const r = where(free, residual, 0)
  const z = where(expandDims(free, 1), w, 0)
  const identity = eye(size, size, { dtype: w.dtype as 'float64', backend: w.backend })
  const inner = sub(identity, div(matmul(m, matmul(transpose(z), z)), theta))
  const v = solve(inner, matmul(m, matmul(r, z)))
  return neg(div(add(r, div(matmul(z, v), theta)), theta))
}

/** The longest step along a direction within the box, from `least` on. */
function room(x: Tensor, direction: Tensor, { lower, upper }: Box, least = 1): Tensor {
  const wall = where(lt(direction, 0), lower, upper)
  const steps = where(ne(direction, 0), div(sub(wall, x), direction), Infinity)
  return clip(min(steps), least, 1e10)
}
