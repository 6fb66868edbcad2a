// Transport with a quadratic regulariser, whose plans are sparse.
// M. Blondel, V. Seguy, A. Rolet, Smooth and Sparse Optimal Transport, 2018.

import {
  abs,
  add,
  and,
  any,
  div,
  expandDims,
  isNaN,
  isTensor,
  jit,
  mul,
  neg,
  not,
  relu,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tree,
  where,
} from '@adjoint/core'
import { minimize } from '@adjoint/optim'
import { requireChoice, requireCount, requirePositive } from '../checks.js'
import { filled } from '../filled.js'
import { costMatrix } from '../geometry/cost-matrix.js'
import { costScale, EPSILON_SCALES, type EpsilonScale } from '../geometry/epsilon.js'
import type { Geometry } from '../geometry/geometry.js'
import { weightStatus, weightsOf } from '../measure.js'
import { DensePlan } from '../plan.js'
import type { Marginals } from '../problem.js'
import type { Potentials, TransportResult } from '../result.js'
import { STATUS } from '../status.js'
import { rounded } from './rounded.js'

/** Options of `smoothTransport`. */
export interface SmoothTransportOptions extends Marginals {
  /** Strength of the regulariser `gamma / 2 sum P²`, in units of `gammaScale`. @defaultValue 1 */
  readonly gamma?: number
  /** What `gamma`, times n m over the mass, is a multiple of; constant to derivatives. @defaultValue 'mean' */
  readonly gammaScale?: EpsilonScale
  /** Largest marginal error of a single point at which to stop. @defaultValue 1e-9, in float32 1e-5 */
  readonly tolerance?: number
  /** @defaultValue 5000 */
  readonly maxIterations?: number
}

/** The dual problem in units of the cost. */
interface SmoothProblem {
  readonly cost: Tensor
  readonly a: Tensor
  readonly b: Tensor
  readonly gamma: Tensor
}

/**
 * Transport with a quadratic regulariser: minimises `<P, C> + gamma / 2 sum P²` over the couplings, by L-BFGS on the dual.
 * Plans are sparse, unlike entropic ones. Traceable. First derivatives of `regularizedCost` are right; everything else is
 * constant to derivatives.
 *
 * M. Blondel, V. Seguy, A. Rolet, Smooth and Sparse Optimal Transport, 2018.
 *
 * @param geometry - of n and m points, or a matrix of costs `[n, m]`; the plan is dense in memory
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { plan } = smoothTransport(tensor([[0, 1], [1, 0]]), { gamma: 0.5 })
 * plan.toDense()   // [[0.5, 0], [0, 0.5]]
 */
export function smoothTransport(
  geometry: Geometry | Tensor,
  options: SmoothTransportOptions = {},
): TransportResult<DensePlan> {
  const fn = 'smoothTransport'
  const costs = isTensor(geometry) ? costMatrix(geometry) : geometry
  const { gamma = 1, gammaScale = 'mean', maxIterations = 5000 } = options
  const [n, m] = costs.shape
  const { tolerance = costs.dtype === 'float64' ? 1e-9 : 1e-5 } = options
  requirePositive(fn, 'gamma', gamma)
  requireChoice(fn, 'gammaScale', gammaScale, EPSILON_SCALES)
  requirePositive(fn, 'tolerance', tolerance)
  requireCount(fn, 'maxIterations', maxIterations)
  const a = weightsOf(fn, 'a', options.a, n, costs.like)
  const b = weightsOf(fn, 'b', options.b, m, costs.like)
  const mass = stopGradient(sum(a))
  const unit = costScale(costs, 'mean')
  const strength = mul(costScale(costs, gammaScale), div(gamma * n * m, mass))
  const problem: SmoothProblem = { cost: costs.costMatrix(), a, b, gamma: strength }
  const fixed = tree.map(stopGradient, problem) as SmoothProblem
  const found = solveDual(fixed, stopGradient(unit), { tolerance, maxSteps: maxIterations })
  return resultOf(problem, fixed, found, tolerance)
}

