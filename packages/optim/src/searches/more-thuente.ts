// A line search for the strong Wolfe conditions that keeps an interval around a minimiser and shrinks it.
// J. J. Moré, D. J. Thuente, Line Search Algorithms with Guaranteed Sufficient Decrease, 1994; the near-flat end as in
// W. W. Hager, H. Zhang, A New Conjugate Gradient Method with Guaranteed Descent, 2005, section 4.

import {
  abs,
  add,
  and,
  clip,
  eq,
  ge,
  gt,
  isFinite,
  le,
  lt,
  maximum,
  minimum,
  mul,
  neg,
  not,
  or,
  sub,
  type Tensor,
  where,
  whileLoop,
} from '@adjoint/core'
import { choose, epsilonOf, flag, integer } from '../numbers.js'
import type { Found, Line, LinePoint, SearchOptions } from './line.js'
import { type Interval, trialStep } from './trial-step.js'

/** Most evaluations of one search. */
const LIMIT = 20
/** Relative errors of values that are taken for rounding, in units of the dtype's. */
const NOISE = 100
/** Without an interval yet, steps grow by these factors of the last move. */
const GROWTH = { least: 1.1, most: 4 }

interface State {
  readonly interval: Interval
  /** The point of the interval's better end. */
  readonly best: LinePoint
  readonly trial: Tensor
  /** The last point looked at. */
  readonly here: LinePoint
  readonly first: Tensor
  readonly width: Tensor
  readonly width1: Tensor
  readonly longest: Tensor
  readonly evaluations: Tensor
  /** 0 while it goes on, 1 when the conditions hold here, 2 when nothing better can be found. */
  readonly status: Tensor
}

/**
 * Searches along a descent direction.
 *
 * @param trial - the first step to try
 */
export function moreThuente(line: Line, trial: Tensor, { decrease, curvature, longest }: SearchOptions): Found {
  const { origin } = line
  const zero = origin.step

  const count = (n: number): Tensor => integer(zero, n)
  const promised = mul(origin.slope, decrease)
  const slack = mul(abs(origin.value), NOISE * epsilonOf(zero))
  const tighten = (s: State): State => {
    const here = line.at(s.trial)
    const finite = and(isFinite(here.value), isFinite(here.slope))
    const limit = add(origin.value, mul(here.step, promised))
    const low = le(here.value, limit)
    const steep = mul(origin.slope, -curvature)
    const wolfe = and(low, le(abs(here.slope), steep))
    // Near the minimum values differ by rounding only; there the slopes decide.
    const flat = and(
      and(le(here.value, add(origin.value, slack)), ge(here.slope, neg(steep))),
      le(here.slope, mul(origin.slope, 2 * decrease - 1)),
    )
    const capped = and(ge(here.step, s.longest), and(low, le(here.slope, promised)))
    const { interval: old } = s
    const narrow = and(
      old.bracketed,
      or(
        or(le(here.step, old.low), ge(here.step, old.high)),
        le(sub(old.high, old.low), mul(old.high, 4 * epsilonOf(zero))),
      ),
    )
    const done = and(finite, or(or(wolfe, flat), capped))
    const status = where(done, count(1), where(and(narrow, finite), count(2), count(0)))
    const first = and(s.first, not(and(low, ge(here.slope, 0))))
    // While no step meets the decrease, the function minus the promised part of its slope is searched instead.
    const shift = where(and(first, and(le(here.value, old.x.value), gt(here.value, limit))), promised, mul(promised, 0))
    const { interval, next } = trialStep(old, here, shift)
    const better = le(here.value, s.best.value)
    const wide = and(interval.bracketed, ge(abs(sub(interval.y.step, interval.x.step)), mul(s.width1, 0.66)))
    const halved = add(interval.x.step, mul(sub(interval.y.step, interval.x.step), 0.5))
    const moved = where(wide, halved, next)
    const bounds = limits(interval, moved)
    const clipped = clip(moved, 0, s.longest)
    const stuck = and(interval.bracketed, or(le(clipped, bounds.low), ge(clipped, bounds.high)))
    const going: State = {
      ...s,
      interval: { ...interval, ...bounds },
      best: choose(better, here, s.best),
      trial: where(stuck, interval.x.step, clipped),
      here,
      first,
      width: where(interval.bracketed, abs(sub(interval.y.step, interval.x.step)), s.width),
      width1: where(interval.bracketed, s.width, s.width1),
      evaluations: add(s.evaluations, 1),
      status,
    }
    const shorter: State = {
      ...s,
      here,
      trial: add(s.interval.x.step, mul(sub(s.trial, s.interval.x.step), 0.1)),
      longest: s.trial,
      evaluations: add(s.evaluations, 1),
    }
    return choose(finite, going, shorter)
  }
  const start = minimum(trial, longest)
  const end: State = whileLoop<State>({
    cond: (s) => and(eq(s.status, 0), lt(s.evaluations, LIMIT)),
    body: tighten,
    init: {
      interval: {
        x: edge(origin),
        y: edge(origin),
        bracketed: flag(zero, false),
        low: zero,
        high: mul(start, 1 + GROWTH.most),
      },
      best: origin,
      trial: start,
      here: origin,
      first: flag(zero, true),
      width: longest,
      width1: mul(longest, 2),
      longest,
      evaluations: count(0),
      status: count(0),
    },
  })
  const met = eq(end.status, 1)
  const lower = or(met, lt(end.best.value, origin.value))
  return { ...choose(met, end.here, end.best), evaluations: end.evaluations, ok: lower }
}

const edge = ({ step, value, slope }: LinePoint) => ({ step, value, slope })

/** Where the next step may lie. */
function limits({ x, y, bracketed }: Interval, moved: Tensor): { low: Tensor; high: Tensor } {
  const move = sub(moved, x.step)
  return {
    low: where(bracketed, minimum(x.step, y.step), add(moved, mul(move, GROWTH.least))),
    high: where(bracketed, maximum(x.step, y.step), add(moved, mul(move, GROWTH.most))),
  }
}
