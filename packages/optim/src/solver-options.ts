// Checks and defaults of what every solver takes.

import { AdjointError, isTensor, type Tensor } from '@adjoint/core'
import type { SolverOptions } from './api.js'
import { checkNumber, checkRate } from './checks.js'

/** Tolerance and steps, checked. */
export function solverOptions(fn: string, start: Tensor, { tolerance, maxSteps }: SolverOptions) {
  const options = {
    tolerance: tolerance ?? (start.dtype === 'float64' ? 1e-6 : 1e-4),
    maxSteps: maxSteps ?? Math.max(1000, 200 * start.size),
  }
  checkRate(fn, 'tolerance', options.tolerance)
  checkNumber(fn, 'maxSteps', options.maxSteps, (n) => Number.isInteger(n) && n >= 0, 'an integer, not negative')
  return options
}

/** One of a table's entries, by name. */
export function choice<T>(fn: string, table: { readonly [name: string]: T }, name: string): T {
  if (Object.hasOwn(table, name)) return table[name]
  throw new AdjointError('invalid-argument', {
    fn,
    given: `method ${JSON.stringify(name)}`,
    expected: Object.keys(table)
      .map((key) => `'${key}'`)
      .join(', '),
  })
}

/** A loss: a float scalar, in the dtype that the solver works in. */
export function checkLoss(fn: string, value: unknown, { dtype }: Tensor): Tensor {
  if (isTensor(value) && value.ndim === 0 && value.dtype.startsWith('float')) {
    return value.dtype === dtype ? value : value.cast(dtype)
  }
  throw new AdjointError('non-scalar-loss', {
    fn,
    given: isTensor(value)
      ? `a function with result ${value.dtype}[${value.shape.join(', ')}]`
      : `a function with result of type ${typeof value}`,
    expected: 'a float scalar',
    fix: 'Reduce it by sum() or mean()',
  })
}
