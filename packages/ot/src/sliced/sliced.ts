// Sliced Wasserstein distances: transport on a line, averaged over directions or along the worst one.

import {
  argMax,
  div,
  fori,
  gt,
  mean,
  norm,
  stopGradient,
  sum,
  type Tensor,
  take,
  valueAndGrad,
  where,
} from '@adjoint/core'
import { requireCount } from '../checks.js'
import { directionsOf, requirePoints, type SlicedOptions, slices } from './directions.js'

/**
 * The p-th power of the sliced Wasserstein distance: the mean over directions of the cost of transport between projections.
 *
 * Traceable, differentiable with respect to points and weights. Random directions estimate the mean over the sphere without
 * bias; generalised slices come by `project`.
 *
 * N. Bonneel, J. Rabin, G. Peyré, H. Pfister, Sliced and Radon Wasserstein Barycenters of Measures, 2015.
 *
 * @param x - `[n, d]`
 * @param y - `[m, d]`
 * @returns a scalar
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `missing-argument` without key and directions
 * @example
 * const x = tensor([[0, 0], [0, 1]])
 * const value = slicedWasserstein(x, x.add(tensor([3, 4])), { directions: tensor([[1, 0], [0, 1]]) })
 * value.item()   // 12.5
 */
export function slicedWasserstein(x: Tensor, y: Tensor, options: SlicedOptions = {}): Tensor {
  const fn = 'slicedWasserstein'
  requirePoints(fn, x, y)
  return mean(slices(fn, x, y, directionsOf(fn, x, options), options))
}

/** Options of `maxSlicedWasserstein`. */
export interface MaxSlicedOptions extends SlicedOptions {
  /** Steps of ascent, each to the direction of the gradient, from the best of the given directions. @defaultValue 50 */
  readonly steps?: number
}

/** What `maxSlicedWasserstein` returns. */
export interface MaxSlicedResult {
  /** The p-th power of the distance along `direction`. */
  readonly value: Tensor
  /** `[d]`, of length 1; constant to derivatives. */
  readonly direction: Tensor
}

interface Climb {
  readonly at: Tensor
  readonly best: Tensor
  readonly top: Tensor
}

/**
 * The p-th power of the max-sliced Wasserstein distance: transport between projections on the direction that makes it largest,
 * found by ascent from the best of the given ones. A local maximum, not below any of those.
 *
 * I. Deshpande, Y.-T. Hu, R. Sun, A. Pyrros, N. Siddiqui, S. Koyejo, Z. Zhao, D. Forsyth, A. Schwing, Max-Sliced
 * Wasserstein Distance and its use for GANs, 2019.
 *
 * @param x - `[n, d]`
 * @param y - `[m, d]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `missing-argument`, `invalid-argument`
 * @example
 * const x = tensor([[0, 0], [0, 1]])
 * const { value } = maxSlicedWasserstein(x, x.add(tensor([3, 4])), { key: key(0) })
 * value.item()   // 25
 */
export function maxSlicedWasserstein(x: Tensor, y: Tensor, options: MaxSlicedOptions = {}): MaxSlicedResult {
  const fn = 'maxSlicedWasserstein'
  requirePoints(fn, x, y)
  const { steps = 50 } = options
  requireCount(fn, 'steps', steps)
  const tried = directionsOf(fn, x, options)
  const [heldX, heldY] = [stopGradient(x), stopGradient(y)]
  const along = (direction: Tensor, u = heldX, v = heldY) => sum(slices(fn, u, v, direction.reshape([1, -1]), options))
  const start = take(tried, argMax(slices(fn, heldX, heldY, tried, options)))
  const ascent = valueAndGrad((direction: Tensor) => along(direction))
  const climb = (_: Tensor, { at, best, top }: Climb): Climb => {
    const { value, grad: slope } = ascent(at)
    const length = norm(slope)
    const better = gt(value, top)
    return {
      at: where(gt(length, 0), div(slope, length), at),
      best: where(better, at, best),
      top: where(better, value, top),
    }
  }
  const { best } = fori(0, steps, climb, { at: start, best: start, top: along(start) })
  const direction = stopGradient(best)
  return { value: along(direction, x, y), direction }
}
