// Determinants, from the LU factorisation.
// Derivative: C. G. J. Jacobi, De formatione et proprietatibus determinantium, 1841.

import {
  abs,
  arange,
  bind,
  cast,
  customJvp,
  exp,
  isTensor,
  log,
  mul,
  ne,
  prod,
  rem,
  sign,
  sub,
  sum,
  type Tensor,
} from '@adjoint/core'
import { diagonalOf, requireSquareOf, transposed } from '../checks.js'
import { luPrimitive } from '../factorisations/lu.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { adjugate } from './adjugate.js'

/** What `slogdet` returns. */
export interface SignedLogDet {
  /** 1, -1, or 0 where a matrix is singular, `[...]`. */
  readonly sign: Tensor
  /** The logarithm of the absolute determinant, -Infinity where a matrix is singular, `[...]`. */
  readonly logAbsDet: Tensor
}

/**
 * The determinant. `[..., n, n]` -> `[...]`
 *
 * It overflows soon: a few hundred rows are many; `slogdet` never does. The first derivative is that of a
 * polynomial, everywhere; the second, where a matrix is singular, needs its singular values to be distinct.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * det(tensor([[1, 2], [3, 4]]))   // -2
 */
export function det(a: MatrixLike): Tensor {
  const own = ownDeterminant(a)
  if (own !== undefined) return mul(own.sign, exp(own.logAbsDet))
  return determinant(requireSquareOf('det', a))
}

function determinant(a: Tensor): Tensor {
  const differentiable = customJvp(productOfPivots, ([x], [dx]) => ({
    value: determinant(x),
    tangent: sum(mul(transposed(adjugate(x)), dx), [-2, -1]),
  }))
  return differentiable(a)
}

function productOfPivots(a: Tensor): Tensor {
  const { diagonal, parity } = factor(a)
  return mul(prod(diagonal, -1), parity)
}

/**
 * Sign and logarithm of the determinant. `[..., n, n]` -> `[...]`
 *
 * An operator that knows its determinant gives it; of others the matrix is factored. `stochasticLogDet` needs products only.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const { sign, logAbsDet } = slogdet(tensor([[1, 2], [3, 4]]))   // -1, 0.693...
 */
export function slogdet(a: MatrixLike): SignedLogDet {
  const own = ownDeterminant(a)
  if (own !== undefined) return own
  const { diagonal, parity } = factor(requireSquareOf('slogdet', a))
  return { sign: mul(prod(sign(diagonal), -1), parity), logAbsDet: sum(log(abs(diagonal)), -1) }
}

/** What an operator knows of its determinant. */
function ownDeterminant(a: MatrixLike): SignedLogDet | undefined {
  return isTensor(a) ? undefined : a?.slogdet?.()
}

/** The diagonal of U, and the sign of the permutation: each pivot from another row turns it. */
function factor(a: Tensor): { diagonal: Tensor; parity: Tensor } {
  const [lu, pivots] = bind(luPrimitive, [a])
  const places = arange(0, a.shape[a.ndim - 1], 1, { dtype: 'int32', backend: a.backend })
  const swaps = sum(cast(ne(pivots, places), 'int32'), -1)
  return { diagonal: diagonalOf(lu), parity: sub(1, mul(2, cast(rem(swaps, 2), a.dtype))) }
}
