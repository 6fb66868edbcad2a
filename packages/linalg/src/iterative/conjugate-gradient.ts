// The method of conjugate gradients, for symmetric positive definite matrices.
// M. R. Hestenes, E. Stiefel, Methods of Conjugate Gradients for Solving Linear Systems, 1952.

import { add, and, div, eq, gt, isFinite, mul, sub, type Tensor, where, whileLoop } from '@adjoint/core'
import type { SolveOptions, SolveResult, SystemMatrix } from './api.js'
import { implicitSolve, type Outcome, type System } from './implicit-solve.js'
import { failure } from './report.js'
import { axpy, choose, inner, integer, vectorNorm } from './vectors.js'

/**
 * Solves `A x = b` for a symmetric positive definite A, by one product with A and one with the preconditioner per step.
 *
 * Gradients with respect to `b` and whatever `a` captures, of any order, are further solves to the same tolerance.
 * A matrix that proves not to be positive definite ends the loop with status 2, at the best x so far.
 *
 * @param a - `[n, n]`, an operator, or a linear function of trees like `b`; symmetric positive definite
 * @param b - `[n]`; with a function, any tree of float tensors of one dtype
 * @param options - tolerances, `maxSteps`, `start`, and a symmetric positive definite `preconditioner`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { x } = conjugateGradient(tensor([[4, 1], [1, 3]]), tensor([1, 2]))   // [0.0909..., 0.6364...]
 */
export function conjugateGradient<X>(a: SystemMatrix<X>, b: X, options: SolveOptions<X> = {}): SolveResult<X> {
  return implicitSolve('conjugateGradient', a, b, options, iterate, { symmetric: true })
}

interface State {
  readonly x: Tensor
  /** Residual b - A x. */
  readonly r: Tensor
  /** Search direction. */
  readonly p: Tensor
  /** r · M r. */
  readonly rz: Tensor
  readonly norm: Tensor
  readonly iterations: Tensor
  readonly status: Tensor
}

function iterate({ apply, precondition, b, start, target, maxSteps }: System): Outcome {
  const r = sub(b, apply(start))
  const z = precondition(r)
  const init: State = {
    x: start,
    r,
    p: z,
    rz: inner(r, z),
    norm: vectorNorm(r),
    iterations: integer(b, 0),
    status: integer(b, 0),
  }
  return whileLoop<State>({
    cond: ({ norm, status }) => and(gt(norm, target), eq(status, 0)),
    body: (s) => {
      const product = apply(s.p)
      const curvature = inner(s.p, product)
      const step = div(s.rz, curvature)
      const residual = axpy(s.r, mul(step, -1), product)
      const preconditioned = precondition(residual)
      const next = inner(residual, preconditioned)
      const moved = {
        x: axpy(s.x, step, s.p),
        r: residual,
        p: axpy(preconditioned, div(next, s.rz), s.p),
        rz: next,
        norm: vectorNorm(residual),
      }
      const { status, iterations, ...here } = s
      const sound = and(and(gt(curvature, 0), gt(s.rz, 0)), isFinite(moved.norm))
      return {
        ...choose(sound, moved, here),
        iterations: add(iterations, 1),
        status: where(sound, status, failure(add(curvature, next))),
      }
    },
    init,
    maxSteps,
  })
}
