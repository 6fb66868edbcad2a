// Descent by direction and line search: the loop that L-BFGS, conjugate gradients and Newton-CG share.
// J. Nocedal, S. J. Wright, Numerical Optimization, 2nd edition, 2006, chapter 3.

import {
  abs,
  add,
  and,
  cast,
  div,
  eq,
  isFinite,
  le,
  lt,
  matmul,
  maximum,
  mul,
  neg,
  sum,
  type Tensor,
  valueAndGrad,
  where,
  whileLoop,
} from '@adjoint/core'
import { choose, flag, integer, largest, scalar } from '../numbers.js'
import type { Line, SearchOptions } from '../searches/line.js'
import { moreThuente } from '../searches/more-thuente.js'
import { STATUS } from '../status.js'
import type { Outcome, Point, Problem } from './problem.js'

/** A way to choose directions. */
export interface Direction<S> {
  /** The memory before the first step. */
  init(start: Point): S
  /** A direction, the first step to try along it, and the longest. */
  next(point: Point, memory: S): Proposal
  /** The memory after a step along a direction. */
  update(memory: S, from: Point, to: Point, direction: Tensor): S
  readonly search: Omit<SearchOptions, 'longest'>
}

/** Where to search. */
export interface Proposal {
  /** `[n]` */
  readonly direction: Tensor
  readonly trial: Tensor
  /** @defaultValue practically any */
  readonly longest?: Tensor
}

/** What bounds change. */
export interface Feasible {
  /** The nearest allowed point. */
  project(x: Tensor): Tensor
  /** How far a point is from stationary. */
  size(point: Point): Tensor
}

const ANYWHERE: Feasible = { project: (x) => x, size: ({ grad }) => largest(grad) }

interface State<S> {
  readonly point: Point
  readonly memory: S
  /** Whether the memory is as at the start: a search that fails then fails for good. */
  readonly fresh: Tensor
  readonly iterations: Tensor
  readonly evaluations: Tensor
  readonly status: Tensor
}

/** Longest step, in multiples of the direction. */
export const ANY_LENGTH = 1e10

/** Goes down from the start until the gradient is small. */
export function descend<S>(problem: Problem, method: Direction<S>, { project, size } = ANYWHERE): Outcome {
  const evaluate = valueAndGrad(problem.loss)
  const at = (x: Tensor): Point => ({ x, ...evaluate(x) })
  const start = at(project(problem.start))
  const judge = (point: Point): Tensor => statusAt(point.value, size(point), problem.tolerance)
  const step = (s: State<S>): State<S> => {
    const { point } = s
    const { direction, trial, longest = scalar(point.x, ANY_LENGTH) } = method.next(point, s.memory)
    const line = lineThrough(at, point, direction)
    const found = moreThuente(line, trial, { ...method.search, longest })
    const to: Point = { x: project(add(point.x, mul(direction, found.step))), value: found.value, grad: found.grad }
    const moved: State<S> = {
      point: to,
      memory: method.update(s.memory, point, to, direction),
      fresh: flag(point.x, false),
      iterations: add(s.iterations, 1),
      evaluations: add(s.evaluations, found.evaluations),
      status: judge(to),
    }
    const stuck: State<S> = {
      ...s,
      memory: method.init(point),
      fresh: flag(point.x, true),
      evaluations: add(s.evaluations, found.evaluations),
      status: cast(where(s.fresh, STATUS.stalled, STATUS.running), 'int32'),
    }
    return choose(found.ok, moved, stuck)
  }
  const end = whileLoop<State<S>>({
    cond: (s) => and(eq(s.status, STATUS.running), lt(s.iterations, problem.maxSteps)),
    body: step,
    init: {
      point: start,
      memory: method.init(start),
      fresh: flag(problem.start, true),
      iterations: integer(problem.start, 0),
      evaluations: integer(problem.start, 1),
      status: judge(start),
    },
  })
  const { iterations, evaluations } = end
  const { x, value } = end.point
  return { x, value, gradientNorm: size(end.point), iterations, evaluations, status: ended(end.status) }
}

/** The status at a point that a solver has come to. */
export function statusAt(value: Tensor, size: Tensor, tolerance: number): Tensor {
  const sound = and(isFinite(value), isFinite(size))
  return cast(where(sound, where(le(size, tolerance), STATUS.converged, STATUS.running), STATUS.notFinite), 'int32')
}

/** The status when a loop is over: still running means out of steps. */
export function ended(status: Tensor): Tensor {
  return where(eq(status, STATUS.running), integer(status, STATUS.maxSteps), status)
}

/** A proposal, or where its direction does not lead down another. */
export function downhill({ grad }: Point, proposal: Proposal, other: Proposal): Proposal {
  const slope = matmul(proposal.direction, grad)
  const good = and(lt(slope, mul(sum(mul(grad, grad)), -1e-14)), isFinite(slope))
  return choose(good, proposal, other)
}

/** The negative gradient. */
export function steepest({ grad }: Point): Proposal {
  return { direction: neg(grad), trial: firstTrial(grad) }
}

/** A first step for directions as long as the gradient: it moves no farther than 1. */
export function firstTrial(grad: Tensor): Tensor {
  return div(1, maximum(sum(abs(grad)), 1))
}

/** A function along a direction. */
export function lineThrough(at: (x: Tensor) => Point, point: Point, direction: Tensor): Line {
  return {
    origin: { step: scalar(point.x, 0), value: point.value, slope: matmul(direction, point.grad), grad: point.grad },
    at(step) {
      const { value, grad } = at(add(point.x, mul(direction, step)))
      return { step, value, slope: matmul(direction, grad), grad }
    },
  }
}
