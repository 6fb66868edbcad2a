// L-BFGS: directions from the last few steps and changes of the gradient, without a matrix.
// D. C. Liu, J. Nocedal, On the Limited Memory BFGS Method for Large Scale Optimization, 1989.

import {
  add,
  concat,
  div,
  eq,
  expandDims,
  gt,
  matmul,
  mul,
  neg,
  scan,
  slice,
  sub,
  sum,
  type Tensor,
  where,
  zeros,
} from '@adjoint/core'
import { choose, epsilonOf, scalar } from '../numbers.js'
import { type Direction, descend, downhill, firstTrial, steepest } from './descend.js'
import type { Outcome, Point, Problem } from './problem.js'

/** The last steps, newest first. */
export interface Pairs {
  /** Steps. `[m, n]` */
  readonly steps: Tensor
  /** Changes of the gradient. `[m, n]` */
  readonly changes: Tensor
  /** 1 over the product of step and change; 0 where there is no pair. `[m]` */
  readonly inverse: Tensor
  /** Size of the inverse Hessian before the pairs. */
  readonly scale: Tensor
}

/** No pairs yet. */
export function noPairs(like: Tensor, memory: number): Pairs {
  const { dtype, backend, size } = like
  const rows = zeros([memory, size], { dtype, backend })
  return { steps: rows, changes: rows, inverse: zeros([memory], { dtype, backend }), scale: scalar(like, 1) }
}

/** The pairs with one more; one without positive curvature is left out. */
export function remember(pairs: Pairs, step: Tensor, change: Tensor): Pairs {
  const product = matmul(step, change)
  const size = sum(mul(change, change))
  const next: Pairs = {
    steps: push(pairs.steps, expandDims(step, 0)),
    changes: push(pairs.changes, expandDims(change, 0)),
    inverse: push(pairs.inverse, expandDims(div(1, product), 0)),
    scale: div(product, size),
  }
  return choose(gt(product, mul(size, epsilonOf(step))), next, pairs)
}

function push(rows: Tensor, row: Tensor): Tensor {
  const kept = rows.shape[0] - 1
  return kept === 0 ? row : concat([row, slice(rows, [0, kept])])
}

/** The inverse Hessian's approximation times a vector `[n]`: the two-loop recursion. */
export function inverseTimes({ steps, changes, inverse, scale }: Pairs, vector: Tensor): Tensor {
  type Pair = { s: Tensor; y: Tensor; rho: Tensor }
  const pairs: Pair = { s: steps, y: changes, rho: inverse }
  const down = scan(
    (q: Tensor, { s, y, rho }: Pair) => {
      const part = mul(rho, matmul(s, q))
      return [sub(q, mul(part, y)), part] as const
    },
    vector,
    pairs,
  )
  return scan(
    (r: Tensor, { s, y, rho, part }: Pair & { part: Tensor }) =>
      [add(r, mul(s, sub(part, mul(rho, matmul(y, r))))), null] as const,
    mul(down.carry, scale),
    { ...pairs, part: down.ys },
    { reverse: true },
  ).carry
}

/** The step to try first: short while nothing is known. */
export function firstOr(usual: number, pairs: Pairs, grad: Tensor): Tensor {
  return where(eq(slice(pairs.inverse, 0), 0), firstTrial(grad), usual)
}

/** Directions of L-BFGS. */
export function lbfgsDirection(memory: number): Direction<Pairs> {
  return {
    init: ({ x }) => noPairs(x, memory),
    next(point: Point, pairs) {
      const direction = neg(inverseTimes(pairs, point.grad))
      return downhill(point, { direction, trial: firstOr(1, pairs, point.grad) }, steepest(point))
    },
    update: (pairs, from, to) => remember(pairs, sub(to.x, from.x), sub(to.grad, from.grad)),
    search: { decrease: 1e-4, curvature: 0.9 },
  }
}

/** Minimises by L-BFGS. */
export function lbfgsMinimizer(problem: Problem): Outcome {
  return descend(problem, lbfgsDirection(problem.memory))
}
