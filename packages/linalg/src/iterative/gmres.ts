// GMRES, restarted, for matrices without symmetry: the least residual over a Krylov space whose basis is kept.
// Y. Saad, M. H. Schultz, GMRES: A Generalized Minimal Residual Algorithm for Nonsymmetric Linear Systems, 1986.

import {
  add,
  and,
  arange,
  div,
  dynamicSlice,
  dynamicUpdate,
  eq,
  eye,
  gt,
  isFinite,
  lt,
  matmul,
  mul,
  reshape,
  scan,
  slice,
  sub,
  sum,
  type Tensor,
  where,
  whileLoop,
  zeros,
} from '@adjoint/core'
import type { SolveOptions, SolveResult, SystemMatrix } from './api.js'
import { implicitSolve, type Outcome, type System } from './implicit-solve.js'
import { checkCount } from './options.js'
import { failure, STATUS } from './report.js'
import { epsilon, hypot, integer, orthogonalize, vectorNorm } from './vectors.js'

/** Default length of the basis. */
export const GMRES_RESTART = 30

/** Options of `gmres`. */
export interface GmresOptions<X> extends SolveOptions<X> {
  /** Length of the basis that is built before it starts anew: as many vectors are kept. @defaultValue 30 */
  readonly restart?: number
}

/**
 * Solves `A x = b` for any square A, by one product with A and one with the preconditioner per step. The residual never
 * grows; without a restart n steps suffice. A cycle that gains nothing ends with status 4, a singular matrix that shows
 * itself with status 2.
 *
 * Gradients with respect to `b` and whatever `a` captures, of any order, are further solves to the same tolerance.
 *
 * @param a - `[n, n]`, an operator, or a linear function of trees like `b`
 * @param b - `[n]`; with a function, any tree of float tensors of one dtype
 * @param options - tolerances, `maxSteps` (over all cycles), `restart`, `start`, and a `preconditioner`, applied from the right
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { x } = gmres(tensor([[0, 1], [-2, 0]]), tensor([1, 2]))   // [-1, 1]
 */
export function gmres<X>(
  a: SystemMatrix<X>,
  b: X,
  { restart = GMRES_RESTART, ...options }: GmresOptions<X> = {},
): SolveResult<X> {
  checkCount('gmres', 'restart', restart)
  return implicitSolve('gmres', a, b, options, (system) => gmresLoop(system, restart))
}

interface State extends Outcome {
  readonly r: Tensor
  readonly norm: Tensor
}

/** The loop of GMRES. */
export function gmresLoop(system: System, restart: number): Outcome {
  const { apply, precondition, b, start, target, maxSteps } = system
  const length = Math.min(restart, Math.max(1, b.shape[0]))
  const r = sub(b, apply(start))
  return whileLoop<State>({
    cond: ({ norm, status, iterations }) => and(and(gt(norm, target), eq(status, 0)), lt(iterations, maxSteps)),
    body: ({ x, r, norm, iterations, status }) => {
      const cycle = arnoldi(system, length, r, norm, sub(maxSteps, iterations))
      const step = matmul(coefficients(cycle, norm, length), slice(cycle.basis, [0, length]))
      const moved = add(x, precondition(step))
      const residual = sub(b, apply(moved))
      const size = vectorNorm(residual)
      const gained = lt(size, mul(norm, 1 - 10 * epsilon(b)))
      const stalled = where(isFinite(size), STATUS.stagnated, failure(size))
      return {
        x: where(gained, moved, x),
        r: where(gained, residual, r),
        norm: where(gained, size, norm),
        iterations: add(iterations, cycle.steps),
        status: where(gt(cycle.status, 0), cycle.status, where(gained, status, stalled)),
      }
    },
    init: { x: start, r, norm: vectorNorm(r), iterations: integer(b, 0), status: integer(b, 0) },
  })
}

