// Nonlinear least squares as a pure function: a method on vectors, with trees and implicit derivatives around it.

import {
  AdjointError,
  concat,
  detached,
  grad,
  isTensor,
  reshape,
  type Tensor,
  type TensorsOf,
  tree,
} from '@adjoint/core'
import type { LeastSquaresMethod, LeastSquaresOptions, LeastSquaresResult } from '../api.js'
import { implicitly } from '../implicit.js'
import { symmetricSolve } from '../linear-solves.js'
import type { Outcome } from '../minimizers/problem.js'
import { reportOf } from '../report.js'
import { choice, solverOptions } from '../solver-options.js'
import { vectorSpace } from '../vector-space.js'
import { gaussNewton } from './gauss-newton.js'
import { levenbergMarquardt } from './levenberg-marquardt.js'
import { matrixFree } from './matrix-free.js'
import { halfSquares, type ResidualProblem } from './problem.js'

const METHODS: { readonly [M in LeastSquaresMethod]: (problem: ResidualProblem) => Outcome } = {
  'levenberg-marquardt': (problem) => levenbergMarquardt(problem),
  'gauss-newton': gaussNewton,
  'trust-region': matrixFree,
}

/**
 * Makes half the sum of squares of residuals small. Traceable: it runs under `jit` and `vmap`, and its results are
 * differentiable by whatever `residuals` captures, by the equation that the gradient is 0.
 *
 * `'levenberg-marquardt'` (Moré 1978) is the method of MINPACK's lmder: one Jacobian `[m, n]` and its QR factorisation a
 * step. `'gauss-newton'` trusts the linearisation and searches along it: for small residuals, m >= n. `'trust-region'`
 * needs products with the Jacobian only: for many unknowns. Converged means that no entry of the gradient Jᵀ r is larger
 * than `tolerance`; for the first also that no step could show a gain in this dtype.
 *
 * @param residuals - pure and traceable, from x to a float tensor or a tree of them
 * @param x0 - where to start: a float tensor or a pytree of them
 * @throws AdjointError `invalid-argument` for wrong options; `dtype-mismatch` for residuals that are not float tensors
 * @example
 * const t = tensor([0, 1, 2, 3])
 * const y = tensor([2, 1.2, 0.75, 0.45])
 * const decay = ({ size, rate }: { size: Tensor; rate: Tensor }) => size.mul(t.mul(rate).neg().exp()).sub(y)
 * const fit = leastSquares(decay, { size: tensor([1]), rate: tensor([1]) })   // fit.x.rate is about 0.5
 */
export function leastSquares<X>(
  residuals: (x: X) => unknown,
  x0: X,
  options: LeastSquaresOptions = {},
): LeastSquaresResult<X> {
  const method = choice('leastSquares', METHODS, options.method ?? 'levenberg-marquardt')
  const space = vectorSpace('leastSquares', x0)
  const { start } = space
  const { tolerance, maxSteps } = solverOptions('leastSquares', start, options)
  const flat = (x: Tensor): Tensor => flatResiduals('leastSquares', residuals(space.unravel(x)), start)
  const [count] = flat(start).shape
  if (options.method === 'gauss-newton' && count < start.size) throw tooFew(count, start.size)
  const search = detached((from: Tensor) => method({ residuals: flat, start: from, count, tolerance, maxSteps }))
  const found = search(start)
  const x = implicitly(
    grad((v: Tensor) => halfSquares(flat(v))),
    found.x,
    symmetricSolve,
    { symmetric: true },
  )
  const at = flat(x)
  return {
    x: space.unravel(x) as TensorsOf<X>,
    value: halfSquares(at),
    residuals: at,
    gradientNorm: found.gradientNorm,
    ...reportOf(found),
  }
}

/** A tree of residuals as a vector, in the dtype that the solver works in. */
export function flatResiduals(fn: string, value: unknown, { dtype }: Tensor): Tensor {
  const leaves = tree.leaves(value)
  const parts = leaves.map((leaf) => {
    if (isTensor(leaf) && leaf.dtype.startsWith('float')) return reshape(leaf.cast(dtype), [leaf.size])
    throw new AdjointError('dtype-mismatch', {
      fn,
      given: isTensor(leaf) ? `residuals ${leaf.dtype}[${leaf.shape.join(', ')}]` : `the number ${leaf} as a residual`,
      expected: 'float tensors',
    })
  })
  if (parts.every((part) => part.size === 0)) {
    throw new AdjointError('invalid-argument', { fn, given: 'no residuals', expected: 'at least one' })
  }
  return parts.length === 1 ? parts[0] : concat(parts)
}

function tooFew(count: number, unknowns: number): AdjointError {
  return new AdjointError('invalid-argument', {
    fn: 'leastSquares',
    given: `${count} residuals for ${unknowns} unknowns with method 'gauss-newton'`,
    expected: 'at least as many residuals as unknowns',
    fix: `Use 'levenberg-marquardt' or 'trust-region'`,
  })
}
