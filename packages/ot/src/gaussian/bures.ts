// Transport between Gaussians in closed form: the Bures-Wasserstein distance, the map that attains it, and barycenters.

import { add, eye, matmul, mul, sub, sum, type Tensor, withBackend } from '@adjoint/core'
import { inv, sqrtm } from '@adjoint/linalg'
import { type Gaussian, requireGaussians } from './gaussian.js'

/**
 * The squared 2-Wasserstein distance between Gaussians,
 * `|m1 - m2|^2 + tr(A) + tr(B) - 2 tr((A^(1/2) B A^(1/2))^(1/2))`.
 *
 * Traceable, differentiable to any order where the covariances are positive definite.
 *
 * D. C. Dowson, B. V. Landau, The Fréchet distance between multivariate normal distributions, 1982.
 *
 * @returns a scalar, in squared units of the points
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const unit = { mean: tensor([0, 0]), covariance: tensor([[1, 0], [0, 1]]) }
 * const wide = { mean: tensor([3, 0]), covariance: tensor([[4, 0], [0, 1]]) }
 * buresWasserstein(unit, wide).item()   // 10
 */
export function buresWasserstein(p: Gaussian, q: Gaussian): Tensor {
  requireGaussians('buresWasserstein', p, q)
  const root = sqrtm(p.covariance)
  const cross = sqrtm(between(root, q.covariance))
  const spread = sub(add(trace(p.covariance), trace(q.covariance)), mul(2, trace(cross)))
  return add(sum(sub(p.mean, q.mean).square()), spread)
}

/** An affine map `x -> mean + matrix (x - center)`. */
export interface AffineMap {
  /** `[d, d]`. */
  readonly matrix: Tensor
  /** `[d]`: `apply(x) = matrix x + offset`. */
  readonly offset: Tensor
  /** Points `[d]` or `[n, d]` moved. */
  apply(x: Tensor): Tensor
}

/**
 * The optimal map from one Gaussian onto another: linear with matrix `A^(-1/2) (A^(1/2) B A^(1/2))^(1/2) A^(-1/2)`.
 *
 * M. Knott, C. S. Smith, On the optimal mapping of distributions, 1984.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const unit = { mean: tensor([0, 0]), covariance: tensor([[1, 0], [0, 1]]) }
 * const wide = { mean: tensor([3, 0]), covariance: tensor([[4, 0], [0, 1]]) }
 * buresMap(unit, wide).apply(tensor([1, 1]))   // [5, 1]
 */
export function buresMap(p: Gaussian, q: Gaussian): AffineMap {
  requireGaussians('buresMap', p, q)
  const root = sqrtm(p.covariance)
  const inverse = inv(root)
  const matrix = between(inverse, sqrtm(between(root, q.covariance)))
  const offset = sub(q.mean, matmul(matrix, p.mean))
  return { matrix, offset, apply: (x) => add(matmul(x, matrix), offset) }
}

/** `R M R` of symmetric matrices, symmetric in its bits. */
export function between(root: Tensor, middle: Tensor): Tensor {
  const product = matmul(matmul(root, middle), root)
  return mul(add(product, product.transpose()), 0.5)
}

function trace(a: Tensor): Tensor {
  const unit = withBackend(a.backend, () => eye(a.shape[0], a.shape[0], { dtype: a.dtype as 'float64' }))
  return sum(mul(a, unit))
}
