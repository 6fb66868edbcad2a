// Barycenters of histograms on a fixed support, entropic or debiased, by Bregman projections in the log domain.
// J.-D. Benamou et al., Iterative Bregman Projections for Regularized Transportation Problems, 2015.

import {
  abs,
  add,
  and,
  exp,
  expandDims,
  gt,
  isFinite,
  isTensor,
  jit,
  le,
  logSumExp,
  lt,
  mul,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tree,
  vmap,
  where,
  whileLoop,
} from '@adjoint/core'
import { fixedPoint } from '@adjoint/optim'
import {
  requireChoice,
  requireCount,
  requireFloats,
  requireNumber,
  requirePositive,
  requireSameDType,
} from '../checks.js'
import { logWeights } from '../entropic/problem.js'
import { filled } from '../filled.js'
import { costMatrix } from '../geometry/cost-matrix.js'
import { costScale, EPSILON_SCALES, type EpsilonScale } from '../geometry/epsilon.js'
import type { Geometry } from '../geometry/geometry.js'
import { weightsOf } from '../measure.js'
import { STATUS } from '../status.js'

/** Options of `barycenter`. */
export interface BarycenterOptions {
  /** Share of each histogram, `[k]`, of sum 1; gets gradients. @defaultValue 1 / k each */
  readonly weights?: Tensor
  /** Strength of the entropy, in units of `epsilonScale`. @defaultValue 0.05 */
  readonly epsilon?: number | Tensor
  /** What `epsilon` is a multiple of; constant to derivatives. @defaultValue 'mean' */
  readonly epsilonScale?: EpsilonScale
  /**
   * Takes the blur of the entropy out: the barycenter of Sinkhorn divergences. It needs the geometry of one set of points.
   * @defaultValue false
   */
  readonly debiased?: boolean
  /** Marginal error, the mean over the histograms, and change of the debiasing factor, at which to stop. @defaultValue 1e-6, in float32 1e-4 */
  readonly tolerance?: number
  /** @defaultValue 2000 */
  readonly maxIterations?: number
}

/** What `barycenter` returns. */
export interface BarycenterResult {
  /** `[n]`: the barycenter's weights. */
  readonly histogram: Tensor
  /** Error of the plans' marginals, the mean over the histograms; with the change of the debiasing factor. */
  readonly error: Tensor
  /** int32. */
  readonly iterations: Tensor
  /** bool. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`. */
  readonly status: Tensor
}

/** Logarithms of scalings of rows, one line for each histogram; of the debiasing factor where there is one. */
interface Scalings {
  readonly rows: Tensor
  readonly bias: Tensor | null
}

/** The state of the loop: scalings, those of the columns that they came from, and how far these moved. */
interface LoopState {
  readonly scalings: Scalings
  readonly columns: Tensor
  readonly error: Tensor
  /** int32. */
  readonly iterations: Tensor
}

/**
 * The histogram on n points that minimises the weighted sum of entropic transport costs to k histograms on m points. Convolutional on a `grid`:
 * the cost of each axis is applied by itself. Traceable; differentiable in histograms, weights and costs by implicit
 * differentiation.
 *
 * J.-D. Benamou et al., Iterative Bregman Projections for Regularized Transportation Problems, 2015. J. Solomon et al.,
 * Convolutional Wasserstein Distances: Efficient Optimal Transportation on Geometric Domains, 2015. H. Janati, M. Cuturi,
 * A. Gramfort, Debiased Sinkhorn Barycenters, 2020.
 *
 * @param geometry - from the n points of the barycenter to the m points of the histograms, or a cost matrix `[n, m]`
 * @param histograms - `[k, m]`: not negative, each of sum 1
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const line = grid([linspace(0, 4, 5)])
 * const ends = tensor([[1, 0, 0, 0, 0], [0, 0, 0, 0, 1]])
 * const { histogram } = barycenter(line, ends, { epsilon: 0.02, debiased: true })
 * argMax(histogram)   // 2
 */
export function barycenter(
  geometry: Geometry | Tensor,
  histograms: Tensor,
  options: BarycenterOptions = {},
): BarycenterResult {
  const fn = 'barycenter'
  const costs = isTensor(geometry) ? costMatrix(geometry) : geometry
  const { epsilon = 0.05, epsilonScale = 'mean', debiased = false, maxIterations = 2000 } = options
  checkOptions(costs, histograms, options)
  const [n] = costs.shape
  const [k] = histograms.shape
  const shares = expandDims(weightsOf(fn, 'weights', options.weights, k, costs.like), 1)
  const problem: BarycenterProblem = {
    costs,
    epsilon: mul(costScale(costs, epsilonScale), epsilon),
    histograms,
    shares,
  }
  const blank: Scalings = {
    rows: filled(costs.like, [k, n], 0),
    bias: debiased ? filled(costs.like, [n], 0) : null,
  }
  const limits = {
    tolerance: filled(costs.like, [], options.tolerance ?? (costs.dtype === 'float64' ? 1e-6 : 1e-4)),
    maxIterations: filled(costs.like, [], maxIterations, 'int32'),
  }
  const found = iterate(tree.map(stopGradient, problem) as BarycenterProblem, blank, limits)
  // Already there: what is wanted of it are the derivatives.
  const step = (scalings: Scalings): Scalings => next(problem, columnsOf(problem, scalings), scalings.bias)
  const { rows, bias } = fixedPoint(step, found.scalings, { tolerance: Number.MAX_VALUE }).x as Scalings
  const histogram = exp(project(problem, columnsOf(problem, { rows, bias }), bias).log)
  const converged = le(found.error, limits.tolerance)
  const stopped = where(isFinite(sum(stopGradient(histogram))), STATUS.maxIterations, STATUS.notFinite)
  const status = where(converged, STATUS.converged, stopped).cast('int32')
  return { histogram, error: found.error, iterations: found.iterations, converged, status }
}