/** A Krylov basis, and the least-squares problem over it made triangular by rotations. */
interface Cycle {
  /** Orthonormal rows, `[length + 1, n]`. */
  readonly basis: Tensor
  /** The triangular factor, column by column as rows, `[length, length + 1]`. */
  readonly columns: Tensor
  /** The product of all rotations, `[length + 1, length + 1]`. */
  readonly rotations: Tensor
  readonly steps: Tensor
  /** Estimated norm of the residual. */
  readonly norm: Tensor
  readonly status: Tensor
}

function arnoldi(system: System, length: number, r: Tensor, norm: Tensor, limit: Tensor): Cycle {
  const { apply, precondition, target } = system
  const { dtype, backend } = r
  const [n] = r.shape
  const places = arange(0, length + 1, 1, { dtype: 'int32', backend })
  const row = (x: Tensor, i: Tensor) => reshape(dynamicSlice(x, [i, 0], [1, x.shape[1]]), [x.shape[1]])
  const withRow = (x: Tensor, i: Tensor, value: Tensor) => dynamicUpdate(x, reshape(value, [1, x.shape[1]]), [i, 0])
  return whileLoop<Cycle>({
    cond: ({ steps, norm, status }) =>
      and(and(gt(norm, target), eq(status, 0)), and(lt(steps, length), lt(steps, limit))),
    body: (state) => {
      const { basis, columns, rotations, steps, status } = state
      const { rest, size, products } = orthogonalize(basis, apply(precondition(row(basis, steps))))
      const next = add(steps, 1)
      const column = matmul(rotations, where(eq(places, next), size, products))
      const [here, below] = [row(rotations, steps), row(rotations, next)]
      const at = (i: Tensor) => sum(where(eq(places, i), column, 0))
      const [top, bottom] = [at(steps), at(next)]
      const pivot = hypot(top, bottom)
      const [cosine, sine] = [div(top, pivot), div(bottom, pivot)]
      const above = add(mul(here, cosine), mul(below, sine))
      const under = sub(mul(below, cosine), mul(here, sine))
      const sound = and(isFinite(pivot), gt(pivot, mul(vectorNorm(column), epsilon(r))))
      const triangular = where(lt(places, steps), column, where(eq(places, steps), pivot, 0))
      const moved: Cycle = {
        basis: withRow(basis, next, rest),
        columns: withRow(columns, steps, triangular),
        rotations: withRow(withRow(rotations, steps, above), next, under),
        steps: next,
        norm: mul(norm, vectorNorm(slice(under, [0, 1]))),
        status,
      }
      return {
        basis: where(sound, moved.basis, basis),
        columns: where(sound, moved.columns, columns),
        rotations: where(sound, moved.rotations, rotations),
        steps: next,
        norm: where(sound, moved.norm, state.norm),
        status: where(sound, status, failure(pivot)),
      }
    },
    init: {
      basis: dynamicUpdate(zeros([length + 1, n], { dtype, backend }), reshape(div(r, norm), [1, n]), [0, 0]),
      columns: zeros([length, length + 1], { dtype, backend }),
      rotations: eye(length + 1, length + 1, { dtype, backend }),
      steps: integer(r, 0),
      norm,
      status: integer(r, 0),
    },
  })
}

/** The least-squares coefficients of the basis `[length]`, 0 where the cycle did not come, by back substitution. */
function coefficients({ columns, rotations }: Cycle, norm: Tensor, length: number): Tensor {
  const { dtype, backend } = norm
  const right = mul(reshape(slice(rotations, [0, length], [0, 1]), [length]), norm)
  const unit = eye(length, length, { dtype, backend })
  const square = slice(columns, [0, length], [0, length])
  return scan(
    (rest: Tensor, { column, at }: { column: Tensor; at: Tensor }) => {
      const pivot = sum(mul(column, at))
      const y = where(gt(pivot, 0), div(sum(mul(rest, at)), pivot), 0)
      return [sub(rest, mul(column, y)), y] as const
    },
    right,
    { column: square, at: unit },
    { reverse: true },
  ).ys
}
