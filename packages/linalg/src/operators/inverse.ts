// The inverse of an operator: again an operator, which solves.

import { inv } from '../solves/inv.js'
import { factored } from '../solves/solve.js'
import { asSquareOperator } from './elementary.js'
import { flipped, type LinearOperator, linearOperator, type MatrixLike } from './linear-operator.js'

/**
 * A⁻¹, by the operator's own solver; without one the matrix is factored once, here, by LU. A preconditioner, for one.
 *
 * @param a - `[n, n]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * inverseOperator(tensor([[2, 0], [0, 4]])).apply(tensor([2, 2]))   // [1, 0.5]
 */
export function inverseOperator(a: MatrixLike): LinearOperator {
  const operator = asSquareOperator('inverseOperator', a)
  const { shape, dtype, slogdet, solve } = operator
  const apply = solve ?? factored(operator.dense())
  return linearOperator({
    shape,
    dtype,
    apply,
    applyTranspose: flipped(apply, shape[0], dtype),
    dense: () => inv(operator),
    solve: operator.apply,
    slogdet:
      slogdet &&
      (() => {
        const { sign, logAbsDet } = slogdet()
        return { sign, logAbsDet: logAbsDet.neg() }
      }),
  })
}
