// The diagonal of a square matrix.

import { AdjointError, eye, mul, sum, type Tensor } from '@adjoint/core'

/** Its entries, `[n]`. */
export function diagonalOf(fn: string, a: Tensor): Tensor {
  const [m, n] = a.shape
  if (m !== n)
    throw new AdjointError('shape-mismatch', { fn, given: `a matrix [${m}, ${n}]`, expected: 'a square matrix' })
  return sum(mul(a, eye(n, n, { dtype: a.dtype, backend: a.backend })), 1)
}
