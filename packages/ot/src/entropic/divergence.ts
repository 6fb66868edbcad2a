// The debiased entropic cost of two measures: zero where they agree, positive elsewhere.
// J. Feydy et al., Interpolating between Optimal Transport and MMD using Sinkhorn Divergences, 2019.

import { add, and, max, maximum, mul, stack, sub, sum, type Tensor } from '@adjoint/core'
import type { Cost } from '../geometry/cost.js'
import { costScale } from '../geometry/epsilon.js'
import { pointCloud } from '../geometry/point-cloud.js'
import { type Price, pricesOf, type SinkhornOptions, type SinkhornResult, sinkhorn } from './sinkhorn.js'

/** Options of `sinkhornDivergence`. */
export interface DivergenceOptions extends Omit<SinkhornOptions, 'start'> {
  /** Between two points; symmetric. @defaultValue squaredEuclidean */
  readonly cost?: Cost
}

/** What `sinkhornDivergence` returns. */
export interface DivergenceResult {
  /** The divergence, a scalar in units of the cost. */
  readonly value: Tensor
  /** The transport between the two measures. */
  readonly transport: SinkhornResult
  /** int32: iterations of the three problems together. */
  readonly iterations: Tensor
  /** The largest error of the three. */
  readonly error: Tensor
  /** bool: whether all three converged. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`, the largest of the three. */
  readonly status: Tensor
}

/**
 * The Sinkhorn divergence `OT(x, y) - OT(x, x) / 2 - OT(y, y) / 2` of two weighted samples, with OT the entropic cost
 * (`regularizedCost`) at one epsilon; for unbalanced problems plus `epsilon (mass of a - mass of b)² / 2`. It is convex,
 * not negative, and 0 only where the measures agree. Differentiable in points, weights and epsilon.
 *
 * J. Feydy et al., Interpolating between Optimal Transport and MMD using Sinkhorn Divergences, 2019. T. Séjourné et al.,
 * Sinkhorn Divergences for Unbalanced Optimal Transport, 2019.
 *
 * @param x - `[n, d]`
 * @param y - `[m, d]`
 * @throws AdjointError as `sinkhorn`
 * @example
 * const x = tensor([[0], [1]])
 * sinkhornDivergence(x, tensor([[2], [3]])).value   // 4.000...
 * sinkhornDivergence(x, x).value                    // 0
 */
export function sinkhornDivergence(
  x: Tensor,
  y: Tensor,
  { cost, a, b, ...options }: DivergenceOptions = {},
): DivergenceResult {
  const { epsilon = 0.05, epsilonScale = 'mean' } = options
  const between = pointCloud(x, y, cost)
  const unit = costScale(between, epsilonScale)
  // One epsilon, and one price, for all three problems.
  const shared = { ...options, epsilon: mul(unit, epsilon), epsilonScale: 'absolute' } as const
  const prices = pricesOf(options.unbalanced).map((price) => (price === Infinity ? price : mul(unit, price)))
  const both = (left: Tensor, right: Tensor, from?: Tensor, to?: Tensor): SinkhornResult =>
    sinkhorn(pointCloud(left, right, cost), { ...shared, unbalanced: prices as [Price, Price], a: from, b: to })
  const parts = [both(x, y, a, b), both(x, x, a, a), both(y, y, b, b)]
  const [transport, ofX, ofY] = parts
  const [massA, massB] = [transport.plan.problem.a, transport.plan.problem.b].map((w) => sum(w))
  const bias = mul(0.5, add(ofX.regularizedCost, ofY.regularizedCost))
  const masses = prices.includes(Infinity) ? 0 : mul(mul(0.5, transport.epsilon), sub(massA, massB).square())
  const status = stack(parts.map((part) => part.status))
  return {
    value: add(sub(transport.regularizedCost, bias), masses),
    transport,
    iterations: parts.map((part) => part.iterations).reduce((total, part) => add(total, part)),
    error: parts.map((part) => part.error).reduce((worst, part) => maximum(worst, part)),
    converged: parts.map((part) => part.converged).reduce((all, part) => and(all, part)),
    status: max(status),
  }
}
