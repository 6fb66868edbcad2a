// MINRES, for symmetric matrices of any sign: the least residual over the Krylov space, by a Lanczos recurrence.
// C. C. Paige, M. A. Saunders, Solution of Sparse Indefinite Systems of Linear Equations, 1975.

import { add, and, div, eq, gt, isFinite, lt, mul, sqrt, sub, type Tensor, where, whileLoop } from '@adjoint/core'
import type { SolveOptions, SolveResult, SystemMatrix } from './api.js'
import { implicitSolve, type Outcome, type System } from './implicit-solve.js'
import { failure, STATUS } from './report.js'
import { axpy, choose, epsilon, hypot, inner, integer, scalar, vectorNorm } from './vectors.js'

/**
 * Solves `A x = b` for a symmetric A, definite or not, by one product with A and one with the preconditioner per step. The
 * residual never grows. For a singular A and a `b` outside its range it stops at least squares, with status 4.
 *
 * Gradients with respect to `b` and whatever `a` captures, of any order, are further solves to the same tolerance.
 *
 * @param a - `[n, n]`, an operator, or a linear function of trees like `b`; symmetric
 * @param b - `[n]`; with a function, any tree of float tensors of one dtype
 * @param options - tolerances, `maxSteps`, `start`, and a symmetric positive definite `preconditioner`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { x } = minres(tensor([[1, 2], [2, -1]]), tensor([5, 0]))   // [1, 2]
 */
export function minres<X>(a: SystemMatrix<X>, b: X, options: SolveOptions<X> = {}): SolveResult<X> {
  return implicitSolve('minres', a, b, options, minresLoop, { symmetric: true })
}

/** Lanczos vectors, not normalised, before preconditioning (`v`) and after (`z`), with their lengths. */
interface Recurrence {
  readonly before: Tensor
  readonly v: Tensor
  readonly z: Tensor
  readonly betaBefore: Tensor
  readonly beta: Tensor
}

/** The last rotation, what it left of the tridiagonal matrix, and the transformed right-hand side. */
interface Rotation {
  readonly cosine: Tensor
  readonly sine: Tensor
  readonly delta: Tensor
  readonly epsilon: Tensor
  readonly phi: Tensor
}

interface State {
  readonly x: Tensor
  readonly r: Tensor
  readonly w: Tensor
  readonly wBefore: Tensor
  readonly lanczos: Recurrence
  readonly rotation: Rotation
  /** Sum of squares of the tridiagonal matrix: an estimate of |A|. */
  readonly squares: Tensor
  readonly norm: Tensor
  readonly iterations: Tensor
  readonly status: Tensor
}

/** The loop of MINRES. */
export function minresLoop({ apply, precondition, b, start, target, maxSteps }: System): Outcome {
  const r = sub(b, apply(start))
  const z = precondition(r)
  const beta = sqrt(inner(r, z))
  const none = mul(start, 0)
  const [zero, count] = [scalar(b, 0), integer(b, 0)]
  const init: State = {
    x: start,
    r,
    w: none,
    wBefore: none,
    lanczos: { before: none, v: r, z, betaBefore: scalar(b, 1), beta },
    rotation: { cosine: scalar(b, -1), sine: zero, delta: zero, epsilon: zero, phi: beta },
    squares: zero,
    norm: vectorNorm(r),
    iterations: count,
    status: where(isFinite(beta), count, where(gt(vectorNorm(r), 0), failure(inner(r, z)), 0)),
  }
  return whileLoop<State>({
    cond: ({ norm, status }) => and(gt(norm, target), eq(status, 0)),
    body: (state) => {
      const { iterations, status, ...here } = state
      const { lanczos: l, rotation: g } = here
      const v = div(l.z, l.beta)
      // Three-term recurrence: A v = beta_next v_next + alpha v + beta v_before.
      const pushed = axpy(apply(v), mul(div(l.beta, l.betaBefore), -1), l.before)
      const alpha = inner(v, pushed)
      const next = axpy(pushed, mul(div(alpha, l.beta), -1), l.v)
      const z = precondition(next)
      const beta = sqrt(inner(next, z))
      // The rotation before acts on the new column, then a new one removes beta.
      const above = add(mul(g.cosine, g.delta), mul(g.sine, alpha))
      const left = sub(mul(g.sine, g.delta), mul(g.cosine, alpha))
      const delta = mul(mul(g.cosine, beta), -1)
      const gamma = hypot(left, beta)
      const [cosine, sine] = [div(left, gamma), div(beta, gamma)]
      const step = mul(cosine, g.phi)
      const phi = mul(sine, g.phi)
      const w = div(axpy(axpy(v, mul(g.epsilon, -1), here.wBefore), mul(above, -1), here.w), gamma)
      const r = sub(mul(here.r, mul(sine, sine)), mul(next, div(mul(phi, cosine), beta)))
      const residual = where(gt(beta, 0), r, 0)
      const squares = add(here.squares, add(mul(alpha, alpha), add(mul(l.beta, l.beta), mul(beta, beta))))
      const norm = vectorNorm(residual)
      const moved = {
        x: axpy(here.x, step, w),
        r: residual,
        w,
        wBefore: here.w,
        lanczos: { before: l.v, v: next, z, betaBefore: l.beta, beta },
        rotation: { cosine, sine, delta, epsilon: mul(g.sine, beta), phi },
        squares,
        norm,
      }
      // |A r| over |A| |r| of the x so far: nothing is left to gain for a singular A.
      const stuck = lt(hypot(left, delta), mul(sqrt(squares), epsilon(b)))
      const sound = isFinite(norm)
      return {
        ...choose(and(sound, gt(gamma, 0)), moved, here),
        iterations: add(iterations, 1),
        status: where(stuck, STATUS.stagnated, where(sound, status, failure(add(alpha, inner(next, z))))),
      }
    },
    init,
    maxSteps,
  })
}
