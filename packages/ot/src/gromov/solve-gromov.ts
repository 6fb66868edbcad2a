// Gromov-Wasserstein and fused Gromov-Wasserstein transport: exact steps of conditional gradient, or entropic ones.
// F. Mémoli, Gromov-Wasserstein Distances and the Metric Approach to Object Matching, 2011.

import {
  AdjointError,
  abs,
  add,
  clip,
  div,
  gt,
  isFinite,
  le,
  lt,
  max,
  mean,
  mul,
  outer,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tree,
  where,
  whileLoop,
} from '@adjoint/core'
import {
  requireChoice,
  requireCount,
  requireFloats,
  requireNumber,
  requirePositive,
  requireSameDType,
  typeOf,
} from '../checks.js'
import { sinkhorn } from '../entropic/sinkhorn.js'
import { emd } from '../exact/emd.js'
import { filled } from '../filled.js'
import { weightStatus, weightsOf } from '../measure.js'
import { DensePlan } from '../plan.js'
import type { Marginals } from '../problem.js'
import { STATUS } from '../status.js'
import { curvature, type GromovLoss, type GromovProblem, linearized, objective } from './objective.js'

/** Options of `solveGromov`. */
export interface GromovOptions extends Marginals {
  /**
   * Strength of the entropy of each step, in units of the mean cost of the first; without it steps are exact, by
   * conditional gradient.
   */
  readonly epsilon?: number
  /** How distances are compared. @defaultValue 'square' */
  readonly loss?: GromovLoss
  /** `[n, m]`: a cost between points of the two spaces: fused Gromov-Wasserstein. */
  readonly cost?: Tensor
  /** The share of the distances in the fused objective, from 0 to 1. @defaultValue 0.5 with `cost`, else 1 */
  readonly alpha?: number
  /** `[n, m]`: the plan to start from, with marginals a and b. @defaultValue their product */
  readonly initial?: Tensor
  /** Relative change of the objective, or, with epsilon, of the plan's largest entry, at which to stop. @defaultValue 1e-9, in float32 1e-5 */
  readonly tolerance?: number
  /** @defaultValue 1000 */
  readonly maxIterations?: number
}

/** What `solveGromov` returns. All fields but the plan are tensors. */
export interface GromovResult {
  readonly plan: DensePlan
  /** The objective at the plan, without entropy. */
  readonly cost: Tensor
  /** What the stopping rule compares with the tolerance. */
  readonly error: Tensor
  /** int32. */
  readonly iterations: Tensor
  /** bool: a stationary point was reached; the problem is not convex, so that others may cost less. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`. */
  readonly status: Tensor
}

/**
 * Couples the points of two spaces, each known only by the distances within, so that distances change least:
 * minimises `sum of loss(x_ik, y_jl) P_ij P_kl` over couplings, a fused cost added where one is given.
 *
 * Traceable; steps without epsilon run on the host. The gradient of `cost` is by the envelope theorem: the plan is constant to
 * derivatives. What is found is a stationary point: try several `initial` plans.
 *
 * G. Peyré, M. Cuturi, J. Solomon, Gromov-Wasserstein Averaging of Kernel and Distance Matrices, 2016 (entropic). T. Vayer, L. Chapel, R. Flamary,
 * R. Tavenard, N. Courty, Optimal Transport for structured data with application on graphs, 2019 (fused, conditional gradient).
 *
 * @param x - `[n, n]`, symmetric: distances, or other affinities
 * @param y - `[m, m]`, symmetric
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const path = tensor([[0, 1, 3], [1, 0, 2], [3, 2, 0]])
 * const { cost } = solveGromov(path, path)
 * cost.item()   // 0.0000...
 */
