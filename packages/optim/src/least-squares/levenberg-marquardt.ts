// Levenberg-Marquardt: Gauss-Newton steps within a scaled trust region, whose multiplier is found by safeguarded Newton
// steps on factorisations by QR. J. J. Moré, The Levenberg-Marquardt Algorithm: Implementation and Theory, 1978.

import {
  abs,
  add,
  and,
  cast,
  clip,
  concat,
  div,
  eq,
  expandDims,
  eye,
  ge,
  gt,
  isFinite,
  le,
  lt,
  matmul,
  maximum,
  minimum,
  mul,
  neg,
  norm,
  not,
  or,
  sqrt,
  square,
  sub,
  type Tensor,
  where,
  whileLoop,
  zeros,
} from '@adjoint/core'
import { qr, triangularSolve } from '@adjoint/linalg'
import { ended } from '../minimizers/descend.js'
import type { Outcome } from '../minimizers/problem.js'
import { epsilonOf, integer, largest, scalar } from '../numbers.js'
import { STATUS } from '../status.js'
import { halfSquares, jacobianOf, type ResidualProblem } from './problem.js'

/** What counts as solved. */
export interface Goal {
  /** Compared with the tolerance. */
  size(residuals: Tensor, gradient: Tensor): Tensor
  /** Status where the model promises no gain any more that the dtype could show. */
  readonly flat: number
}

/** A minimum: the gradient Jᵀ r is small, or nothing can be gained. */
const MINIMUM: Goal = { size: (_, gradient) => largest(gradient), flat: STATUS.converged }

/** The first radius, in multiples of the scaled start. */
const FIRST_RADIUS = 100
/** How exactly a step fits the radius, and a step's least share of what the model promised. */
const [FIT, TAKEN] = [0.1, 1e-4]
const MULTIPLIER_STEPS = 10

interface State {
  readonly x: Tensor
  readonly residuals: Tensor
  readonly jacobian: Tensor
  readonly gradient: Tensor
  /** Largest norms of the Jacobian's columns so far. */
  readonly scale: Tensor
  /** Negative before the first step. */
  readonly radius: Tensor
  readonly multiplier: Tensor
  readonly iterations: Tensor
  readonly evaluations: Tensor
  readonly status: Tensor
}

/** Minimises half the sum of squares. */
export function levenbergMarquardt(problem: ResidualProblem, goal: Goal = MINIMUM): Outcome {
  const { residuals: evaluate, start, tolerance, maxSteps } = problem
  const jacobian = jacobianOf(problem)
  const eps = epsilonOf(start)
  const judge = (r: Tensor, gradient: Tensor): Tensor => {
    const sound = and(isFinite(halfSquares(r)), isFinite(largest(gradient)))
    const done = where(le(goal.size(r, gradient), tolerance), STATUS.converged, STATUS.running)
    return cast(where(sound, done, STATUS.notFinite), 'int32')
  }
  const body = (s: State): State => {
    const j = s.jacobian
    const scale = maximum(s.scale, columnNorms(j))
    const known = gt(s.radius, 0)
    const size = norm(mul(scale, s.x))
    const wanted = where(known, s.radius, mul(where(gt(size, 0), size, 1), FIRST_RADIUS))
    const model = factored(div(j, expandDims(scale, 0)), s.residuals)
    const { step, multiplier } = stepWithin(model, wanted, s.multiplier)
    const length = norm(step)
    const move = div(step, scale)
    const x = add(s.x, move)
    const r = evaluate(x)
    const before = matmul(s.residuals, s.residuals)
    const gain = sub(1, div(matmul(r, r), before))
    const pushed = div(square(norm(matmul(j, move))), before)
    const damped = div(mul(multiplier, square(length)), before)
    const promised = add(pushed, mul(damped, 2))
    const ratio = div(gain, promised)
    const radius = where(known, wanted, minimum(wanted, length))
    const sound = isFinite(gain)
    const slope = neg(add(pushed, damped))
    const cut = where(ge(gain, 0), 0.5, div(mul(slope, 0.5), add(slope, mul(gain, 0.5))))
    const factor = where(and(sound, gt(gain, -99)), maximum(cut, 0.1), 0.1)
    const smaller = le(ratio, 0.25)
    const larger = or(eq(multiplier, 0), ge(ratio, 0.75))
    const shrink = or(smaller, not(sound))
    const taken = and(sound, ge(ratio, TAKEN))
    const nextRadius = where(
      shrink,
      mul(factor, minimum(radius, mul(length, 10))),
      where(larger, mul(length, 2), radius),
    )
    const nextMultiplier = where(shrink, div(multiplier, factor), where(larger, mul(multiplier, 0.5), multiplier))
    const [here, there] = [where(taken, x, s.x), where(taken, r, s.residuals)]
    const next = jacobian(here)
    const gradient = matmul(there, next)
    const flat = and(le(promised, eps), le(abs(gain), eps))
    const stalled = le(nextRadius, mul(norm(mul(scale, here)), eps))
    const settled = where(flat, goal.flat, where(stalled, STATUS.stalled, STATUS.running))
    const status = judge(there, gradient)
    return {
      x: here,
      residuals: there,
      jacobian: next,
      gradient,
      scale,
      radius: nextRadius,
      multiplier: nextMultiplier,
      iterations: add(s.iterations, 1),
      evaluations: add(s.evaluations, 1),
      status: where(eq(status, STATUS.running), cast(settled, 'int32'), status),
    }
  }
  const first = evaluate(start)
  const j = jacobian(start)
  const gradient = matmul(first, j)
  const norms = columnNorms(j)
  const end = whileLoop<State>({
    cond: (s) => and(eq(s.status, STATUS.running), lt(s.iterations, maxSteps)),
    body,
    init: {
      x: start,
      residuals: first,
      jacobian: j,
      gradient,
      scale: where(gt(norms, 0), norms, 1),
      radius: scalar(start, -1),
      multiplier: scalar(start, 0),
      iterations: integer(start, 0),
      evaluations: integer(start, 1),
      status: judge(first, gradient),
    },
  })
  const { x, iterations, evaluations } = end
  const status = ended(end.status)
  return { x, value: halfSquares(end.residuals), gradientNorm: largest(end.gradient), iterations, evaluations, status }
}

