// Gauss-Newton steps in a trust region by conjugate gradients: products with the Jacobian instead of the Jacobian.
// T. Steihaug, The Conjugate Gradient Method and Trust Regions in Large Scale Optimization, 1983.

import { linearize, type Tensor, vjp } from '@adjoint/core'
import type { Outcome } from '../minimizers/problem.js'
import { trustRegion } from '../minimizers/trust-region.js'
import { halfSquares, type ResidualProblem } from './problem.js'

/** Minimises half the sum of squares. */
export function matrixFree({ residuals, ...rest }: ResidualProblem): Outcome {
  const loss = (x: Tensor): Tensor => halfSquares(residuals(x))
  return trustRegion({ ...rest, loss, memory: 0, bounds: null }, (x) => {
    const { push } = linearize(residuals, x)
    const { pull } = vjp(residuals, x)
    return (v) => pull(push(v))[0]
  })
}
