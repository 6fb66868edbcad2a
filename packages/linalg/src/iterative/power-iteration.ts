// Power iteration: the eigenvalue of largest size, by products alone.
// R. von Mises, H. Pollaczek-Geiringer, Praktische Verfahren der Gleichungsauflösung, 1929.

import { add, detached, div, gt, le, mul, sub, type Tensor, where, whileLoop } from '@adjoint/core'
import { asSquareOperator } from '../operators/elementary.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import type { SolveReport } from './api.js'
import { differentiableEigenpair } from './eigenpair-derivative.js'
import { checkCount, stopOptions } from './options.js'
import { STATUS } from './report.js'
import { type StartOptions, startVector } from './start.js'
import { inner, integer, scalar, vectorNorm } from './vectors.js'

/** Options of `powerIteration`. */
export interface PowerIterationOptions extends StartOptions {
  /** Stop at `|A v - value v| <= tolerance |value|`. @defaultValue 1e-5 in float32, 1e-10 in float64 */
  readonly tolerance?: number
  /** Most products. @defaultValue 1000 */
  readonly maxSteps?: number
  /** Whether A is symmetric: derivatives then take less. @defaultValue false */
  readonly symmetric?: boolean
}

/** What `powerIteration` found. */
export interface PowerIterationResult extends SolveReport {
  /** The eigenvalue, `[]`. */
  readonly value: Tensor
  /** Its vector, of length 1, `[n]`; the sign is arbitrary. */
  readonly vector: Tensor
}

/**
 * The eigenvalue of largest size of a square matrix, where one real eigenvalue is larger than all others, and its vector.
 * The closer the second, the more steps. `residualNorm` is `|A v - value v|`.
 *
 * Gradients with respect to whatever `a` captures are exact up to the third order, for an eigenvalue that is not repeated.
 *
 * @param a - `[n, n]` or an operator
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { value } = powerIteration(tensor([[2, 1], [1, 2]]))   // 3
 */
export function powerIteration(a: MatrixLike, options: PowerIterationOptions = {}): PowerIterationResult {
  const operator = asSquareOperator('powerIteration', a)
  const { symmetric = false, maxSteps = 1000 } = options
  const { tolerance } = stopOptions('powerIteration', options, operator.dtype, operator.shape[0])
  checkCount('powerIteration', 'maxSteps', maxSteps)
  const start = startVector('powerIteration', operator, options)
  const zero = scalar(start, 0)
  const search = detached((begin: Tensor) =>
    whileLoop<Found>({
      cond: ({ residual, value }) => gt(residual, mul(value.abs(), tolerance)),
      body: ({ vector, iterations }) => {
        const product = operator.apply(vector)
        const value = inner(vector, product)
        const residual = vectorNorm(sub(product, mul(value, vector)))
        const done = le(residual, mul(value.abs(), tolerance))
        return {
          value,
          vector: where(done, vector, div(product, vectorNorm(product))),
          residual,
          iterations: add(iterations, 1),
        }
      },
      init: {
        value: zero,
        vector: div(begin, vectorNorm(begin)),
        residual: add(zero, 1),
        iterations: integer(zero, 0),
      },
      maxSteps,
    }),
  )
  const found = search(start)
  const pair = differentiableEigenpair(operator.apply, found, {
    symmetric,
    tolerance,
    maxSteps: 10 * (start.shape[0] + 1),
  })
  const met = le(found.residual, mul(found.value.abs(), tolerance))
  const missed = where(gt(found.iterations, maxSteps - 1), integer(zero, STATUS.maxSteps), STATUS.notFinite)
  return {
    ...pair,
    iterations: found.iterations,
    residualNorm: found.residual,
    converged: met,
    status: where(met, STATUS.converged, missed),
  }
}

interface Found {
  readonly value: Tensor
  readonly vector: Tensor
  readonly residual: Tensor
  readonly iterations: Tensor
}
