// The exponential of a matrix times a vector, from products alone: a Taylor series over steps short enough for it.
// A. H. Al-Mohy, N. J. Higham, Computing the Action of the Matrix Exponential, with an Application to Exponential
// Integrators, 2011.

import {
  abs,
  add,
  and,
  arange,
  cast,
  ceil,
  checkpoint,
  clip,
  cond,
  div,
  eq,
  fori,
  isFinite,
  le,
  lt,
  max,
  maximum,
  mul,
  scan,
  stopGradient,
  type Tensor,
  type TensorsOf,
  where,
} from '@adjoint/core'
import { linearOperator } from '../operators/linear-operator.js'
import type { SystemMatrix } from './api.js'
import { oneNormEstimate } from './one-norm.js'
import { checkCount } from './options.js'
import { vectorSpace } from './vector-space.js'
import { epsilon, scalar } from './vectors.js'

/** Terms of the series, and up to which 1-norm of the matrix they are exact to rounding: table 3.1 of the article. */
const SERIES = { float32: { degree: 20, reach: 3.6 }, float64: { degree: 40, reach: 6 } } as const

/** Options of `expmMultiply`. */
export interface ExpmMultiplyOptions {
  /** Most steps; in float64 one for each 6 of the 1-norm of A, in float32 for each 3.6. @defaultValue 100 */
  readonly maxSteps?: number
}

/** What `expmMultiply` found. */
export interface ExpmMultiplyResult<X> {
  /** `exp(A) b`, shaped like b. */
  readonly x: TensorsOf<X>
  /** Steps that were made, int32. */
  readonly iterations: Tensor
  /** The largest last term of a series beside its sum: how much was cut off. */
  readonly error: Tensor
  /** bool, `status` 0. */
  readonly converged: Tensor
  /** int32; `EXPM_STATUS` has the words. */
  readonly status: Tensor
}

/** What `status` means, for `describe(result, EXPM_STATUS)`; 0 is success. */
export const EXPM_STATUS = [
  'converged',
  'would need more than maxSteps',
  'the series was cut off too early: the norm of the matrix was estimated too low',
  'met a value that is not finite',
] as const

/**
 * `exp(A) b` without the exponential, or even the matrix: for a large A, with `scaleOperator` for `exp(t A) b`. The number of
 * steps grows with the 1-norm of A, which is estimated from products.
 *
 * Derivatives with respect to `b` and whatever `a` captures go through the steps, in both modes and to any order.
 *
 * @param a - `[n, n]`, an operator, or a linear function of trees like `b`
 * @param b - `[n]`; with a function, any tree of float tensors of one dtype
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { x } = expmMultiply(tensor([[0, 1], [-1, 0]]), tensor([1, 0]))   // [0.5403..., -0.8414...]
 */
export function expmMultiply<X>(
  a: SystemMatrix<X>,
  b: X,
  { maxSteps = 100 }: ExpmMultiplyOptions = {},
): ExpmMultiplyResult<X> {
  checkCount('expmMultiply', 'maxSteps', maxSteps)
  const space = vectorSpace('expmMultiply', b)
  const { size, dtype } = space
  const apply = space.matrix('expmMultiply', a)
  const norm = oneNormEstimate(linearOperator({ shape: [size, size], dtype, apply }))
  const { degree, reach } = SERIES[dtype]
  const needed = ceil(div(norm, reach))
  const steps = clip(needed, 1, maxSteps)
  const start: State = { x: space.ravel(b), error: scalar(norm, 0) }
  const { carry } = scan(
    (state: State, i: Tensor) => [
      cond(
        lt(i, steps),
        checkpoint((s: State) => series(apply, s, steps, degree)),
        (s: State) => s,
        state,
      ),
      i,
    ],
    start,
    arange(0, maxSteps, 1, { dtype }),
  )
  const { x, error } = carry
  const rounding = 100 * epsilon(x)
  const enough = where(le(needed, maxSteps), where(le(error, rounding), 0, 2), 1)
  const finite = and(isFinite(norm), isFinite(largest(x)))
  const status = cast(where(finite, enough, 3), 'int32')
  return { x: space.unravel(x), iterations: cast(steps, 'int32'), error, converged: eq(status, 0), status }
}

interface State {
  readonly x: Tensor
  readonly error: Tensor
}

/** One step: the Taylor polynomial of exp(A / steps). */
function series(apply: (v: Tensor) => Tensor, { x, error }: State, steps: Tensor, degree: number): State {
  const { sum, term } = fori(
    1,
    degree + 1,
    (k, { sum, term }: { sum: Tensor; term: Tensor }) => {
      const next = div(apply(term), mul(steps, cast(k, x.dtype)))
      return { sum: add(sum, next), term: next }
    },
    { sum: x, term: x },
  )
  const [whole, rest] = [largest(sum), largest(term)]
  return { x: sum, error: maximum(error, where(eq(rest, 0), 0, div(rest, whole))) }
}

function largest(x: Tensor): Tensor {
  return max(abs(stopGradient(x)))
}
