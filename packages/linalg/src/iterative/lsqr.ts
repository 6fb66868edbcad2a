// LSQR, for least squares: conjugate gradients on the normal equations without squaring the condition number.
// C. C. Paige, M. A. Saunders, LSQR: An Algorithm for Sparse Linear Equations and Sparse Least Squares, 1982.

import {
  AdjointError,
  add,
  concat,
  eq,
  linearSolve,
  mul,
  slice,
  stopGradient,
  sub,
  type Tensor,
  tree,
  zeros,
  zerosLike,
} from '@adjoint/core'
import { multiplyOperators } from '../operators/combinations.js'
import { asOperator, asSquareOperator, floatOf } from '../operators/elementary.js'
import { describeValue, type LinearOperator, type MatrixLike } from '../operators/linear-operator.js'
import type { SolveReport } from './api.js'
import { bidiagonalize, type Limits, type Product } from './bidiagonalize.js'
import { stopOptions } from './options.js'
import { STATUS } from './report.js'
import { vectorNorm } from './vectors.js'

/** Options of `lsqr`. */
export interface LsqrOptions {
  /**
   * Stop at `|r| <= tolerance (|A| |x| + |b|)` or `|Aᵀ r| <= tolerance |A| |r|`, with Frobenius norms estimated on the way.
   * @defaultValue 1e-5 in float32, 1e-10 in float64
   */
  readonly tolerance?: number
  /** Adds `damp² |x|²` to what is minimised. @defaultValue 0 */
  readonly damp?: number
  /**
   * N `[n, n]` with A N nearly orthogonal: LSQR looks for y with `x = N y`, by products with N and Nᵀ, and both stopping
   * rules see A N instead of A. What is minimised stays the same, `damp² |x|²` included; of several minima it is the one
   * with the shortest y.
   * @defaultValue the identity
   */
  readonly preconditioner?: MatrixLike
  /** Most iterations. @defaultValue ten times the larger size of A */
  readonly maxSteps?: number
}

/** What `lsqr` found. */
export interface LsqrResult extends SolveReport {
  /** `[n]` */
  readonly x: Tensor
  /** `|Aᵀ (b - A x) - damp² x|`, computed anew at the end: 0 at the minimum. */
  readonly normalResidualNorm: Tensor
}

/**
 * Minimises `|b - A x|² + damp² |x|²`, for A of any shape and rank; where several x do, it takes the shortest. One product
 * with A and one with Aᵀ per step.
 *
 * Gradients with respect to `b` and whatever `a` captures, of any order, are further solves to the same tolerance. They
 * need full rank, or a damp above 0. Then those with respect to the preconditioner are 0, to the tolerance.
 *
 * @param a - `[m, n]` or an operator
 * @param b - `[m]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { x } = lsqr(tensor([[1, 0], [1, 1], [1, 2]]), tensor([1, 2, 4]))   // [0.8333..., 1.5]
 */
export function lsqr(a: MatrixLike, b: Tensor, { damp = 0, preconditioner, ...options }: LsqrOptions = {}): LsqrResult {
  const operator = asOperator('lsqr', a)
  const [m, n] = operator.shape
  checkRight(operator, b)
  const { tolerance, maxSteps } = stopOptions('lsqr', options, operator.dtype, Math.max(m, n))
  if (!(damp >= 0 && damp < Infinity))
    throw new AdjointError('invalid-argument', {
      fn: 'lsqr',
      given: `damp ${damp}`,
      expected: 'a finite number, not negative',
    })
  const limits = { tolerance, maxSteps }
  const right = preconditioner === undefined ? undefined : checkedPreconditioner(preconditioner, operator)
  const system = { operator: right === undefined ? operator : multiplyOperators(operator, right), right }
  const { y, report } = damp > 0 || m >= n ? tall(system, b, damp, limits) : wide(system.operator, b, limits)
  const x = right === undefined ? y : right.apply(y)
  const residual = stopGradient(sub(b, operator.apply(x)))
  const normal = stopGradient(sub(operator.applyTranspose(residual), mul(x, damp * damp)))
  return {
    x,
    ...report,
    residualNorm: vectorNorm(residual),
    converged: eq(report.status, STATUS.converged),
    normalResidualNorm: vectorNorm(normal),
  }
}

