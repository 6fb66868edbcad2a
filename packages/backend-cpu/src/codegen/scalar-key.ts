// Text that is equal for scalar expressions that compute the same.

import type { Scalar } from '@adjoint/core'

/** JSON has no infinities, no NaN and no -0: those literals are written as words. */
export function scalarKey(x: Scalar): string {
  return JSON.stringify(x, (_, value) => {
    if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value
    return Object.is(value, -0) ? '-0' : String(value)
  })
}
