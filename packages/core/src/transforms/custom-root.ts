// Implicit differentiation: solutions of equations, differentiated by one linear solve instead of through the solver.
// M. Blondel et al., Efficient and Modular Implicit Differentiation, NeurIPS 2022.

import type { Tensor } from '../tensor.js'
import { map, type TensorsOf } from '../tree.js'
import { customJvp } from './custom-derivatives.js'
import { jvp } from './derivatives.js'
import { type LinearSolve, type LinearSolveOptions, linearSolve } from './linear-solve.js'

/** What defines an implicit function. */
export interface RootOptions<X, P extends unknown[]> extends Pick<LinearSolveOptions, 'symmetric'> {
  /** Zero at the solution; shaped like it. */
  readonly residual: (x: X, ...params: P) => X
  /** Finds the solution; never differentiated, so it may loop. */
  readonly solve: (...params: P) => X
  /** Solves the linear systems of the derivatives; it is traced, and batched under vmap. */
  readonly linearSolve: LinearSolve<X>
}

/**
 * The solution of `residual(x, ...params) = 0` as a function of the parameters, to any order of derivative.
 *
 * @example
 * const root = customRoot({
 *   residual: (x: Tensor, a: Tensor) => x.mul(x).sub(a),
 *   solve: (a: Tensor) => a.sqrt(),
 *   linearSolve: (matvec, b) => b.div(matvec(onesLike(b))),
 * })
 * grad(root)(tensor(4)).item()   // 0.25
 */
export function customRoot<X, P extends unknown[]>({
  residual,
  solve,
  linearSolve: solver,
  symmetric,
}: RootOptions<X, P>): (...params: P) => TensorsOf<X> {
  const root: (...params: P) => TensorsOf<X> = customJvp(
    (...params: P) => solve(...params),
    (args, tangents) => {
      const params = args as unknown as P
      // The root itself once more: it is differentiated to any order.
      const x = root(...params) as X
      const { tangent: shift } = jvp((...p: P) => residual(x, ...p), params, tangents as unknown as P)
      const matvec = (v: X) => jvp((y: X) => residual(y, ...params), [x], [v]).tangent as X
      return {
        value: x,
        tangent: linearSolve(
          matvec,
          map((leaf: Tensor) => leaf.neg(), shift as X),
          solver,
          { symmetric },
        ) as X,
      }
    },
  )
  return root
}
