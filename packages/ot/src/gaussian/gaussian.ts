// A normal distribution as data, and its checks.

import { AdjointError, type Tensor } from '@adjoint/core'
import { requireFloats, requireSameDType, typeOf } from '../checks.js'

/** A normal distribution; covariances of full rank where derivatives or maps are wanted. */
export interface Gaussian {
  /** `[d]`. */
  readonly mean: Tensor
  /** `[d, d]`, symmetric, positive definite. */
  readonly covariance: Tensor
}

/** Refuses what is no Gaussian, or one of another dimension or dtype than the first. */
export function requireGaussians(fn: string, ...gaussians: readonly Gaussian[]): void {
  const [{ mean: first }] = gaussians
  for (const { mean, covariance } of gaussians) {
    requireFloats(fn, 'mean', mean, 1)
    requireFloats(fn, 'covariance', covariance, 2)
    requireSameDType(fn, first, [mean, covariance])
    const d = first.size
    if (mean.size === d && covariance.shape.every((size) => size === d)) continue
    throw new AdjointError('shape-mismatch', {
      fn,
      given: `mean ${typeOf(mean)}, covariance ${typeOf(covariance)}`,
      expected: `mean [${d}], covariance [${d}, ${d}]`,
    })
  }
}
