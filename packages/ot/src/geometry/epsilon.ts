// Regularisation relative to the size of the costs, so that one number serves costs of any unit.

import { abs, cast, div, isFinite, max, sqrt, stopGradient, sub, sum, type Tensor, where } from '@adjoint/core'
import { filled } from '../filled.js'
import type { CostFormula, Geometry } from './geometry.js'

/** What epsilon is a multiple of: 1, or the mean, the largest or the standard deviation of the finite costs. */
export type EpsilonScale = 'absolute' | 'mean' | 'max' | 'std'

/** The values of `EpsilonScale`. */
export const EPSILON_SCALES: readonly EpsilonScale[] = ['absolute', 'mean', 'max', 'std']

const finiteCost: CostFormula = (cost) => where(isFinite(cost), cost, 0)
const isCost: CostFormula = (cost) => cast(isFinite(cost), cost.dtype)
const deviation: CostFormula = (cost, _, __, [mean]) => where(isFinite(cost), sub(cost, mean).square(), 0)
const upper: CostFormula = (cost) => where(isFinite(cost), cost, -Infinity)

/** The cost that epsilon is relative to: a scalar, constant to derivatives; 1 where the costs are all 0. */
export function costScale(geometry: Geometry, scale: EpsilonScale): Tensor {
  if (scale === 'absolute') return filled(geometry.like, [], 1)
  const size = stopGradient(abs(sizeOf(geometry, scale)))
  return where(size.gt(0), size, 1)
}

function sizeOf(geometry: Geometry, scale: 'mean' | 'max' | 'std'): Tensor {
  if (scale === 'max') return max(geometry.max(upper, 1, {}))
  const count = sum(geometry.sum(isCost, 1, {}))
  const mean = div(sum(geometry.sum(finiteCost, 1, {})), count)
  return scale === 'mean' ? mean : sqrt(div(sum(geometry.sum(deviation, 1, { shared: [mean] })), count))
}
