// What the Sinkhorn loops share: their state, the rules by which they stop, and the schedule of epsilon.
// B. Schmitzer, Stabilized Sparse Scaling Algorithms for Entropy Regularized Transport Problems, 2019.

import { abs, add, and, div, le, max, maximum, mul, not, or, type Tensor, where } from '@adjoint/core'
import { filled } from '../filled.js'
import type { Potentials } from '../result.js'
import type { EntropicProblem } from './problem.js'

/** Numbers that steer a loop; tensors, so that other values do not compile anew. */
export interface LoopLimits {
  readonly tolerance: Tensor
  /** int32. */
  readonly maxIterations: Tensor
  /** The first epsilon, at least the last. */
  readonly start: Tensor
  /** What epsilon is multiplied by after each stage. */
  readonly factor: Tensor
  /** Over-relaxation; null for none. */
  readonly momentum: Tensor | null
}

/** The state of a Sinkhorn loop. */
export interface LoopState extends Potentials {
  /** The regularisation of this stage. */
  readonly epsilon: Tensor
  /** Relative change of the scalings, weighted by mass: the error of a marginal. */
  readonly error: Tensor
  /** int32. */
  readonly iterations: Tensor
  /** int32: iterations of this stage. */
  readonly inStage: Tensor
  /** int32. */
  readonly stages: Tensor
  /** int32: how often scalings were absorbed into the potentials. */
  readonly absorptions: Tensor
  /** bool: a point with mass has only infinite costs. */
  readonly blocked: Tensor
  /** bool: a kernel without entries where mass must go. */
  readonly underflow: Tensor
  /** bool. */
  readonly done: Tensor
}

/** Iterations after which a stage before the last ends in any case. */
const STAGE_ITERATIONS = 2000

/** Marginal error at which a stage before the last ends: no point may be left out, since a smaller epsilon mends that slowly. */
function stageError({ f, g }: Potentials): number {
  return Math.min(1e-3, 0.3 / Math.max(f.size, g.size))
}

/** When the iterations of one stretch end. */
export interface Stretch {
  readonly goal: Tensor
  /** int32. */
  readonly iterations: Tensor
}

/** Some iterations at one epsilon. */
export type Iterate = (problem: EntropicProblem, state: LoopState, limits: LoopLimits, stop: Stretch) => LoopState

/** The state before the first step. */
export function firstState({ f, g }: Potentials, { start }: LoopLimits): LoopState {
  const [none, one] = [0, 1].map((value) => filled(f, [], value, 'int32'))
  const no = filled(f, [], 0, 'bool')
  const counts = { iterations: none, inStage: none, stages: one, absorptions: none }
  return { f, g, epsilon: start, error: filled(f, [], Infinity), ...counts, blocked: no, underflow: no, done: no }
}

/** The error that rounding of the potentials leaves in the marginals. */
export function roundingFloor({ f, g }: Potentials, epsilon: Tensor): Tensor {
  const unit = f.dtype === 'float64' ? 2 ** -52 : 2 ** -23
  return div(mul(maximum(max(abs(f)), max(abs(g))), 2 * unit), epsilon)
}

/** The error at which a loop ends its present stage. */
export function goalOf(state: LoopState, target: Tensor, { tolerance }: LoopLimits): Tensor {
  const last = maximum(tolerance, roundingFloor(state, target))
  return where(le(state.epsilon, target), last, maximum(last, stageError(state)))
}

/** Whether the loop ends, or which epsilon comes next. */
export function nextStage(state: LoopState, target: Tensor, limits: LoopLimits): LoopState {
  const last = le(state.epsilon, target)
  const met = le(state.error, goalOf(state, target, limits))
  const over = or(met, and(not(last), state.inStage.ge(STAGE_ITERATIONS)))
  const moves = and(over, not(last))
  return {
    ...state,
    epsilon: where(moves, maximum(target, mul(state.epsilon, limits.factor)), state.epsilon),
    inStage: where(moves, 0, state.inStage),
    stages: where(moves, add(state.stages, 1), state.stages),
    done: and(met, last),
  }
}

/** A state after more iterations. */
export function counted<S extends object>(state: LoopState, moved: S, iterations: Tensor | number): LoopState & S {
  const counts = { iterations: add(state.iterations, iterations), inStage: add(state.inStage, iterations) }
  return { ...state, ...moved, ...counts }
}