/** A barycenter problem with everything in units of the cost; a pytree. */
interface BarycenterProblem {
  readonly costs: Geometry
  readonly epsilon: Tensor
  readonly histograms: Tensor
  /** `[k, 1]`. */
  readonly shares: Tensor
}

/** `log sum exp(h - C / epsilon)` over one axis, for each line of h. */
function spread({ costs, epsilon }: BarycenterProblem, h: Tensor, axis: 0 | 1): Tensor {
  return vmap((line: Tensor) => costs.logSumExp(line, epsilon, axis))(h)
}

/** The scalings of the columns that give the histograms. */
function columnsOf(problem: BarycenterProblem, { rows }: Scalings): Tensor {
  return sub(logWeights(problem.histograms), spread(problem, rows, 0))
}

/** What the columns send back, and the logarithm of the barycenter. */
function project(problem: BarycenterProblem, columns: Tensor, bias: Tensor | null): { back: Tensor; log: Tensor } {
  const back = spread(problem, columns, 1)
  const product = sum(mul(problem.shares, back), 0)
  const log = bias === null ? product : add(product, bias)
  return { back, log: sub(log, logSumExp(log)) }
}

/** One projection on all histograms. */
function next(problem: BarycenterProblem, columns: Tensor, bias: Tensor | null): Scalings {
  const { back, log } = project(problem, columns, bias)
  const rows = sub(log, back)
  return {
    // The factor between the two scalings of a plan is free: it is pinned.
    rows: sub(rows, sum(mul(exp(log), rows), 1, { keepDims: true })),
    bias: bias && mul(0.5, add(bias, sub(log, problem.costs.logSumExp(bias, problem.epsilon, 1)))),
  }
}

/** Projections until the columns' scalings rest; constant to derivatives. */
const iterate = /* @__PURE__ */ jit(
  (problem: BarycenterProblem, blank: Scalings, limits: { tolerance: Tensor; maxIterations: Tensor }): LoopState => {
    const masses = mul(problem.shares, problem.histograms)
    const body = ({ scalings, columns, iterations }: LoopState): LoopState => {
      const moved = columnsOf(problem, scalings)
      const change = where(masses.gt(0), abs(sub(exp(sub(moved, columns)), 1)), 0)
      const after = next(problem, moved, scalings.bias)
      const drift =
        after.bias === null || scalings.bias === null
          ? 0
          : sum(mul(exp(project(problem, moved, scalings.bias).log), abs(sub(after.bias, scalings.bias))))
      const error = add(sum(mul(masses, change)), drift)
      return { scalings: after, columns: moved, error, iterations: add(iterations, 1) }
    }
    return whileLoop({
      cond: ({ error, iterations }: LoopState) =>
        and(gt(error, limits.tolerance), lt(iterations, limits.maxIterations)),
      body,
      init: {
        scalings: blank,
        columns: filled(masses, masses.shape, 0),
        error: filled(masses, [], Infinity),
        iterations: filled(masses, [], 0, 'int32'),
      },
    })
  },
  { name: 'barycenter' },
)

function checkOptions({ shape, like }: Geometry, histograms: Tensor, options: BarycenterOptions): void {
  const fn = 'barycenter'
  const { epsilon = 0.05, debiased = false, maxIterations = 1, tolerance = 1 } = options
  requireFloats(fn, 'histograms', histograms, 2)
  requireSameDType(fn, like, [histograms])
  const [n, m] = shape
  requireNumber(fn, 'the length of the histograms', histograms.shape[1], (length) => length === m, `${m}`)
  if (!isTensor(epsilon)) requirePositive(fn, 'epsilon', epsilon)
  requireChoice(fn, 'epsilonScale', options.epsilonScale ?? 'mean', EPSILON_SCALES)
  requireCount(fn, 'maxIterations', maxIterations)
  requirePositive(fn, 'tolerance', tolerance)
  if (debiased) requireNumber(fn, 'n with `debiased`', n, () => n === m, `${m}, the points of the histograms`)
}
