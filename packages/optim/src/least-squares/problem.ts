// Least squares over vectors: what the methods are given.

import { jacobian, matmul, mul, type Tensor } from '@adjoint/core'

/** Residuals of a vector, to make small. */
export interface ResidualProblem {
  /** `[n]` -> `[m]` */
  readonly residuals: (x: Tensor) => Tensor
  readonly start: Tensor
  /** Residuals `[m]`: how many there are. */
  readonly count: number
  readonly tolerance: number
  readonly maxSteps: number
}

/** Half the sum of squares. */
export function halfSquares(r: Tensor): Tensor {
  return mul(matmul(r, r), 0.5)
}

/** The Jacobian `[m, n]`, by the mode that needs fewer passes. */
export function jacobianOf({ residuals, start, count }: ResidualProblem): (x: Tensor) => Tensor {
  return jacobian(residuals, { mode: start.size <= count ? 'forward' : 'reverse' })
}
