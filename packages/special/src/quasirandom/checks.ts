// Checks of sizes that all point sets share.

import { AdjointError } from '@adjoint/core'

/** Options of all point sets. */
export interface PointOptions {
  /** @defaultValue 'float32' */
  readonly dtype?: 'float32' | 'float64'
}

/** Refuses numbers that are no integers within bounds. */
export function checkCount(fn: string, name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new AdjointError('invalid-argument', {
    fn,
    given: `${name} ${String(value)}`,
    expected: `an integer from ${least} to ${most}`,
  })
}

/** Refuses sizes and dtypes that no set of points has. */
export function checkPoints(fn: string, n: number, d: number, dtype: string): void {
  checkCount(fn, 'points', n, 0, 2 ** 32)
  checkCount(fn, 'dimensions', d, 1, 2 ** 24)
  if (dtype === 'float32' || dtype === 'float64') return
  throw new AdjointError('invalid-argument', { fn, given: `dtype '${dtype}'`, expected: 'float32 or float64' })
}
