// Gauss-Newton steps in a trust region by conjugate gradients: products with the Jacobian instead of the Jacobian.
// T. Steihaug, The Conjugate Gradient Method and Trust Regions in Large Scale Optimization, 1983.

import { linearize, maximum, mul, norm, type Tensor, vjp } from '@adjoint/core'
import type { Outcome } from '../minimizers/problem.js'
import { type Trust, trustRegion } from '../minimizers/trust-region.js'
import { epsilonOf } from '../numbers.js'
import { halfSquares, type ResidualProblem } from './problem.js'

/** Minimises half the sum of squares. */
export function matrixFree({ residuals, ...rest }: ResidualProblem): Outcome {
  const loss = (x: Tensor): Tensor => halfSquares(residuals(x))
  const { start } = rest
  // Linearised residuals hold far out, so any gain is taken, and their minimum is worth finding.
  const accuracy = Math.max(1e-6, 10 * epsilonOf(start))
  const trust: Trust = {
    radius: maximum(norm(start), 1),
    taken: 1e-4,
    target: (grad) => mul(norm(grad), accuracy),
  }
  const products = (x: Tensor) => {
    const { push } = linearize(residuals, x)
    const { pull } = vjp(residuals, x)
    return (v: Tensor): Tensor => pull(push(v))[0]
  }
  return trustRegion({ ...rest, loss, memory: 0, bounds: null }, products, trust)
}
