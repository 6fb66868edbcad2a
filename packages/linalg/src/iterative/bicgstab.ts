// BiCGSTAB, for matrices without symmetry: short recurrences, little memory, no guarantee.
// H. A. van der Vorst, Bi-CGSTAB: A Fast and Smoothly Converging Variant of Bi-CG, 1992; restarted where it breaks down, as
// in R. Barrett and others, Templates for the Solution of Linear Systems, 1994, on the choice of the shadow residual.

import {
  abs,
  add,
  and,
  div,
  eq,
  gt,
  isFinite,
  lt,
  mul,
  ne,
  or,
  sub,
  type Tensor,
  where,
  whileLoop,
} from '@adjoint/core'
import type { SolveOptions, SolveResult, SystemMatrix } from './api.js'
import { implicitSolve, type Outcome, type System } from './implicit-solve.js'
import { failure, STATUS } from './report.js'
import { axpy, choose, epsilon, inner, integer, scalar, vectorNorm } from './vectors.js'

/**
 * Solves `A x = b` for any square A, by two products with A and two with the preconditioner per step. It needs seven vectors
 * whatever the number of steps, where `gmres` keeps a basis. Where it breaks down it starts anew from the residual there;
 * a breakdown at the first step ends with status 2, for some matrices where `gmres` does not.
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

/** Where the method starts anew, and the best such place so far: its x and residual norm. */
interface State extends Outcome {
  readonly least: Tensor
  readonly here: Place
}

interface Place {
  readonly x: Tensor
  /** Residual b - A x. */
  readonly r: Tensor
  readonly norm: Tensor
}

function iterate(system: System): Outcome {
  const { apply, b, start, target, maxSteps } = system
  const place = (x: Tensor): Place => {
    const r = sub(b, apply(x))
    return { x, r, norm: vectorNorm(r) }
  }
  const first = place(start)
  return whileLoop<State>({
    cond: ({ here, status, iterations }) => and(and(gt(here.norm, target), eq(status, 0)), lt(iterations, maxSteps)),
    body: ({ x, least, here, iterations, status }) => {
      const end = cycle(system, here, sub(maxSteps, iterations))
      const next = place(end.x)
      const better = lt(next.norm, least)
      // A cycle that ends with its residuals gone astray is worth another from there, unless it made no step.
      const moved = or(
        lt(next.norm, mul(here.norm, 1 - 10 * epsilon(b))),
        and(gt(end.status, 0), gt(end.iterations, 1)),
      )
      const stalled = where(gt(end.status, 0), end.status, STATUS.stagnated)
      return {
        x: where(better, next.x, x),
        least: where(better, next.norm, least),
        here: next,
        iterations: add(iterations, end.iterations),
        status: where(isFinite(next.norm), where(moved, status, stalled), failure(next.norm)),
      }
    },
    init: { x: start, least: first.norm, here: first, iterations: integer(b, 0), status: integer(b, 0) },
  })
}

/** Steps with the residual of their start as the shadow. */
interface Cycle extends Outcome, Place {
  /** Search direction, and its product with A. */
  readonly p: Tensor
  readonly v: Tensor
  /** Shadow · r. */
  readonly rho: Tensor
  /** Length of the last step along p, and of the smoothing step after it. */
  readonly alpha: Tensor
  readonly omega: Tensor
}

function cycle({ apply, precondition, target }: System, { x, r: shadow, norm }: Place, limit: Tensor): Cycle {
  const none = mul(shadow, 0)
  const [one, count] = [scalar(shadow, 1), integer(shadow, 0)]
  const within = mul(norm, epsilon(shadow))
  const parallel = (product: Tensor, length: Tensor) => gt(abs(product), mul(within, length))
  return whileLoop<Cycle>({
    cond: ({ norm, status, iterations }) => and(and(gt(norm, target), eq(status, 0)), lt(iterations, limit)),
    body: (state) => {
      const { status, iterations, ...here } = state
      const rho = inner(shadow, here.r)
      const beta = mul(div(rho, here.rho), div(here.alpha, here.omega))
      const p = axpy(here.r, beta, axpy(here.p, mul(here.omega, -1), here.v))
      const along = precondition(p)
      const v = apply(along)
      const slope = inner(shadow, v)
      const alpha = div(rho, slope)
      const s = axpy(here.r, mul(alpha, -1), v)
      const smooth = precondition(s)
      const t = apply(smooth)
      const size = inner(t, t)
      const omega = where(gt(size, 0), div(inner(t, s), size), 0)
      const r = axpy(s, mul(omega, -1), t)
      const x = axpy(axpy(here.x, alpha, along), omega, smooth)
      const next = { x, r, norm: vectorNorm(r), p, v, rho, alpha, omega }
      const sound = and(isFinite(next.norm), and(parallel(rho, here.norm), parallel(slope, vectorNorm(v))))
      // Without a smoothing step the next direction does not exist.
      const last = or(ne(omega, 0), eq(next.norm, 0))
      return {
        ...choose(sound, next, here),
        iterations: add(iterations, 1),
        status: where(and(sound, last), status, failure(add(rho, slope))),
      }
    },
    init: { x, r: shadow, norm, p: none, v: none, rho: one, alpha: one, omega: one, iterations: count, status: count },
  })
}
