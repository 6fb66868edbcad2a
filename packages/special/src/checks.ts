// Checks of plain arguments that several functions share.

import { AdjointError } from '@adjoint/core'

/** Refuses orders of derivatives that are no small integers. */
export function checkOrder(fn: string, n: number): void {
  if (Number.isInteger(n) && n >= 0 && n <= 100) return
  throw new AdjointError('invalid-argument', {
    fn,
    given: `the order ${String(n)}`,
    expected: 'an integer from 0 to 100',
  })
}