export function solveGromov(x: Tensor, y: Tensor, options: GromovOptions = {}): GromovResult {
  const { loss = 'square', maxIterations = 1000, tolerance = x.dtype === 'float64' ? 1e-9 : 1e-5 } = options
  const problem = problemOf(x, y, options)
  requireChoice('solveGromov', 'loss', loss, ['square', 'kl'])
  requireCount('solveGromov', 'maxIterations', maxIterations)
  requirePositive('solveGromov', 'tolerance', tolerance)
  const held = tree.map(stopGradient, problem) as GromovProblem
  const start = stopGradient(options.initial ?? outer(held.a, div(held.b, sum(held.b))))
  const step = options.epsilon === undefined ? exactStep(held, loss) : entropicStep(held, loss, start, options.epsilon)
  const run = whileLoop({
    init: { plan: start, error: filled(start, [], Number.MAX_VALUE), iterations: filled(start, [], 0, 'int32') },
    cond: ({ error }) => gt(error, tolerance),
    body: ({ plan, iterations }) => ({ ...step(plan), iterations: add(iterations, 1) }),
    maxSteps: maxIterations,
  })
  const plan = stopGradient(run.plan)
  const weights = weightStatus(held.a, held.b, true)
  const good = le(run.error, tolerance)
  const failure = where(isFinite(run.error), STATUS.maxIterations, STATUS.notFinite)
  const ending = where(good, STATUS.converged, failure).cast('int32')
  const status = where(weights.eq(STATUS.converged), ending, weights)
  return {
    plan: new DensePlan(plan),
    cost: objective(problem, plan, loss),
    error: run.error,
    iterations: run.iterations,
    converged: status.eq(STATUS.converged),
    status,
  }
}

function problemOf(x: Tensor, y: Tensor, options: GromovOptions): GromovProblem {
  const fn = 'solveGromov'
  const { cost, alpha = cost ? 0.5 : 1 } = options
  for (const within of [x, y]) {
    requireFloats(fn, 'distances', within, 2)
    if (within.shape[0] !== within.shape[1]) {
      throw new AdjointError('shape-mismatch', {
        fn,
        given: typeOf(within),
        expected: 'distances within a space, a square matrix',
      })
    }
  }
  requireNumber(fn, 'alpha', alpha, (v) => v >= 0 && v <= 1, 'a number from 0 to 1')
  if (options.epsilon !== undefined) requirePositive(fn, 'epsilon', options.epsilon)
  const [n, m] = [x.shape[0], y.shape[0]]
  for (const [name, given] of [
    ['cost', cost],
    ['initial', options.initial],
  ] as const) {
    if (given === undefined || (given.shape[0] === n && given.shape[1] === m && given.ndim === 2)) continue
    throw new AdjointError('shape-mismatch', { fn, given: `${name} ${typeOf(given)}`, expected: `[${n}, ${m}]` })
  }
  requireSameDType(fn, x, [y, ...(cost ? [cost] : []), ...(options.initial ? [options.initial] : [])])
  return {
    x,
    y,
    a: weightsOf(fn, 'a', options.a, n, x),
    b: weightsOf(fn, 'b', options.b, m, x),
    across: cost ?? null,
    alpha: filled(x, [], alpha),
  }
}

type Step = (plan: Tensor) => { plan: Tensor; error: Tensor }

/** Towards the exact plan of the linearized objective, as far as it falls. */
function exactStep(problem: GromovProblem, loss: GromovLoss): Step {
  return (plan) => {
    const slope = linearized(problem, plan, loss)
    const corner = emd(slope, { a: problem.a, b: problem.b }).plan.toDense()
    const change = sub(corner, plan)
    const down = sum(mul(slope, change))
    const bend = curvature(problem, change, loss)
    const convex = gt(bend, 0)
    const length = where(
      convex,
      clip(div(mul(-0.5, down), where(convex, bend, 1)), 0, 1),
      where(lt(add(down, bend), 0), 1, 0).cast(plan.dtype),
    )
    const gain = mul(-1, add(mul(length, down), mul(mul(length, length), bend)))
    const size = add(abs(objective(problem, plan, loss)), Number.MIN_VALUE)
    return { plan: add(plan, mul(length, change)), error: div(gain, size) }
  }
}

/** The entropic plan of the linearized objective. */
function entropicStep(problem: GromovProblem, loss: GromovLoss, start: Tensor, epsilon: number): Step {
  const unit = mean(abs(linearized(problem, start, loss)))
  return (plan) => {
    const slope = linearized(problem, plan, loss)
    const solved = sinkhorn(slope, {
      a: problem.a,
      b: problem.b,
      epsilon: mul(unit, epsilon),
      epsilonScale: 'absolute',
      gradient: 'envelope',
    }).plan.toDense()
    return { plan: solved, error: div(max(abs(sub(solved, plan))), max(plan)) }
  }
}
