// The next trial step of Moré and Thuente's search, by cubic and quadratic interpolation, and the interval around it.
// J. J. Moré, D. J. Thuente, Line Search Algorithms with Guaranteed Sufficient Decrease, 1994, section 4.

import {
  abs,
  add,
  and,
  clip,
  div,
  gt,
  isFinite,
  lt,
  maximum,
  minimum,
  mul,
  ne,
  neg,
  or,
  sign,
  sqrt,
  square,
  sub,
  type Tensor,
  where,
} from '@adjoint/core'
import { choose } from '../numbers.js'
import type { LinePoint } from './line.js'

type Edge = Omit<LinePoint, 'grad'>

/** An interval that holds a minimiser once it is bracketed: `x` is its better end. */
export interface Interval {
  readonly x: Edge
  readonly y: Edge
  readonly bracketed: Tensor
  /** Limits of the next step. */
  readonly low: Tensor
  readonly high: Tensor
}

/**
 * The interval after a trial, and the step to try next.
 *
 * @param shift - a slope that is taken off the function while its decrease is not enough
 */
export function trialStep(old: Interval, trial: Edge, shift: Tensor): { interval: Interval; next: Tensor } {
  const tilt = (e: Edge): Edge => ({
    step: e.step,
    value: sub(e.value, mul(e.step, shift)),
    slope: sub(e.slope, shift),
  })
  const [x, y, t] = [tilt(old.x), tilt(old.y), tilt(trial)]
  const higher = gt(t.value, x.value)
  const turned = lt(mul(t.slope, sign(x.slope)), 0)
  const flatter = lt(abs(t.slope), abs(x.slope))
  const next = where(
    higher,
    whenHigher(x, t),
    where(turned, whenTurned(x, t), where(flatter, whenFlatter(old, x, y, t), whenSteeper(old, x, y, t))),
  )
  const worse = choose(higher, edge(trial), choose(turned, old.x, old.y))
  const better = choose(higher, old.x, edge(trial))
  return {
    interval: { ...old, x: better, y: worse, bracketed: or(old.bracketed, or(higher, turned)) },
    next: where(isFinite(next), next, mul(add(x.step, t.step), 0.5)),
  }
}

const edge = ({ step, value, slope }: Edge): Edge => ({ step, value, slope })

/** theta and gamma of the cubic through two points with slopes; gamma is not negative. */
function cubic(a: Edge, b: Edge): { theta: Tensor; gamma: Tensor } {
  const theta = add(div(mul(sub(a.value, b.value), 3), sub(b.step, a.step)), add(a.slope, b.slope))
  const scale = maximum(abs(theta), maximum(abs(a.slope), abs(b.slope)))
  const root = sub(square(div(theta, scale)), mul(div(a.slope, scale), div(b.slope, scale)))
  return { theta, gamma: mul(scale, sqrt(maximum(root, 0))) }
}

/** The secant step to where the slope vanishes. */
function secant(x: Edge, t: Edge): Tensor {
  return add(t.step, mul(div(t.slope, sub(t.slope, x.slope)), sub(x.step, t.step)))
}

const between = (a: Tensor, b: Tensor, part: Tensor): Tensor => add(a, mul(part, sub(b, a)))
const away = (a: Tensor, from: Tensor): Tensor => abs(sub(a, from))

/** A higher value: the minimiser lies between; cubic, or half way to the quadratic step when that is nearer. */
function whenHigher(x: Edge, t: Edge): Tensor {
  const { theta, gamma: size } = cubic(x, t)
  const gamma = where(lt(t.step, x.step), neg(size), size)
  const part = div(add(sub(gamma, x.slope), theta), add(add(sub(gamma, x.slope), gamma), t.slope))
  const c = between(x.step, t.step, part)
  const rate = add(div(sub(x.value, t.value), sub(t.step, x.step)), x.slope)
  const q = between(x.step, t.step, mul(div(x.slope, rate), 0.5))
  return where(lt(away(c, x.step), away(q, x.step)), c, mul(add(c, q), 0.5))
}

/** A lower value with the slope turned: the farther of the cubic and the secant step. */
function whenTurned(x: Edge, t: Edge): Tensor {
  const { theta, gamma: size } = cubic(x, t)
  const gamma = where(gt(t.step, x.step), neg(size), size)
  const part = div(add(sub(gamma, t.slope), theta), add(add(sub(gamma, t.slope), gamma), x.slope))
  const c = between(t.step, x.step, part)
  const q = secant(x, t)
  return where(gt(away(c, t.step), away(q, t.step)), c, q)
}

/** A lower value with a smaller slope: the cubic may have its minimum beyond, or none. */
function whenFlatter(old: Interval, x: Edge, y: Edge, t: Edge): Tensor {
  const { theta, gamma: size } = cubic(x, t)
  const ahead = gt(t.step, x.step)
  const gamma = where(ahead, neg(size), size)
  const part = div(add(sub(gamma, t.slope), theta), add(add(gamma, sub(x.slope, t.slope)), gamma))
  const beyond = where(ahead, old.high, old.low)
  const c = where(and(lt(part, 0), ne(gamma, 0)), between(t.step, x.step, part), beyond)
  const q = secant(x, t)
  const nearer = lt(away(c, t.step), away(q, t.step))
  const limit = add(t.step, mul(sub(y.step, t.step), 0.66))
  const inside = where(nearer, c, q)
  const kept = where(ahead, minimum(limit, inside), maximum(limit, inside))
  return where(old.bracketed, kept, clip(where(nearer, q, c), old.low, old.high))
}

/** A lower value with a slope not smaller: the cubic with the other end, or as far as allowed. */
function whenSteeper(old: Interval, x: Edge, y: Edge, t: Edge): Tensor {
  const { theta, gamma: size } = cubic(t, y)
  const gamma = where(gt(t.step, y.step), neg(size), size)
  const part = div(add(sub(gamma, t.slope), theta), add(add(sub(gamma, t.slope), gamma), y.slope))
  return where(old.bracketed, between(t.step, y.step, part), where(gt(t.step, x.step), old.high, old.low))
}
