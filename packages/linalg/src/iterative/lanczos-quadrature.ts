// Traces of functions of a symmetric matrix, by Gauss quadrature from short Lanczos runs at random vectors.
// S. Ubaru, J. Chen, Y. Saad, Fast Estimation of tr(f(A)) via Stochastic Lanczos Quadrature, 2017.

import { arange, log, lt, mul, slice, square, sum, type Tensor, vmap, where } from '@adjoint/core'
import { eyeLike } from '../checks.js'
import { eigh } from '../factorisations/index.js'
import { asSquareOperator } from '../operators/elementary.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { bandProduct } from '../solves/tridiagonal-solve.js'
import { type Estimate, meanEstimate, type ProbeOptions, probes } from './hutchinson.js'
import { lanczos } from './lanczos.js'
import { checkCount } from './options.js'

/** Options of the quadrature. */
export interface LanczosQuadratureOptions extends ProbeOptions {
  /** Lanczos steps at each vector, at most n: the rule is exact for polynomials below twice the degree. @defaultValue 20 */
  readonly steps?: number
}

/**
 * The trace of f(A) for a symmetric A: the mean over random vectors of a quadrature over the spectrum. `standardError` tells
 * the spread of the vectors, not the error of a quadrature of too few steps. Derivatives go through the steps.
 *
 * @param a - `[n, n]` or an operator, symmetric
 * @param f - element-wise, smooth over the spectrum
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const options = { key: random.key(0), samples: 8, steps: 3 }
 * const { value } = lanczosQuadrature(diagonalOperator(tensor([1, 4, 9])), (x) => x.sqrt(), options)   // 6
 */
export function lanczosQuadrature(
  a: MatrixLike,
  f: (x: Tensor) => Tensor,
  options: LanczosQuadratureOptions,
): Estimate {
  const operator = asSquareOperator('lanczosQuadrature', a)
  const [n] = operator.shape
  const steps = Math.min(options.steps ?? 20, n)
  checkCount('lanczosQuadrature', 'steps', steps)
  const quadrature = (z: Tensor) => {
    const { diagonal, offDiagonal, steps: made } = lanczos(operator, steps, { start: z })
    const { backend } = z
    // Columns that were not reached have no weight; their nodes lie within the spectrum.
    const reached = lt(arange(0, steps, 1, { dtype: 'int32', backend }), made)
    const alpha = where(reached, diagonal, slice(diagonal, 0))
    const { values, vectors } = eigh(bandProduct(offDiagonal, alpha, offDiagonal, eyeLike(alpha, steps)))
    return mul(sum(mul(square(slice(vectors, 0)), f(values))), sum(square(z)))
  }
  return meanEstimate(vmap(quadrature)(probes('lanczosQuadrature', operator, options)))
}

/**
 * The logarithm of the determinant of a symmetric positive definite matrix, from products alone.
 *
 * @param a - `[n, n]` or an operator, symmetric positive definite
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { value } = stochasticLogDet(diagonalOperator(tensor([1, 2, 4])), { key: random.key(0) })   // log(8)
 */
export function stochasticLogDet(a: MatrixLike, options: LanczosQuadratureOptions): Estimate {
  return lanczosQuadrature(a, log, options)
}
