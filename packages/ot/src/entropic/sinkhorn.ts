// Entropic optimal transport by Sinkhorn's iteration, with its certificate and its derivatives.
// M. Cuturi, Sinkhorn Distances: Lightspeed Computation of Optimal Transport, 2013.

import {
  add,
  and,
  div,
  isFinite,
  isTensor,
  jit,
  le,
  mul,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tree,
  where,
} from '@adjoint/core'
import {
  requireChoice,
  requireCount,
  requireFloats,
  requireNumber,
  requirePositive,
  requireSameDType,
} from '../checks.js'
import { filled } from '../filled.js'
import { costMatrix } from '../geometry/cost-matrix.js'
import { costScale, EPSILON_SCALES, type EpsilonScale } from '../geometry/epsilon.js'
import type { Geometry } from '../geometry/geometry.js'
import { weightStatus, weightsOf } from '../measure.js'
import type { Marginals } from '../problem.js'
import type { Potentials, TransportResult } from '../result.js'
import { STATUS } from '../status.js'
import { certify } from './certificate.js'
import { envelopeValue, implicitPotentials } from './implicit.js'
import { logIterations, unrolledLoop } from './log-loop.js'
import { EntropicPlan } from './plan.js'
import { dualValue, type EntropicProblem, transportCost } from './problem.js'
import { scaledIterations, scalingLoop } from './scaling-loop.js'
import { inStages } from './stages.js'
import { type LoopLimits, type LoopState, roundingFloor } from './state.js'

/** How the iteration is computed. */
export type SinkhornMethod = 'auto' | 'scaling' | 'stabilized' | 'log'

/** How derivatives are computed. */
export type SinkhornGradient = 'envelope' | 'implicit' | 'unroll'

/** Decreasing regularisation on the way to `epsilon`, in factors. */
export interface EpsilonSchedule {
  /** The first epsilon, as a multiple of the mean cost. @defaultValue 1 */
  readonly start?: number
  /** What epsilon is multiplied by after each stage, below 1. @defaultValue 0.25 */
  readonly factor?: number
}

/** What it costs to miss a marginal: a number, or a scalar tensor, which gets gradients. */
export type Price = number | Tensor

/** Both prices of `unbalanced`. */
export function pricesOf(unbalanced: SinkhornOptions['unbalanced'] = Infinity): readonly [a: Price, b: Price] {
  return Array.isArray(unbalanced) ? (unbalanced as [Price, Price]) : [unbalanced as Price, unbalanced as Price]
}

/** Options of `sinkhorn`. */
export interface SinkhornOptions extends Marginals {
  /** Strength of the entropy, in units of `epsilonScale`. @defaultValue 0.05 */
  readonly epsilon?: number | Tensor
  /** What `epsilon` and `unbalanced` are multiples of; constant to derivatives. @defaultValue 'mean' */
  readonly epsilonScale?: EpsilonScale
  /**
   * Lets marginals be missed at a price of this times their Kullback-Leibler divergence, one number for both or one for
   * each; Infinity means that the marginal is met. @defaultValue Infinity
   */
  readonly unbalanced?: Price | readonly [a: Price, b: Price]
  /**
   * `'scaling'` multiplies by exp(-C / epsilon) as it is. `'stabilized'` does the same on a kernel into which potentials are
   * absorbed, and `'log'` works on potentials alone. `'auto'` is `'stabilized'` where costs are a matrix, else `'log'`.
   * @defaultValue 'auto'
   */
  readonly method?: SinkhornMethod
  /** Stages of decreasing epsilon; by default where epsilon is below a hundredth of the mean cost. */
  readonly schedule?: EpsilonSchedule | false
  /** Marginal error at which to stop. @defaultValue 1e-6, in float32 1e-4 */
  readonly tolerance?: number
  /** Iterations of all stages together. @defaultValue 10000 */
  readonly maxIterations?: number
  /** Over-relaxation, from 1 to below 2, for balanced problems. A. Thibault et al., Overrelaxed Sinkhorn-Knopp Algorithm for Regularized Optimal Transport, 2017. @defaultValue 1 */
  readonly momentum?: number
  /**
   * Whether stages that do not get on take Newton steps, whose products with the plan count as iterations; not with
   * `'scaling'` and `'unroll'`. @defaultValue true, but false for a `grid`
   */
  readonly newton?: boolean
  /** Potentials to start from, in units of the cost. @defaultValue zeros */
  readonly start?: Potentials
  /**
   * `'implicit'`: all results, to any order, by linear systems. `'envelope'`: first derivatives of `regularizedCost` only, the
   * rest is constant. `'unroll'`: through the iterations; slow, for comparison. @defaultValue 'implicit'
   */
  readonly gradient?: SinkhornGradient
}

