// The frame of the solvers for square systems: trees become one vector, solutions get their derivatives by further
// solves instead of through the loop, and the report is the same for all.

import {
  abs,
  and,
  cast,
  div,
  eq,
  ge,
  gt,
  isFinite,
  linearSolve,
  max,
  maximum,
  mul,
  stack,
  stopGradient,
  sub,
  type Tensor,
  tree,
  where,
  zeros,
  zerosLike,
} from '@adjoint/core'
import type { SolveOptions, SolveResult, SystemMatrix } from './api.js'
import { stopOptions } from './options.js'
import { judge, readReport } from './report.js'
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

interface Unknowns {
  readonly x: Tensor
  /** iterations, residual norm, status. */
  readonly report: Tensor
  readonly start?: Tensor
  readonly probe?: Tensor
}

/**
 * Solves `A x = b` by a method. The differentiated system is diag(A, I, I, M) over the solution, the report, the start and
 * a slot by which the method reaches the preconditioner M: so whatever they capture is lifted, batched and transposed.
 */
export function implicitSolve<X>(
  fn: string,
  a: SystemMatrix<X>,
  b: X,
  options: SolveOptions<X>,
  method: (system: System) => Outcome,
): SolveResult<X> {
  const space = vectorSpace(fn, b)
  const { size, dtype } = space
  const { start, preconditioner } = options
  const apply = space.matrix(fn, a)
  const precondition = preconditioner === undefined ? undefined : space.matrix(`${fn} (preconditioner)`, preconditioner)
  const { tolerance, absoluteTolerance, maxSteps } = stopOptions(fn, options, dtype, size)
  const right = space.ravel(b)
  const blank = (n: number) => zeros([n], { dtype, backend: right.backend })
  const system: Unknowns = {
    x: right,
    report: blank(3),
    ...(start === undefined ? {} : { start: stopGradient(space.ravel(start)) }),
    ...(precondition === undefined ? {} : { probe: blank(size) }),
  }
  const solve = (matvec: (v: Unknowns) => Unknowns, given: Unknowns): Unknowns => {
    const none: Unknowns = tree.map(zerosLike, given)
    // With a largest entry of 1, neither a tiny nor a huge right-hand side leaves the range of float32.
    const largest = max(abs(given.x))
    const scale = where(and(gt(largest, 0), isFinite(largest)), largest, 1)
    const rhs = div(given.x, scale)
    const norm = vectorNorm(rhs)
    const multiply = (v: Tensor) => matvec({ ...none, x: v }).x
    const target = maximum(mul(norm, tolerance), div(absoluteTolerance, scale))
    const { x, iterations, status } = method({
      apply: multiply,
      precondition: precondition === undefined ? (v) => v : (v) => matvec({ ...none, probe: v }).probe as Tensor,
      b: rhs,
      // From anywhere else, a relative tolerance of nothing would never be met.
      start: given.start === undefined ? none.x : where(eq(norm, 0), 0, div(given.start, scale)),
      target,
      maxSteps,
    })
    const residual = vectorNorm(sub(rhs, multiply(x)))
    const verdict = judge(status, residual, target, ge(iterations, maxSteps))
    const report = [cast(iterations, dtype), mul(residual, scale), cast(verdict, dtype)]
    return { ...none, x: mul(x, scale), report: stack(report) }
  }
  const lifted = ({ x, probe, ...rest }: Unknowns): Unknowns => ({
    x: apply(x),
    ...rest,
    ...(precondition === undefined || probe === undefined ? {} : { probe: precondition(probe) }),
  })
  const { x, report } = linearSolve(lifted, system, solve) as Unknowns
  return { x: space.unravel(x), ...readReport(report) }
}