/** The potentials of the largest value, and how it was found. */
interface Found extends Potentials {
  readonly gradientNorm: Tensor
  readonly iterations: Tensor
}

const solveDual = /* @__PURE__ */ jit(
  (problem: SmoothProblem, unit: Tensor, limits: { tolerance: number; maxSteps: number }): Found => {
    const { a, b } = problem
    // What has no solution is not looked for.
    const good = weightStatus(a, b, true).eq(STATUS.converged)
    const even = (w: Tensor) => where(good, w, 1 / w.size)
    const cost = where(isNaN(problem.cost), 0, problem.cost)
    const usable = { cost, a: even(a), b: even(b), gamma: where(good, problem.gamma, 1) }
    const mass = sum(usable.a)
    // In units of the mean cost and the mass, the gradient is the error of the marginals.
    const loss = ({ f, g }: Potentials): Tensor =>
      div(neg(dual(usable, { f: mul(f, unit), g: mul(g, unit) })), mul(unit, mass))
    const start: Potentials = { f: filled(a, a.shape, 0), g: filled(b, b.shape, 0) }
    const { x, gradientNorm, iterations } = minimize(loss, start, limits)
    const { f, g } = x as Potentials
    const shift = div(sub(sum(mul(g, usable.b)), sum(mul(f, usable.a))), mul(2, mass))
    return { f: mul(add(f, shift), unit), g: mul(sub(g, shift), unit), gradientNorm, iterations }
  },
  { static: [2], name: 'smoothTransport' },
)

/** Positive parts of f + g - C: the plan times gamma. */
function slack({ cost }: SmoothProblem, { f, g }: Potentials): Tensor {
  return relu(sub(add(expandDims(f, 1), g), cost))
}

/** The value of the dual, which is concave. */
function dual(problem: SmoothProblem, potentials: Potentials): Tensor {
  const { a, b, gamma } = problem
  const lost = div(sum(square(slack(problem, potentials))), mul(2, gamma))
  return sub(add(sum(mul(potentials.f, a)), sum(mul(potentials.g, b))), lost)
}

/** <P, C>, with no cost where there is no mass. */
function costOf(plan: Tensor, cost: Tensor): Tensor {
  const some = plan.gt(0)
  return sum(where(some, mul(plan, where(some, cost, 0)), 0))
}

function resultOf(
  problem: SmoothProblem,
  fixed: SmoothProblem,
  found: Found,
  tolerance: number,
): TransportResult<DensePlan> {
  const { cost, a, b, gamma } = fixed
  const potentials: Potentials = { f: stopGradient(found.f), g: stopGradient(found.g) }
  const plan = div(slack(fixed, potentials), gamma)
  const value = dual(fixed, potentials)
  const feasible = rounded(plan, a, b)
  const primal = add(costOf(feasible, cost), mul(mul(0.5, gamma), sum(square(feasible))))
  const wrong = add(sum(abs(sub(sum(plan, 1), a))), sum(abs(sub(sum(plan, 0), b))))
  const error = stopGradient(found.gradientNorm)
  const met = error.le(tolerance)
  const solved = where(
    and(met, not(any(isNaN(cost)))),
    STATUS.converged,
    where(any(isNaN(cost)), STATUS.notFinite, STATUS.maxIterations),
  )
  const weights = weightStatus(a, b, true)
  const status = where(weights.eq(STATUS.converged), solved.cast('int32'), weights)
  return {
    plan: new DensePlan(plan),
    potentials,
    linearCost: costOf(plan, cost),
    regularizedCost: dual(problem, potentials),
    dualGap: sub(primal, value),
    marginalError: div(wrong, sum(a)),
    error,
    iterations: found.iterations,
    converged: status.eq(STATUS.converged),
    status,
  }
}
