// The linear systems of implicit derivatives, given by products with their matrix.

import {
  abs,
  cond,
  eye,
  gt,
  type LinearSolve,
  matmul,
  max,
  mul,
  neg,
  sqrt,
  type Tensor,
  transpose,
  vmap,
  where,
  zerosLike,
} from '@adjoint/core'
import { gmres, solve } from '@adjoint/linalg'
import { truncatedCg } from './minimizers/truncated-cg.js'

/** Up to this size a Hessian is built and factored; beyond it, conjugate gradients use its products. */
const DENSE = 64

/** Solves with the matrix itself. Nothing is built for a right-hand side of zeros, which is every one until a derivative is taken. */
const denseSolve: LinearSolve<Tensor> = (times, b) =>
  cond(
    gt(max(abs(b)), 0),
    (right: Tensor) => {
      const rows = vmap(times)(eye(right.size, right.size, { dtype: right.dtype, backend: right.backend }))
      return solve(transpose(rows), right)
    },
    zerosLike,
    b,
  )

/** Up to this size a Jacobian is built and factored; beyond it, GMRES uses its products. */
const DENSE_JACOBIAN = 512
const RESTART = 60

/** Solves with any square matrix; NaN where that does not succeed. */
export const generalSolve: LinearSolve<Tensor> = (times, b, transposed) => {
  if (b.size <= DENSE_JACOBIAN) return denseSolve(times, b, transposed)
  const { x, converged } = gmres(times, b, { restart: RESTART })
  return where(converged, x, NaN)
}

/** Solves with a symmetric matrix. */
export const symmetricSolve: LinearSolve<Tensor> = (times, b, transposed) => {
  if (b.size <= DENSE) return denseSolve(times, b, transposed)
  const target = mul(sqrt(matmul(b, b)), b.dtype === 'float64' ? 1e-10 : 1e-5)
  return truncatedCg(times, neg(b), { target, maxSteps: 10 * b.size }).p
}