function columnNorms(j: Tensor): Tensor {
  return norm(j, 0)
}

/** A linear model `|a p + r|²`, by its triangular factor: `|R p - c|²` and a constant. */
interface Model {
  readonly factor: Tensor
  readonly right: Tensor
}

function factored(a: Tensor, r: Tensor): Model {
  const { q, r: factor } = qr(a)
  return { factor, right: neg(matmul(r, q)) }
}

interface Search {
  readonly multiplier: Tensor
  readonly low: Tensor
  readonly step: Tensor
  readonly done: Tensor
  readonly count: Tensor
}

/** The minimiser of the model in a ball, to within a part of its radius, and the multiplier that puts it there. */
function stepWithin(model: Model, radius: Tensor, before: Tensor): { step: Tensor; multiplier: Tensor } {
  const newton = damped(model, mul(before, 0))
  const inside = le(newton.length, mul(radius, 1 + FIT))
  const bound = correction(newton, radius)
  const low = where(isFinite(bound), maximum(bound, 0), 0)
  const high = div(norm(matmul(model.right, model.factor)), radius)
  const body = (s: Search): Search => {
    const multiplier = where(gt(s.multiplier, 0), s.multiplier, mul(high, 1e-3))
    const trial = damped(model, multiplier)
    const excess = sub(trial.length, radius)
    const low = where(gt(excess, 0), maximum(s.low, multiplier), s.low)
    const count = add(s.count, 1)
    const done = or(le(abs(excess), mul(radius, FIT)), ge(count, MULTIPLIER_STEPS))
    const next = maximum(low, add(multiplier, correction(trial, radius)))
    return { multiplier: where(done, multiplier, next), low, step: trial.step, done, count }
  }
  const { step, multiplier } = whileLoop<Search>({
    cond: (s) => not(s.done),
    body,
    init: {
      multiplier: where(inside, 0, clip(before, low, maximum(low, high))),
      low,
      step: newton.step,
      done: inside,
      count: integer(before, 0),
    },
  })
  return { step, multiplier }
}

interface Damped {
  readonly step: Tensor
  readonly length: Tensor
  /** How fast the length falls with the multiplier, relative to it. */
  readonly rate: Tensor
}

/** Newton's correction of a multiplier for the reciprocal of the length. */
function correction({ length, rate }: Damped, radius: Tensor): Tensor {
  return div(sub(length, radius), mul(radius, rate))
}

/** The minimiser of the model with a multiplier; not finite where that is 0 and the model singular. */
function damped({ factor, right }: Model, multiplier: Tensor): Damped {
  const n = factor.shape[1]
  const { backend } = right
  const dtype = right.dtype as 'float64'
  const ridge = mul(eye(n, n, { dtype, backend }), sqrt(multiplier))
  const { q, r } = qr(concat([factor, ridge]))
  const step = triangularSolve(r, matmul(concat([right, zeros([n], { dtype, backend })]), q), { triangle: 'upper' })
  const length = norm(step)
  const turned = triangularSolve(r, div(step, length), { triangle: 'upper', transposed: true })
  return { step, length, rate: matmul(turned, turned) }
}
