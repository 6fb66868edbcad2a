// The frame of the solvers for square systems: trees become one vector, solutions get their derivatives by further
// solves instead of through the loop, and the report is the same for all.

import {
  abs,
  and,
  div,
  eq,
  ge,
  gt,
  isFinite,
  linearSolve,
  max,
  maximum,
  mul,
  stopGradient,
  sub,
  type Tensor,
  vjp,
  where,
  zerosLike,
} from '@adjoint/core'
import type { SolveOptions, SolveReport, SolveResult, SystemMatrix } from './api.js'
import { stopOptions } from './options.js'
import { judge, STATUS } from './report.js'
import { vectorSpace } from './vector-space.js'
import { vectorNorm } from './vectors.js'

/** A square system over vectors `[n]`, as the methods see it. */
export interface System {
  readonly apply: (v: Tensor) => Tensor
  /** Roughly the inverse of `apply`; the identity where none was given. */
  readonly precondition: (v: Tensor) => Tensor
  readonly b: Tensor
  readonly start: Tensor
  /** The residual norm at which to stop. */
  readonly target: Tensor
  readonly maxSteps: number
}

/** What a method found. `status` is 2 or more where it gave up, otherwise 0: whether the target is met is judged here. */
export interface Outcome {
  readonly x: Tensor
  /** int32. */
  readonly iterations: Tensor
  /** int32. */
  readonly status: Tensor
}

/** A right-hand side with the start, which is 0 in the systems of the derivatives, for it is a constant. */
interface Given {
  readonly x: Tensor
  readonly start: Tensor
}

/**
 * Solves `A x = b` by a method.
 *
 * @param symmetric - that the method is for symmetric systems: derivatives need no transposed one
 */
export function implicitSolve<X>(
  fn: string,
  a: SystemMatrix<X>,
  b: X,
  options: SolveOptions<X>,
  method: (system: System) => Outcome,
  { symmetric = false }: { readonly symmetric?: boolean } = {},
): SolveResult<X> {
  const space = vectorSpace(fn, b)
  const apply = space.matrix(fn, a)
  const { tolerance, absoluteTolerance, maxSteps } = stopOptions(fn, options, space.dtype, space.size)
  const preconditioner =
    options.preconditioner === undefined ? undefined : space.matrix(`${fn} (preconditioner)`, options.preconditioner)
  const right = space.ravel(b)
  const start = options.start === undefined ? zerosLike(right) : stopGradient(space.ravel(options.start))
  const solve = (matvec: (v: Given) => Given, given: Given, isTransposed: boolean) => {
    // With a largest entry of 1, neither a tiny nor a huge right-hand side leaves the range of float32.
    const largest = max(abs(given.x))
    const scale = where(and(gt(largest, 0), isFinite(largest)), largest, 1)
    const rhs = div(given.x, scale)
    const norm = vectorNorm(rhs)
    const multiply = (x: Tensor) => matvec({ ...given, x }).x
    const target = maximum(mul(norm, tolerance), div(absoluteTolerance, scale))
    const { x, iterations, status } = method({
      apply: multiply,
      precondition: preconditioner === undefined ? (v) => v : isTransposed ? transpose(preconditioner) : preconditioner,
      b: rhs,
      // From anywhere else, a relative tolerance of nothing would never be met.
      start: options.start === undefined ? zerosLike(rhs) : where(eq(norm, 0), 0, div(given.start, scale)),
      target,
      maxSteps,
    })
    const residual = vectorNorm(sub(rhs, multiply(x)))
    const verdict = judge(status, residual, target, ge(iterations, maxSteps))
    const report: SolveReport = {
      iterations,
      residualNorm: mul(residual, scale),
      converged: eq(verdict, STATUS.converged),
      status: verdict,
    }
    return [{ ...given, x: mul(x, scale) }, report] as const
  }
  const matrix = (v: Given): Given => ({ ...v, x: apply(v.x) })
  const { x, aux } = linearSolve(matrix, { x: right, start }, solve, { symmetric, hasAux: true })
  return { x: space.unravel(x.x), ...aux }
}

/** The transpose of a linear function of vectors. */
function transpose(apply: (v: Tensor) => Tensor): (v: Tensor) => Tensor {
  return (v) => vjp(apply, v).pull(v)[0]
}
