// Matrices made of others: Kronecker products and block diagonals.

import { AdjointError, concat, expandDims, mul, pad, type Tensor } from '@adjoint/core'
import { leading, requireMatrixOf, requireOneDType, sameBatch } from '../checks.js'
import type { MatrixLike } from '../operators/linear-operator.js'

/**
 * The Kronecker product. `[..., m, n]`, `[..., p, q]` -> `[..., m p, n q]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * kron(tensor([[1, 2]]), tensor([[1, 1]]))   // [[1, 1, 2, 2]]
 */
export function kron(a: MatrixLike, b: MatrixLike): Tensor {
  const factors = [requireMatrixOf('kron', a), requireMatrixOf('kron', b)] as const
  requireOneDType('kron', ...factors)
  const [left, right] = sameBatch('kron', ...factors)
  const [m, n] = left.shape.slice(-2)
  const [p, q] = right.shape.slice(-2)
  const outer = mul(expandDims(left, [-1, -3]), expandDims(right, [-2, -4]))
  return outer.reshape([...leading(left), m * p, n * q])
}

/**
 * Matrices along a diagonal, zeros elsewhere. Leading axes broadcast.
 *
 * @throws AdjointError `missing-argument` without matrices; `shape-mismatch`, `dtype-mismatch`
 * @example
 * blockDiag(tensor([[1, 2]]), tensor([[3]]))   // [[1, 2, 0], [0, 0, 3]]
 */
export function blockDiag(...given: readonly MatrixLike[]): Tensor {
  if (given.length === 0) {
    throw new AdjointError('missing-argument', { fn: 'blockDiag', given: 'no matrices', expected: 'at least one' })
  }
  const matrices = given.map((x) => requireMatrixOf('blockDiag', x))
  for (const x of matrices) requireOneDType('blockDiag', matrices[0], x)
  const blocks = sameBatch('blockDiag', ...matrices)
  const width = blocks.reduce((total, x) => total + x.shape[x.ndim - 1], 0)
  let before = 0
  const rows = blocks.map((x) => {
    const own = x.shape[x.ndim - 1]
    const sides: [number, number] = [before, width - before - own]
    before += own
    return pad(x, [...leading(x).map((): [number, number] => [0, 0]), [0, 0], sides])
  })
  return concat(rows, blocks[0].ndim - 2)
}
