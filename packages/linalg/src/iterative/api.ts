// What iterative solvers take and give.

import type { Tensor, TensorsOf } from '@adjoint/core'
import type { MatrixLike } from '../operators/linear-operator.js'

/** A square system's matrix: a tensor `[n, n]`, an operator, or a linear function of trees like the right-hand side. */
export type SystemMatrix<X> = MatrixLike | ((x: X) => X)

/** Options that the solvers share. */
export interface StopOptions {
  /** Stop at `|b - A x| <= tolerance |b|`. @defaultValue 1e-5 in float32, 1e-10 in float64 */
  readonly tolerance?: number
  /** Or at `|b - A x| <= absoluteTolerance`, where that is larger. @defaultValue 0 */
  readonly absoluteTolerance?: number
  /** Most iterations. @defaultValue ten times the number of unknowns */
  readonly maxSteps?: number
}

/** Options of solvers for square systems. */
export interface SolveOptions<X> extends StopOptions {
  /** Where to start, shaped like `b`. @defaultValue zeros */
  readonly start?: TensorsOf<X>
  /** Roughly the inverse of A: an operator, or a linear function. Its gradient does not matter and is not taken. */
  readonly preconditioner?: SystemMatrix<X>
}

/** How a solver ended; with `x` also what it found. All fields are tensors. */
export interface SolveReport {
  /** Steps of the loop, int32. */
  readonly iterations: Tensor
  /** `|b - A x|`, computed anew at the end. */
  readonly residualNorm: Tensor
  /** Whether the tolerance was met: bool, `status` 0. */
  readonly converged: Tensor
  /** int32; `SOLVE_STATUS` has the words. */
  readonly status: Tensor
}

/** What a solver found. */
export interface SolveResult<X> extends SolveReport {
  readonly x: TensorsOf<X>
}

/** What `status` means, for `describe(result, SOLVE_STATUS)`; 0 is success. */
export const SOLVE_STATUS = [
  'converged',
  'reached maxSteps',
  'broke down: the matrix or the preconditioner is not as the method needs it',
  'met a value that is not finite',
  'stagnated: rounding or a singular matrix keeps the residual above the tolerance',
] as const
