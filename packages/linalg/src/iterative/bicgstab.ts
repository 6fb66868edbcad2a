// BiCGSTAB, for matrices without symmetry: short recurrences, little memory, no guarantee.
// H. A. van der Vorst, Bi-CGSTAB: A Fast and Smoothly Converging Variant of Bi-CG, 1992.

import { add, and, div, eq, gt, isFinite, mul, ne, or, sub, type Tensor, where, whileLoop } from '@adjoint/core'
import type { SolveOptions, SolveResult, SystemMatrix } from './api.js'
import { implicitSolve, type Outcome, type System } from './implicit-solve.js'
import { failure } from './report.js'
import { axpy, choose, inner, integer, scalar, vectorNorm } from './vectors.js'

/**
 * Solves `A x = b` for any square A, by two products with A and two with the preconditioner per step. It needs six vectors
 * whatever the number of steps, where `gmres` keeps a basis; in exchange it may break down (status 2), for some matrices
 * where `gmres` does not.
 *
 * Gradients with respect to `b` and whatever `a` captures, of any order, are further solves to the same tolerance.
 *
 * @param a - `[n, n]`, an operator, or a linear function of trees like `b`
 * @param b - `[n]`; with a function, any tree of float tensors of one dtype
 * @param options - tolerances, `maxSteps`, `start`, and a `preconditioner`, applied from the right
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { x } = bicgstab(tensor([[4, 1], [0, 2]]), tensor([1, 2]))   // [0, 1]
 */
export function bicgstab<X>(a: SystemMatrix<X>, b: X, options: SolveOptions<X> = {}): SolveResult<X> {
  return implicitSolve('bicgstab', a, b, options, iterate)
}

interface State {
  readonly x: Tensor
  /** Residual b - A x. */
  readonly r: Tensor
  /** Search direction, and its product with A. */
  readonly p: Tensor
  readonly v: Tensor
  /** Shadow residual · r. */
  readonly rho: Tensor
  /** Length of the last step along p, and of the smoothing step after it. */
  readonly alpha: Tensor
  readonly omega: Tensor
  readonly norm: Tensor
  readonly iterations: Tensor
  readonly status: Tensor
}

function iterate({ apply, precondition, b, start, target, maxSteps }: System): Outcome {
  const shadow = sub(b, apply(start))
  const none = mul(start, 0)
  const one = scalar(b, 1)
  const init: State = {
    x: start,
    r: shadow,
    p: none,
    v: none,
    rho: one,
    alpha: one,
    omega: one,
    norm: vectorNorm(shadow),
    iterations: integer(b, 0),
    status: integer(b, 0),
  }
  return whileLoop<State>({
    cond: ({ norm, status }) => and(gt(norm, target), eq(status, 0)),
    body: (state) => {
      const { status, iterations, ...here } = state
      const rho = inner(shadow, here.r)
      const beta = mul(div(rho, here.rho), div(here.alpha, here.omega))
      const p = axpy(here.r, beta, axpy(here.p, mul(here.omega, -1), here.v))
      const along = precondition(p)
      const v = apply(along)
      const alpha = div(rho, inner(shadow, v))
      const s = axpy(here.r, mul(alpha, -1), v)
      const smooth = precondition(s)
      const t = apply(smooth)
      const size = inner(t, t)
      const omega = where(gt(size, 0), div(inner(t, s), size), 0)
      const r = axpy(s, mul(omega, -1), t)
      const norm = vectorNorm(r)
      const x = axpy(axpy(here.x, alpha, along), omega, smooth)
      const sound = and(isFinite(norm), ne(rho, 0))
      // Without a smoothing step the next direction does not exist.
      const last = or(ne(omega, 0), eq(norm, 0))
      return {
        ...choose(sound, { x, r, p, v, rho, alpha, omega, norm }, here),
        iterations: add(iterations, 1),
        status: where(and(sound, last), status, failure(add(rho, inner(shadow, v)))),
      }
    },
    init,
    maxSteps,
  })
}
