// Solutions as functions of whatever their problem captures: derivatives come from the equation that the solution
// satisfies. M. Blondel et al., Efficient and Modular Implicit Differentiation, NeurIPS 2022.

import {
  add,
  isFinite,
  jvp,
  type LinearSolve,
  linearSolve,
  neg,
  stopGradient,
  sub,
  type Tensor,
  where,
} from '@adjoint/core'

/**
 * A solution of `residual(x) = 0` with its derivatives, from its value. Two Newton steps that move it by exactly 0: the
 * first makes first derivatives right, the second those up to third order.
 *
 * @param free - which coordinates may move
 * @param symmetric - whether the residual is a gradient
 */
export function implicitly(
  residual: (x: Tensor) => Tensor,
  x: Tensor,
  solve: LinearSolve<Tensor>,
  { free, symmetric = false }: { readonly free?: Tensor; readonly symmetric?: boolean } = {},
): Tensor {
  const mask = (v: Tensor): Tensor => (free === undefined ? v : where(free, v, 0))
  const step = (from: Tensor): Tensor => {
    const r = residual(from)
    const shift = where(isFinite(stopGradient(r)), sub(r, stopGradient(r)), 0)
    const times = (v: Tensor): Tensor => {
      const pushed = jvp(residual, [from], [mask(v)]).tangent
      return free === undefined ? pushed : where(free, pushed, v)
    }
    return add(from, linearSolve(times, neg(mask(shift)), solve, { symmetric }))
  }
  return step(step(x))
}
