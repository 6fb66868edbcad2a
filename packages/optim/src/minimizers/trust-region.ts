// Trust regions: a quadratic model is followed as far as it has proved right, by conjugate gradients in a ball.
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd edition, 2006, algorithm 4.1; T. Steihaug 1983.

import {
  abs,
  add,
  and,
  cast,
  div,
  eq,
  grad as gradOf,
  gt,
  isFinite,
  le,
  linearize,
  lt,
  matmul,
  maximum,
  minimum,
  mul,
  neg,
  norm,
  not,
  or,
  sub,
  type Tensor,
  valueAndGrad,
  where,
  whileLoop,
} from '@adjoint/core'
import { choose, epsilonOf, integer, largest, scalar } from '../numbers.js'
import { STATUS } from '../status.js'
import { ended, statusAt } from './descend.js'
import { forcing } from './newton-cg.js'
import type { Outcome, Point, Problem } from './problem.js'
import { truncatedCg } from './truncated-cg.js'

interface State {
  readonly point: Point
  readonly radius: Tensor
  readonly iterations: Tensor
  readonly evaluations: Tensor
  readonly status: Tensor
}

const MOST = 1e10

/** How far a model is trusted. */
export interface Trust {
  /** Radius at the start. */
  readonly radius: Tensor
  /** A step is taken when it gains more than this part of what the model promised. */
  readonly taken: number
  /** Norm of the model's gradient that ends the conjugate gradients. */
  readonly target: (grad: Tensor) => Tensor
}

/** Products with the model's matrix at a point. */
export type Curvature = (x: Tensor) => (v: Tensor) => Tensor

/** Minimises by trust-region Newton steps; the Hessian, or what stands for it, by its products. */
export function trustRegion(
  problem: Problem,
  curvature: Curvature = hessianOf(problem),
  trust: Trust = { radius: scalar(problem.start, 1), taken: 0.15, target: forcing },
): Outcome {
  const evaluate = valueAndGrad(problem.loss)
  const at = (x: Tensor): Point => ({ x, ...evaluate(x) })
  const start = at(problem.start)
  const eps = epsilonOf(problem.start)
  const body = ({ point, radius, iterations, evaluations }: State): State => {
    const { x, value, grad } = point
    const times = curvature(x)
    const { p, bounded } = truncatedCg(times, grad, { target: trust.target(grad), maxSteps: 20 * x.size, radius })
    const promised = neg(add(matmul(grad, p), mul(matmul(p, times(p)), 0.5)))
    const to = at(add(x, p))
    // Gains below rounding say nothing about the model.
    const noise = mul(maximum(abs(value), abs(to.value)), 10 * eps)
    const gain = div(add(sub(value, to.value), noise), add(promised, noise))
    const sound = and(isFinite(to.value), isFinite(largest(to.grad)))
    const taken = and(sound, gt(gain, trust.taken))
    const shrunk = mul(minimum(radius, norm(p)), 0.25)
    const grown = where(and(gt(gain, 0.75), bounded), minimum(mul(radius, 2), MOST), radius)
    const next = where(or(lt(gain, 0.25), not(sound)), shrunk, grown)
    const stalled = le(next, mul(add(norm(x), eps), eps))
    return {
      point: choose(taken, to, point),
      radius: next,
      iterations: add(iterations, 1),
      evaluations: add(evaluations, 1),
      status: where(
        taken,
        statusAt(to.value, largest(to.grad), problem.tolerance),
        cast(where(stalled, STATUS.stalled, STATUS.running), 'int32'),
      ),
    }
  }
  const { point, iterations, evaluations, status } = whileLoop<State>({
    cond: (s) => and(eq(s.status, STATUS.running), lt(s.iterations, problem.maxSteps)),
    body,
    init: {
      point: start,
      radius: trust.radius,
      iterations: integer(problem.start, 0),
      evaluations: integer(problem.start, 1),
      status: statusAt(start.value, largest(start.grad), problem.tolerance),
    },
  })
  return {
    x: point.x,
    value: point.value,
    gradientNorm: largest(point.grad),
    iterations,
    evaluations,
    status: ended(status),
  }
}

function hessianOf({ loss }: Problem): Curvature {
  return (x) => {
    const { push } = linearize(gradOf(loss), x)
    return (v) => push(v)
  }
}
