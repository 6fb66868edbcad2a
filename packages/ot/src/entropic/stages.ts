// Sinkhorn's iteration in stages: of decreasing epsilon, with a Newton step where one stage does not get on.

import { add, and, cond, gt, isFinite, lt, not, or, sub, type Tensor, where, whileLoop } from '@adjoint/core'
import type { Potentials } from '../result.js'
import { logStep } from './log-loop.js'
import { newtonStep } from './newton.js'
import type { EntropicProblem } from './problem.js'
import { counted, firstState, goalOf, type Iterate, type LoopLimits, type LoopState, nextStage } from './state.js'

/** Iterations before a Newton step is tried. */
const PATIENCE = 20

/** Stretches of iterations until the error is small, the iterations are used up, or something is not finite. */
export function inStages(
  problem: EntropicProblem,
  start: Potentials,
  limits: LoopLimits,
  { iterate, newton }: { readonly iterate: Iterate; readonly newton: boolean },
): LoopState {
  const step = (state: LoopState): LoopState => {
    const now = { ...problem, epsilon: state.epsilon }
    const goal = goalOf(state, problem.epsilon, limits)
    const first = counted(state, logStep(now, state, null), 1)
    const left = sub(limits.maxIterations, first.iterations)
    const done = iterate(now, first, limits, { goal, iterations: where(lt(left, PATIENCE), left, PATIENCE) })
    const crawls = gt(done.error, goal)
    return nextStage(newton ? cond(crawls, accelerated(now), (s: LoopState) => s, done) : done, problem.epsilon, limits)
  }
  return whileLoop({ cond: (state: LoopState) => goesOn(state, limits), body: step, init: firstState(start, limits) })
}

/** A Newton step, and an iteration that tells its error. */
function accelerated(problem: EntropicProblem): (state: LoopState) => LoopState {
  return (state) => {
    const { iterations, ...potentials } = newtonStep(problem, state)
    return counted(state, potentials, iterations)
  }
}

/** Whether a loop takes another step. */
function goesOn(state: LoopState, { maxIterations }: LoopLimits): Tensor {
  const sound = or(state.iterations.eq(0), isFinite(add(state.f.sum(), state.g.sum())))
  return and(and(not(state.done), lt(state.iterations, maxIterations)), sound)
}