/** The words for `SinkhornResult.domain`. */
export const SINKHORN_DOMAINS: readonly string[] = ['scaling', 'log domain', 'epsilon scaling']

/** What `sinkhorn` returns. */
export interface SinkhornResult extends TransportResult<EntropicPlan> {
  /** The regularisation in units of the cost. */
  readonly epsilon: Tensor
  /** int32: what the iteration had to move to, an index into `SINKHORN_DOMAINS`. */
  readonly domain: Tensor
  /** int32: how often scalings were absorbed into the potentials. */
  readonly absorptions: Tensor
  /** int32: stages of the schedule. */
  readonly stages: Tensor
}

/** Where epsilon, relative to the mean cost, is small enough to need stages. */
const SMALL = 0.01

interface Choices {
  readonly method: Exclude<SinkhornMethod, 'auto'>
  readonly newton: boolean
}

const SCHEDULED = { start: 1, factor: 0.25 }

/**
 * Entropic optimal transport: minimises `<P, C> + epsilon KL(P | a bᵀ)` over the couplings of two measures, or, with
 * `unbalanced`, adds the Kullback-Leibler divergences of its marginals. Traceable and differentiable in the costs, the
 * weights and epsilon; batches go through `vmap`, where each problem stops by itself.
 *
 * A small epsilon moves by itself from scaling to the log domain (scalings are absorbed into potentials) and to stages of
 * decreasing epsilon; `domain` says so. Values never throw: `status` is an index into `OT_STATUS`.
 *
 * M. Cuturi, Sinkhorn Distances: Lightspeed Computation of Optimal Transport, 2013. B. Schmitzer, Stabilized Sparse
 * Scaling Algorithms for Entropy Regularized Transport Problems, 2019. L. Chizat et al., Scaling Algorithms for Unbalanced
 * Optimal Transport Problems, 2018.
 *
 * @param geometry - of n and m points, or a matrix of costs `[n, m]`
 * @returns `plan` `[n, m]`, `potentials` `[n]` and `[m]`, costs, certificate and report; in the dtype of the costs
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument` for options out of range
 * @example
 * const { plan, linearCost } = sinkhorn(tensor([[0, 1], [1, 0]]), { epsilon: 0.1 })
 * plan.toDense()      // [[0.5, 0.0000...], [0.0000..., 0.5]]
 * const result = sinkhorn(pointCloud(tensor([[0], [1]]), tensor([[1], [3]])), { epsilon: 0.01 })
 * const text = await describe(result, OT_STATUS)
 */
