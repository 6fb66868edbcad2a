// Sinkhorn's iteration on scalings of a kernel matrix, which are absorbed into the potentials before they leave the range
// of floats. B. Schmitzer, Stabilized Sparse Scaling Algorithms for Entropy Regularized Transport Problems, 2019.

import {
  abs,
  add,
  and,
  div,
  exp,
  expandDims,
  gt,
  isFinite,
  log,
  lt,
  matmul,
  max,
  maximum,
  mul,
  neg,
  not,
  sub,
  sum,
  type Tensor,
  transpose,
  where,
  whileLoop,
} from '@adjoint/core'
import { filled } from '../filled.js'
import type { Potentials } from '../result.js'
import { damping, density, type EntropicProblem } from './problem.js'
import { counted, firstState, goalOf, type Iterate, type LoopLimits, type LoopState, nextStage } from './state.js'
import { scalingSweep } from './sweep.js'

/** Scalings of the kernel `exp((f + g - C) / epsilon)`: the plan is a_i u_i K_ij v_j b_j. */
interface Scalings {
  readonly u: Tensor
  readonly v: Tensor
  readonly error: Tensor
  /** int32. */
  readonly iterations: Tensor
  /** Largest logarithm of a scaling. */
  readonly drift: Tensor
}

/** Logarithm of the largest scaling that is not absorbed: what the kernel has lost to underflow stays negligible. */
function limitOf({ dtype }: Tensor): number {
  return dtype === 'float64' ? 115 : 12
}

function kernelOf({ geometry, epsilon }: EntropicProblem, { f, g }: Potentials): Tensor {
  return density(geometry.costMatrix(), expandDims(f, 1), g, epsilon)
}

/** 1 / (K w), or its damped form where the marginal may be missed. */
function scaling(sums: Tensor, potential: Tensor, damp: Tensor | null, epsilon: Tensor): Tensor {
  if (damp === null) return div(1, sums)
  return exp(sub(neg(mul(damp, log(sums))), mul(sub(1, damp), div(potential, epsilon))))
}

/** A scaling beyond the aim, or the aim. */
function relaxed(old: Tensor, aim: Tensor, momentum: Tensor | null): Tensor {
  return momentum === null ? aim : mul(aim, exp(mul(sub(momentum, 1), log(div(aim, old)))))
}

/** Scales a kernel until the error is small, the iterations are used up, or a scaling is too large. */
function scale(
  problem: EntropicProblem,
  potentials: Potentials,
  limits: LoopLimits,
  stop: { readonly goal: Tensor; readonly iterations: Tensor; readonly drift: number; readonly error: Tensor },
): Scalings {
  const { a, b, epsilon, rho } = problem
  const { f, g } = potentials
  const kernel = kernelOf(problem, potentials)
  const flipped = transpose(kernel)
  const dampings = rho.map((price) => damping(price, epsilon))
  const mass = sum(b)
  const halfway = (u: Tensor, w: Tensor): { left: Tensor; sums: Tensor } => {
    if (dampings[0] === null && limits.momentum === null) return scalingSweep(kernel, w, a)
    const left = relaxed(u, scaling(matmul(kernel, w), f, dampings[0], epsilon), limits.momentum)
    return { left, sums: matmul(flipped, mul(a, left)) }
  }
  const step = ({ u, v, iterations }: Scalings): Scalings => {
    const { left, sums } = halfway(u, mul(b, v))
    const aim = scaling(sums, g, dampings[1], epsilon)
    const error = div(sum(mul(b, abs(sub(div(v, aim), 1)))), mass)
    const right = relaxed(v, aim, limits.momentum)
    const drift = maximum(max(abs(log(left))), max(abs(log(right))))
    return { u: left, v: right, error, iterations: add(iterations, 1), drift }
  }
  const none = filled(a, [], 0)
  return whileLoop({
    cond: ({ error, iterations, drift }: Scalings) =>
      and(and(gt(error, stop.goal), lt(iterations, stop.iterations)), lt(drift, stop.drift)),
    body: step,
    init: {
      u: filled(a, a.shape, 1),
      v: filled(b, b.shape, 1),
      error: where(stop.iterations.gt(0), Infinity, stop.error),
      iterations: none.cast('int32'),
      drift: none,
    },
  })
}

/** Scalings of the kernel of the present potentials, which the log step before has made safe; absorbed at the end. */
export const scaledIterations: Iterate = (problem, state, limits, { goal, iterations }) => {
  const scaled = scale(problem, state, limits, { goal, iterations, drift: limitOf(problem.a), error: state.error })
  return absorbed(problem, state, scaled)
}

/** The scalings as part of the potentials. */
function absorbed({ epsilon }: EntropicProblem, state: LoopState, { u, v, error, iterations }: Scalings): LoopState {
  const potentials = { f: add(state.f, mul(epsilon, log(u))), g: add(state.g, mul(epsilon, log(v))) }
  return counted(state, { ...potentials, error, absorptions: add(state.absorptions, 1) }, iterations)
}

/** Scalings of exp(-C / epsilon) as they are: fast, and of use while that matrix has no row or column of zeros. */
export function scalingLoop(problem: EntropicProblem, start: Potentials, limits: LoopLimits): LoopState {
  const first = firstState(start, limits)
  const goal = goalOf(first, problem.epsilon, limits)
  const scaled = scale(problem, start, limits, {
    goal,
    iterations: limits.maxIterations,
    drift: Infinity,
    error: first.error,
  })
  const state = absorbed(problem, first, scaled)
  return { ...nextStage(state, problem.epsilon, limits), underflow: not(isFinite(sum(state.f))) }
}
