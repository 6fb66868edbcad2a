// Sinkhorn's iteration in the log domain: each half step is a log-sum-exp over the costs, of any geometry.
// J. Feydy et al., Interpolating between Optimal Transport and MMD using Sinkhorn Divergences, 2019.

import {
  abs,
  add,
  and,
  any,
  div,
  eq,
  expm1,
  gt,
  lt,
  mul,
  not,
  or,
  sub,
  sum,
  type Tensor,
  where,
  whileLoop,
} from '@adjoint/core'
import { filled } from '../filled.js'
import type { Potentials } from '../result.js'
import { type EntropicProblem, potentialOfColumns, potentialOfRows } from './problem.js'
import { counted, firstState, type Iterate, type LoopLimits, type LoopState, nextStage } from './state.js'

/** Potentials that stay finite where a point has nowhere to go. */
function finite(potential: Tensor): Tensor {
  return where(eq(potential, Infinity), 0, potential)
}

/** Whether a point with mass has nowhere to go. */
function stranded(weights: Tensor, potential: Tensor): Tensor {
  return any(and(weights.gt(0), eq(potential, Infinity)))
}

/** A step beyond the aim, or to it. */
function relaxed(from: Tensor, aim: Tensor, momentum: Tensor | null): Tensor {
  return momentum === null ? aim : add(from, mul(momentum, sub(aim, from)))
}

/** One iteration at the epsilon of the problem: both potentials, and the error of those before. */
export function logStep(
  problem: EntropicProblem,
  { f, g, blocked }: Pick<LoopState, 'f' | 'g' | 'blocked'>,
  momentum: Tensor | null,
): Pick<LoopState, 'f' | 'g' | 'blocked' | 'error'> {
  const { a, b, epsilon } = problem
  const aim = potentialOfRows(problem, g)
  const error = div(sum(mul(a, abs(expm1(div(sub(f, finite(aim)), epsilon))))), sum(a))
  const left = relaxed(f, finite(aim), momentum)
  const back = potentialOfColumns(problem, left)
  const right = relaxed(g, finite(back), momentum)
  return { f: left, g: right, error, blocked: or(blocked, or(stranded(a, aim), stranded(b, back))) }
}

/** Iterations in the log domain. */
export const logIterations: Iterate = (problem, start, { momentum }, { goal, iterations }) => {
  const step = ({ state, count }: { state: LoopState; count: Tensor }) => ({
    state: counted(state, logStep(problem, state, momentum), 1),
    count: add(count, 1),
  })
  const cond = ({ state, count }: { state: LoopState; count: Tensor }) =>
    and(gt(state.error, goal), lt(count, iterations))
  // The error so far is that of one marginal only, where a Newton step came before.
  const error = where(iterations.gt(0), Infinity, start.error)
  const init = { state: { ...start, error }, count: filled(start.f, [], 0, 'int32') }
  return whileLoop({ cond, body: step, init }).state
}

/** A fixed number of iterations, to be differentiated through; those after the goal change nothing. */
export function unrolledLoop(
  problem: EntropicProblem,
  start: Potentials,
  limits: LoopLimits,
  maxSteps: number,
): LoopState {
  const step = (state: LoopState): LoopState => {
    const moved = logStep({ ...problem, epsilon: state.epsilon }, state, limits.momentum)
    return nextStage(counted(state, moved, 1), problem.epsilon, limits)
  }
  const init = firstState(start, limits)
  return whileLoop({ cond: ({ done }: LoopState) => not(done), body: step, init, reverse: true, maxSteps })
}