export function sinkhorn(geometry: Geometry | Tensor, options: SinkhornOptions = {}): SinkhornResult {
  const costs: Geometry = isTensor(geometry) ? costMatrix(geometry) : geometry
  checkOptions(options, costs)
  const { epsilon = 0.05, epsilonScale = 'mean', gradient = 'implicit' } = options
  const [n, m] = costs.shape
  const unit = costScale(costs, epsilonScale)
  const [rhoA, rhoB] = pricesOf(options.unbalanced).map((price) => (price === Infinity ? null : mul(unit, price)))
  const problem: EntropicProblem = {
    geometry: costs,
    a: weightsOf('sinkhorn', 'a', options.a, n, costs.like),
    b: weightsOf('sinkhorn', 'b', options.b, m, costs.like),
    epsilon: mul(unit, epsilon),
    rho: [rhoA, rhoB],
  }
  const start = options.start ?? { f: filled(costs.like, [n], 0), g: filled(costs.like, [m], 0) }
  const { limits, choices } = loopOf(problem, options)
  if (gradient === 'unroll') {
    const state = unrolledLoop(problem, start, limits, options.maxIterations ?? 100)
    return resultOf(problem, state, pinned(problem, state), limits, dualValue)
  }
  const fixed = tree.map(stopGradient, { problem, start, limits }) as LoopInputs
  const state = solveFixed(fixed, choices)
  if (gradient === 'envelope') {
    const held = tree.map(stopGradient, pinned(fixed.problem, state)) as Potentials
    const result = resultOf(fixed.problem, state, held, limits, dualValue)
    return { ...result, regularizedCost: dualValue(problem, held) }
  }
  const potentials = implicitPotentials(problem, { f: state.f, g: state.g })
  return resultOf(problem, state, pinned(problem, potentials), limits, envelopeValue)
}

interface LoopInputs {
  readonly problem: EntropicProblem
  readonly start: Potentials
  readonly limits: LoopLimits
}

const solveFixed = /* @__PURE__ */ jit(
  ({ problem, start, limits }: LoopInputs, { method, newton }: Choices): LoopState => {
    if (method === 'scaling') return scalingLoop(problem, start, limits)
    return inStages(problem, start, limits, { iterate: method === 'log' ? logIterations : scaledIterations, newton })
  },
  { static: [1], name: 'sinkhorn' },
)

/** Limits as tensors, and the choices that are compiled in. */
function loopOf(
  { geometry, a, b, epsilon, rho }: EntropicProblem,
  options: SinkhornOptions,
): { limits: LoopLimits; choices: Choices } {
  const { method = 'auto', momentum = 1, maxIterations = options.gradient === 'unroll' ? 100 : 10000 } = options
  const { tolerance = a.dtype === 'float64' ? 1e-6 : 1e-4 } = options
  const weights = weightStatus(a, b, rho[0] === null && rho[1] === null)
  const chosen = method === 'auto' ? (geometry.dense ? 'stabilized' : 'log') : method
  const schedule = method === 'scaling' ? false : (options.schedule ?? SCHEDULED)
  const { start = SCHEDULED.start, factor = SCHEDULED.factor } = schedule === false ? {} : schedule
  return {
    limits: {
      tolerance: filled(a, [], tolerance),
      // What has no solution is not looked for.
      maxIterations: where(weights.eq(STATUS.converged), filled(a, [], maxIterations, 'int32'), 0),
      start: schedule === false ? epsilon : firstEpsilon(geometry, epsilon, start, options.schedule === undefined),
      factor: filled(a, [], factor),
      momentum: momentum === 1 ? null : filled(a, [], momentum),
    },
    choices: { method: chosen, newton: options.newton ?? !geometry.separable },
  }
}

/** Where the schedule starts: at epsilon itself where that is not small. */
function firstEpsilon(geometry: Geometry, epsilon: Tensor, start: number, ifSmall: boolean): Tensor {
  const mean = costScale(geometry, 'mean')
  const from = mul(mean, start)
  return where(epsilon.ge(ifSmall ? mul(mean, SMALL) : from), epsilon, from)
}

/** Potentials whose free constant is fixed: `<f, a> = <g, b>`. */
function pinned({ a, b, rho }: EntropicProblem, { f, g }: Potentials): Potentials {
  if (rho[0] !== null || rho[1] !== null) return { f, g }
  const shift = div(sub(sum(mul(g, b)), sum(mul(f, a))), add(sum(a), sum(b)))
  return { f: add(f, shift), g: sub(g, shift) }
}

