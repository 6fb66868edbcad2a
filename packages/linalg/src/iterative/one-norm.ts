// The 1-norm of a matrix known by its products, from below and nearly always exactly.
// W. W. Hager, Condition Estimates, 1984; N. J. Higham, FORTRAN Codes for Estimating the One-Norm of a Real or Complex
// Matrix, with Applications to Condition Estimation, 1988.

import {
  abs,
  add,
  arange,
  argMax,
  cast,
  div,
  eq,
  full,
  ge,
  maximum,
  mul,
  rem,
  stopGradient,
  sum,
  type Tensor,
  where,
} from '@adjoint/core'
import { asSquareOperator } from '../operators/elementary.js'
import type { MatrixLike } from '../operators/linear-operator.js'

/** Steps from one column to a larger one; most searches end after two. */
const STEPS = 4

/**
 * The largest column sum of absolute values: a lower bound, seldom below a third of it. It takes a dozen products with A and
 * Aᵀ. With `inverseOperator` it estimates condition numbers. A constant to derivatives.
 *
 * @param a - `[n, n]` or an operator
 * @returns `[]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * oneNormEstimate(tensor([[1, -2], [3, 4]]))   // 6
 */
export function oneNormEstimate(a: MatrixLike): Tensor {
  const { apply, applyTranspose, shape, dtype } = asSquareOperator('oneNormEstimate', a)
  const [n] = shape
  const places = arange(0, n, 1, { dtype: 'int32' })
  const size = (x: Tensor) => sum(abs(x))
  let x: Tensor = full([n], 1 / n, { dtype })
  let estimate = size(apply(x))
  for (let i = 0; i < STEPS; i++) {
    // The column in whose direction the sum of absolute values grows fastest.
    const slope = applyTranspose(cast(where(ge(apply(x), 0), 1, -1), dtype))
    x = cast(eq(places, argMax(abs(slope))), dtype)
    estimate = maximum(estimate, size(apply(x)))
  }
  // A vector of changing signs, for matrices in which all of the above cancels.
  const ramp = add(1, div(cast(places, dtype), Math.max(1, n - 1)))
  const signs = cast(where(eq(rem(places, 2), 0), 1, -1), dtype)
  return stopGradient(maximum(estimate, mul(size(apply(mul(ramp, signs))), 2 / (3 * n))))
}