/** The saddle-point system `r + B y = f`, `Bᵀ r = g`, whose solution both shapes of least squares are. */
interface Saddle {
  readonly r: Tensor
  readonly y: Tensor
}

/** A, or A N for a preconditioner N on its right. */
interface Preconditioned {
  readonly operator: LinearOperator
  readonly right: LinearOperator | undefined
}

/** The minimum is y of the system with B = A, f = b, g = 0; damping adds rows to A. */
function tall({ operator, right }: Preconditioned, b: Tensor, damp: number, limits: Limits) {
  const { apply, applyTranspose, shape } = operator
  const { dtype, backend } = b
  const [m, n] = shape
  const none = zeros([n], { dtype, backend })
  if (damp === 0) {
    const { x, aux } = solveSaddle(apply, applyTranspose, { r: b, y: none }, 'y', limits)
    return { y: x.y, report: aux }
  }
  const there = (y: Tensor) => mul(right === undefined ? y : right.apply(y), damp)
  const back = (u: Tensor) => mul(right === undefined ? u : right.applyTranspose(u), damp)
  const { x, aux } = solveSaddle(
    (y) => concat([apply(y), there(y)]),
    (u) => add(applyTranspose(slice(u, [0, m])), back(slice(u, [m, m + n]))),
    { r: concat([b, none]), y: none },
    'y',
    limits,
  )
  return { y: x.y, report: aux }
}

/** The shortest solution is r of the system with B = Aᵀ, f = 0, g = b. */
function wide({ apply, applyTranspose, shape }: LinearOperator, b: Tensor, limits: Limits) {
  const none = zeros([shape[1]], { dtype: b.dtype, backend: b.backend })
  const { x, aux } = solveSaddle(applyTranspose, apply, { r: none, y: b }, 'r', limits)
  return { y: x.r, report: aux }
}

function solveSaddle(apply: Product, transposed: Product, right: Saddle, wanted: 'r' | 'y', limits: Limits) {
  const matrix = ({ r, y }: Saddle): Saddle => ({ r: add(r, apply(y)), y: transposed(r) })
  const solve = (matvec: (v: Saddle) => Saddle, given: Saddle) => {
    const none: Saddle = tree.map(zerosLike, given)
    const b = (y: Tensor) => matvec({ ...none, y }).r
    const bt = (r: Tensor) => matvec({ ...none, r }).y
    const fit = bidiagonalize(b, bt, given.r, limits, false)
    const shortest = bidiagonalize(bt, b, given.y, limits, true)
    const { iterations, status } = wanted === 'y' ? fit : shortest
    const solution: Saddle = {
      r: add(shortest.x, sub(given.r, b(fit.x))),
      y: sub(fit.x, shortest.source),
    }
    return [solution, { iterations, status }] as const
  }
  return linearSolve(matrix, right, solve, { symmetric: true, hasAux: true })
}

function checkRight({ shape, dtype }: LinearOperator, b: Tensor): void {
  if (floatOf('lsqr', b, 1) === dtype && b.shape[0] === shape[0]) return
  throw new AdjointError(b.dtype === dtype ? 'shape-mismatch' : 'dtype-mismatch', {
    fn: 'lsqr',
    given: `b ${describeValue(b)} for a matrix ${dtype}[${shape.join(', ')}]`,
    expected: `${dtype}[${shape[0]}]`,
    fix: 'Solve for several right-hand sides with vmap',
  })
}

function checkedPreconditioner(preconditioner: MatrixLike, { shape, dtype }: LinearOperator): LinearOperator {
  const operator = asSquareOperator('lsqr (preconditioner)', preconditioner)
  if (operator.shape[0] === shape[1] && operator.dtype === dtype) return operator
  throw new AdjointError(operator.dtype === dtype ? 'shape-mismatch' : 'dtype-mismatch', {
    fn: 'lsqr',
    given: `a preconditioner ${operator.dtype}[${operator.shape.join(', ')}] for a matrix ${dtype}[${shape.join(', ')}]`,
    expected: `${dtype}[${shape[1]}, ${shape[1]}], on the right of the matrix`,
  })
}