const certified = /* @__PURE__ */ jit(certify, { name: 'certificate' })
const costOf = /* @__PURE__ */ jit(transportCost, { name: 'transportCost' })

function resultOf(
  problem: EntropicProblem,
  state: LoopState,
  potentials: Potentials,
  limits: LoopLimits,
  value: (problem: EntropicProblem, potentials: Potentials) => Tensor,
): SinkhornResult {
  const fixed = tree.map(stopGradient, { problem, potentials }) as { problem: EntropicProblem; potentials: Potentials }
  const { dualGap, marginalError } = certified(fixed.problem, fixed.potentials)
  const error = stopGradient(state.error)
  const status = statusOf(fixed.problem, { ...state, ...fixed.potentials, error }, limits)
  return {
    plan: new EntropicPlan(problem, potentials),
    potentials,
    linearCost: costOf(problem, potentials),
    regularizedCost: value(problem, potentials),
    dualGap,
    marginalError,
    error,
    iterations: state.iterations,
    converged: status.eq(STATUS.converged),
    status,
    epsilon: fixed.problem.epsilon,
    domain: where(state.stages.gt(1), 2, where(state.absorptions.gt(1), 1, 0)).cast('int32'),
    absorptions: state.absorptions,
    stages: state.stages,
  }
}

function statusOf({ a, b, epsilon, rho }: EntropicProblem, state: LoopState, { tolerance }: LoopLimits): Tensor {
  const weights = weightStatus(a, b, rho[0] === null && rho[1] === null)
  const met = and(le(state.error, tolerance), le(state.epsilon, epsilon))
  const limit = where(roundingFloor(state, epsilon).gt(tolerance), STATUS.precision, STATUS.maxIterations)
  const sound = isFinite(add(sum(state.f), sum(state.g)))
  const loop = where(met, STATUS.converged, limit)
  const broken = where(state.underflow, STATUS.underflow, STATUS.notFinite)
  const found = where(state.blocked, STATUS.infeasible, where(sound, loop, broken))
  return where(weights.eq(STATUS.converged), found.cast('int32'), weights)
}

function checkOptions(options: SinkhornOptions, { like, shape }: Geometry): void {
  const fn = 'sinkhorn'
  const { epsilon = 0.05, momentum = 1, tolerance, maxIterations, start, schedule } = options
  if (!isTensor(epsilon)) requirePositive(fn, 'epsilon', epsilon)
  for (const price of pricesOf(options.unbalanced))
    if (!isTensor(price)) requireNumber(fn, 'unbalanced', price, (v) => v > 0, 'a number above 0')
  requireNumber(fn, 'momentum', momentum, (v) => v > 0 && v < 2, 'a number between 0 and 2')
  requireChoice(fn, 'epsilonScale', options.epsilonScale ?? 'mean', EPSILON_SCALES)
  requireChoice(fn, 'method', options.method ?? 'auto', ['auto', 'scaling', 'stabilized', 'log'])
  requireChoice(fn, 'gradient', options.gradient ?? 'implicit', ['implicit', 'envelope', 'unroll'])
  if (tolerance !== undefined) requirePositive(fn, 'tolerance', tolerance)
  if (maxIterations !== undefined) requireCount(fn, 'maxIterations', maxIterations)
  if (schedule) {
    requirePositive(fn, 'schedule.start', schedule.start ?? 1)
    requireNumber(fn, 'schedule.factor', schedule.factor ?? 0.5, (v) => v > 0 && v < 1, 'a number between 0 and 1')
  }
  for (const [name, k] of [
    ['f', 0],
    ['g', 1],
  ] as const) {
    const given = start?.[name]
    if (given === undefined) continue
    requireFloats(fn, `start.${name}`, given, 1)
    requireSameDType(fn, like, [given])
    requireNumber(fn, `the length of start.${name}`, given.size, (v) => v === shape[k], `${shape[k]}`)
  }
}
