// Convex functions of a plan made small in one loop: a mirror step, then one of the two normalisations in turn.
// M. Ballu, Q. Berthet, Mirror Sinkhorn: Fast Online Optimization on Transport Polytopes, 2022.

import {
  abs,
  add,
  div,
  eq,
  exp,
  expandDims,
  grad,
  isFinite,
  logSumExp,
  max,
  mul,
  scan,
  sqrt,
  sub,
  sum,
  type Tensor,
  where,
} from '@adjoint/core'
import { requireCount, requireFloats, requirePositive, requireSameDType } from '../checks.js'
import { logWeights } from '../entropic/problem.js'
import { filled } from '../filled.js'
import { weightStatus } from '../measure.js'
import { DensePlan } from '../plan.js'
import { rounded } from './rounded.js'

/** Options of `mirrorSinkhorn`. */
export interface MirrorSinkhornOptions {
  /** @defaultValue 1000 */
  readonly steps?: number
  /** Multiplies the step of the theory, `sqrt(log(n m) / t)` over the largest slope at the start. @defaultValue 1 */
  readonly stepSize?: number
}

/** What `mirrorSinkhorn` returns. */
export interface MirrorSinkhornResult {
  /** The average of the iterates, rounded so that its marginals are exact. */
  readonly plan: DensePlan
  /** The objective there. */
  readonly value: Tensor
  /** Marginal error of the average before it was rounded, for masses of sum 1. */
  readonly marginalError: Tensor
  /** int32: an index into `OT_STATUS`; 0 where the weights make a problem: the number of steps is fixed. */
  readonly status: Tensor
}

/**
 * Makes a convex function of a plan small over the couplings of two measures, without solving a transport problem in each
 * step: a multiplicative step along the gradient, then one normalisation, of rows and columns in turn. The error falls
 * as one over the root of the steps. Traceable; derivatives go through the steps.
 *
 * M. Ballu, Q. Berthet, Mirror Sinkhorn: Fast Online Optimization on Transport Polytopes, 2022.
 *
 * @param objective - from a plan `[n, m]` to a scalar; convex, traceable and differentiable
 * @param a - `[n]`: weights of the first measure
 * @param b - `[m]`: weights of the second, of the same sum
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const costs = tensor([[0, 1], [1, 0]])
 * const half = tensor([0.5, 0.5])
 * mirrorSinkhorn((plan) => plan.mul(costs).sum(), half, half, { steps: 200 }).value.item() < 0.1   // true
 */
export function mirrorSinkhorn(
  objective: (plan: Tensor) => Tensor,
  a: Tensor,
  b: Tensor,
  { steps = 1000, stepSize = 1 }: MirrorSinkhornOptions = {},
): MirrorSinkhornResult {
  const fn = 'mirrorSinkhorn'
  requireFloats(fn, 'a', a, 1)
  requireFloats(fn, 'b', b, 1)
  requireSameDType(fn, a, [b])
  requireCount(fn, 'steps', steps)
  requirePositive(fn, 'stepSize', stepSize)
  const [logA, logB] = [expandDims(logWeights(a), 1), logWeights(b)]
  const start = sub(add(logA, logB), logSumExp(logB))
  const slope = grad(objective)
  const steepest = max(abs(slope(exp(start))))
  const length = div(stepSize * Math.sqrt(Math.log(a.size * b.size + 1)), where(steepest.gt(0), steepest, 1))
  type State = { readonly log: Tensor; readonly total: Tensor; readonly t: Tensor; readonly turn: Tensor }
  const step = ({ log, total, t, turn }: State) => {
    const plan = exp(log)
    const moved = sub(log, mul(div(length, sqrt(t)), slope(plan)))
    const byRow = add(sub(moved, totals(moved, 1)), logA)
    const byColumn = add(sub(moved, totals(moved, 0)), logB)
    const next = where(eq(turn, 0), byRow, byColumn)
    return [{ log: next, total: add(total, exp(next)), t: add(t, 1), turn: sub(1, turn) }, null] as const
  }
  const init: State = {
    log: start,
    total: mul(exp(start), 0),
    t: filled(a, [], 1),
    turn: filled(a, [], 0, 'int32'),
  }
  const average = div(scan(step, init, null, { length: steps }).carry.total, steps)
  const plan = rounded(average, a, b)
  const wrong = add(sum(abs(sub(sum(average, 1), a))), sum(abs(sub(sum(average, 0), b))))
  return {
    plan: new DensePlan(plan),
    value: objective(plan),
    marginalError: div(wrong, sum(a)),
    status: weightStatus(a, b, true),
  }
}

/** Logarithms of sums along an axis, 0 for lines without mass. */
function totals(log: Tensor, axis: 0 | 1): Tensor {
  const found = logSumExp(log, axis, { keepDims: true })
  return where(isFinite(found), found, 0)
}
