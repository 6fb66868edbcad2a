// How a solver ended: the values of `status`, who sets them, and the fields of every result.

import { cast, eq, gt, isFinite, le, mul, slice, stopGradient, type Tensor, where } from '@adjoint/core'
import type { SolveReport } from './api.js'

/** The values of `status`. */
export const STATUS = { converged: 0, maxSteps: 1, breakdown: 2, notFinite: 3, stagnated: 4 } as const

/** The fields of a report `[3]`: facts about the run, constant to derivatives. */
export function readReport(report: Tensor): SolveReport {
  const facts = stopGradient(report)
  const status = cast(slice(facts, 2), 'int32')
  return {
    iterations: cast(slice(facts, 0), 'int32'),
    residualNorm: slice(facts, 1),
    converged: eq(status, STATUS.converged),
    status,
  }
}

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
