// Solutions as functions of whatever their problem captures: solvers run without being differentiated, and derivatives
// come from the equation that the solution satisfies. M. Blondel et al., Efficient and Modular Implicit
// Differentiation, NeurIPS 2022.

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
  tree,
  where,
  zerosLike,
} from '@adjoint/core'

/**
 * Runs a solver on a function, constant to derivatives: what the function captures is lifted, so that loops inside the
 * solver never see a tracer of an outer transformation.
 *
 * @param fn - `[n]` -> the shape of `image`
 * @param given - further tensors that the solver needs
 * @param facts - what the solver finds, as zeros of the right shapes; float
 */
export function detached<G, F>(
  fn: (x: Tensor) => Tensor,
  { start, image, given, facts }: { start: Tensor; image: Tensor; given: G; facts: F },
  solve: (fn: (x: Tensor) => Tensor, start: Tensor, given: G) => { x: Tensor; facts: F },
): { x: Tensor; facts: F } {
  // As a system of equations over (x, image) the function is the second row; the solver reaches it by a product.
  const unknowns = tree.map(stopGradient, { x: start, image: zerosLike(image), given, facts })
  const apply = (u: typeof unknowns): typeof unknowns => ({ ...u, image: fn(u.x) })
  const found = linearSolve(apply, unknowns, (product, right) => {
    const lifted = (x: Tensor): Tensor => product({ ...right, x }).image
    return { ...right, ...solve(lifted, right.x, right.given) }
  }) as typeof unknowns
  return tree.map(stopGradient, { x: found.x, facts: found.facts })
}

/**
 * A solution of `residual(x) = 0` with its derivatives, from its value. Two Newton steps that move it by exactly 0: the
 * first makes first derivatives right, the second those up to third order.
 *
 * @param free - which coordinates may move
 */
export function implicitly(
  residual: (x: Tensor) => Tensor,
  x: Tensor,
  solve: LinearSolve<Tensor>,
  free?: Tensor,
): Tensor {
  const mask = (v: Tensor): Tensor => (free === undefined ? v : where(free, v, 0))
  const step = (from: Tensor): Tensor => {
    const r = residual(from)
    const shift = where(isFinite(stopGradient(r)), sub(r, stopGradient(r)), 0)
    const times = (v: Tensor): Tensor => {
      const pushed = jvp(residual, [from], [mask(v)]).tangent
      return free === undefined ? pushed : where(free, pushed, v)
    }
    return add(from, linearSolve(times, neg(mask(shift)), solve))
  }
  return step(step(x))
}
