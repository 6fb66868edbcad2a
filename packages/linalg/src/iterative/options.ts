// Checks and defaults of options.

import { AdjointError } from '@adjoint/core'
import type { StopOptions } from './api.js'

/** Checked stopping options with their defaults. */
export function stopOptions(
  fn: string,
  { tolerance, absoluteTolerance = 0, maxSteps }: StopOptions,
  dtype: 'float32' | 'float64',
  size: number,
) {
  const checked = {
    tolerance: tolerance ?? (dtype === 'float64' ? 1e-10 : 1e-5),
    absoluteTolerance,
    maxSteps: maxSteps ?? 10 * Math.max(1, size),
  }
  for (const name of ['tolerance', 'absoluteTolerance'] as const) {
    const value = checked[name]
    if (!(value >= 0 && value < Infinity)) throw badOption(fn, name, value, 'a finite number, not negative')
  }
  checkCount(fn, 'maxSteps', checked.maxSteps)
  return checked
}

/** Refuses anything but an integer within bounds. */
export function checkCount(fn: string, name: string, value: number, most = Infinity, least = 1): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`
  throw badOption(fn, name, value, `an integer ${range}`)
}

function badOption(fn: string, name: string, value: unknown, expected: string): AdjointError {
  return new AdjointError('invalid-argument', { fn, given: `${name} ${String(value)}`, expected })
}
