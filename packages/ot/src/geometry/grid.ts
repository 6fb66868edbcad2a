// Costs between the points of a grid that are sums over its axes: reductions go axis by axis.
// J. Solomon et al., Convolutional Wasserstein Distances: Efficient Optimal Transportation on Geometric Domains, 2015.

import {
  AdjointError,
  broadcastTo,
  type DType,
  div,
  expandDims,
  logSumExp,
  moveAxis,
  reshape,
  stack,
  sub,
  type Tensor,
  TREE,
} from '@adjoint/core'
import { requireFloats, requireNumber, requireSameDType } from '../checks.js'
import type { Cost } from './cost.js'
import { squaredEuclidean } from './costs.js'
import type { CostFormula, Geometry, ReducedAxis, ReduceInputs } from './geometry.js'
import { PointCloud, pointCloud } from './point-cloud.js'

/** Costs between the points of a grid; see `grid`. */
export class Grid implements Geometry {
  readonly dense = false
  readonly separable = true
  /** Coordinates along each axis. */
  readonly axes: readonly Tensor[]
  /** Of points on one axis. */
  readonly cost: Cost

  constructor(axes: readonly Tensor[], cost: Cost) {
    this.axes = axes
    this.cost = cost
  }

  get shape(): readonly [n: number, m: number] {
    const size = this.axes.reduce((count, axis) => count * axis.shape[0], 1)
    return [size, size]
  }

  get dtype(): DType {
    return this.axes[0].dtype
  }

  get like(): Tensor {
    return this.axes[0]
  }

  logSumExp(h: Tensor, epsilon: Tensor, axis: ReducedAxis): Tensor {
    const lengths = this.axes.map(({ shape }) => shape[0])
    const along = (values: Tensor, k: number): Tensor => {
      const costs = this.#axisCosts(k)
      const scores = div(axis === 1 ? costs : costs.transpose(), epsilon)
      return moveAxis(logSumExp(sub(expandDims(moveAxis(values, k, -1), -2), scores), -1), -1, k)
    }
    return reshape(lengths.map((_, k) => k).reduce(along, reshape(h, lengths)), [h.size])
  }

  #axisCosts(k: number): Tensor {
    const points = reshape(this.axes[k], [-1, 1])
    return pointCloud(points, points, this.cost).costMatrix()
  }

  /** The points `[size, axes]`, the last axis running fastest; formulas of all pairs go over them. */
  points(): Tensor {
    const lengths = this.axes.map(({ shape }) => shape[0])
    const coordinates = this.axes.map((axis, k) => {
      const shape = lengths.map((_, i) => (i === k ? -1 : 1))
      return reshape(broadcastTo(reshape(axis, shape), lengths), [-1])
    })
    return stack(coordinates, 1)
  }

  /** The same costs between points. */
  toPointCloud(): PointCloud {
    const points = this.points()
    return new PointCloud(points, points, this.cost)
  }

  sum(formula: CostFormula, axis: ReducedAxis, inputs: ReduceInputs): Tensor {
    return this.toPointCloud().sum(formula, axis, inputs)
  }

  max(formula: CostFormula, axis: ReducedAxis, inputs: ReduceInputs): Tensor {
    return this.toPointCloud().max(formula, axis, inputs)
  }

  costMatrix(): Tensor {
    return this.toPointCloud().costMatrix()
  }

  /** @internal */
  static readonly [TREE] = {
    flatten: ({ axes, cost }: Grid) => [axes, cost] as const,
    unflatten: ([axes, cost]: readonly [readonly Tensor[], Cost]) => new Grid(axes, cost),
  }
}

/**
 * The geometry of a regular grid, for measures such as images: both have a weight at each of its points, the last axis
 * running fastest. An iteration of `'log'` Sinkhorn costs the sum of the axes' lengths for each point instead of the
 * number of points; results that need all pairs (`linearCost`, the certificate) are as slow as for a point cloud.
 *
 * J. Solomon et al., Convolutional Wasserstein Distances: Efficient Optimal Transportation on Geometric Domains, 2015.
 *
 * @param axes - coordinates `[n_k]` along each axis
 * @param cost - a sum over coordinates: `squaredEuclidean`, `pNorm(p)` or `elastic(gamma)`. @defaultValue squaredEuclidean
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument` for another cost
 * @example
 * const pixels = grid([linspace(0, 1, 3), linspace(0, 1, 2)])
 * pixels.points().slice(3)   // [0.5, 1]
 */
export function grid(axes: readonly Tensor[], cost: Cost = squaredEuclidean): Grid {
  for (const axis of axes) requireFloats('grid', 'coordinates', axis, 1)
  requireNumber('grid', 'the number of axes', axes.length, (count) => count > 0, 'at least 1')
  if (!/^(squaredEuclidean|elastic|pNorm)/.test(cost.name)) {
    throw new AdjointError('invalid-argument', {
      fn: 'grid',
      given: `the cost ${cost.name}`,
      expected: 'a cost that is a sum over coordinates: squaredEuclidean, pNorm(p) or elastic(gamma)',
      fix: 'Use pointCloud(grid([...]).points()) for other costs',
    })
  }
  requireSameDType('grid', axes[0], axes)
  return new Grid(axes, cost)
}
