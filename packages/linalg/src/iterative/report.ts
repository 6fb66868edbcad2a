// How a solver ended: the values of `status`, and who sets them.

import { cast, gt, isFinite, le, mul, type Tensor, where } from '@adjoint/core'

/** The values of `status`. */
export const STATUS = { converged: 0, maxSteps: 1, breakdown: 2, notFinite: 3, stagnated: 4 } as const

/** Loops judge by residuals that they update; the one computed at the end may differ by rounding, up to ten times. */
const ROUNDING = 10

/** The final status, from the method's own and the true residual. */
export function judge(status: Tensor, residual: Tensor, target: Tensor, exhausted: Tensor): Tensor {
  const met = le(residual, mul(target, ROUNDING))
  const missed = cast(where(exhausted, STATUS.maxSteps, STATUS.stagnated), 'int32')
  const ended = where(met, STATUS.converged, where(gt(status, 0), status, missed))
  return where(isFinite(residual), ended, STATUS.notFinite)
}

/** Status of a loop that came upon a number it cannot use. */
export function failure(number: Tensor): Tensor {
  return cast(where(isFinite(number), STATUS.breakdown, STATUS.notFinite), 'int32')
}
