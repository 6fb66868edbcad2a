// Costs between points in common use.

import { abs, acos, add, clip, div, gt, mul, pow, sqrt, sub, sum, type Tensor, where } from '@adjoint/core'
import { requireFloats, requireNumber } from '../checks.js'
import { Cost, type CostFunction } from './cost.js'

/** Coordinates up to which sums over them are written out, so that they compile into one loop over pairs. */
const FEW = 8

/** The sum over coordinates of a function of both. */
function overCoordinates(x: Tensor, y: Tensor, term: (x: Tensor, y: Tensor) => Tensor): Tensor {
  const [d] = x.shape
  if (d > FEW) return sum(term(x, y))
  return Array.from({ length: d }, (_, k) => term(x.slice(k), y.slice(k))).reduce((total, part) => add(total, part))
}

const product: CostFunction = (x, y) => overCoordinates(x, y, mul)
const norm = (x: Tensor): Tensor => overCoordinates(x, x, mul)

const squaredDistance: CostFunction = (x, y) => {
  const far = x.shape[0] > FEW
  // The products of all pairs of a block are one matrix product.
  if (far) return sub(add(norm(x), norm(y)), mul(2, sum(mul(x, y)))).relu()
  return overCoordinates(x, y, (u, v) => sub(u, v).square())
}

/** The root, with a slope of 0 at 0. */
function safeRoot(x: Tensor): Tensor {
  const positive = gt(x, 0)
  return where(positive, sqrt(where(positive, x, 1)), 0)
}

/**
 * |x - y|², the cost of the 2-Wasserstein distance.
 *
 * @example
 * pointCloud(tensor([[0, 0]]), tensor([[3, 4]]), squaredEuclidean).costMatrix()   // [[25]]
 */
export const squaredEuclidean: Cost = /* @__PURE__ */ new Cost('squaredEuclidean', squaredDistance)

/**
 * |x - y|, the cost of the 1-Wasserstein distance; its gradient is 0 where x = y.
 *
 * @example
 * pointCloud(tensor([[0, 0]]), tensor([[3, 4]]), euclidean).costMatrix()   // [[5]]
 */
export const euclidean: Cost = /* @__PURE__ */ new Cost('euclidean', (x, y, p) => safeRoot(squaredDistance(x, y, p)))

const powers = /* @__PURE__ */ new Map<number, CostFunction>()

/**
 * `sum_k |x_k - y_k|^p`, the p-th power of the p-norm of the difference.
 *
 * @param p - at least 1
 * @throws AdjointError `invalid-argument`
 * @example
 * pointCloud(tensor([[0, 0]]), tensor([[3, 4]]), pNorm(1)).costMatrix()   // [[7]]
 */
export function pNorm(p: number): Cost {
  requireNumber('pNorm', 'p', p, (v) => v >= 1 && v < Infinity, 'a finite number from 1')
  const raised = (u: Tensor, v: Tensor): Tensor => {
    const size = abs(sub(u, v))
    if (p === 1) return size
    const apart = gt(size, 0)
    return where(apart, pow(where(apart, size, 1), p), 0)
  }
  const found = powers.get(p) ?? ((x, y) => overCoordinates(x, y, raised))
  powers.set(p, found)
  return new Cost(`pNorm ${p}`, found)
}

/** The cosine of the angle between two points, 0 where one is the origin. */
function cosineOf(x: Tensor, y: Tensor): Tensor {
  const size = safeRoot(mul(norm(x), norm(y)))
  return where(gt(size, 0), div(product(x, y, []), where(gt(size, 0), size, 1)), 0)
}

/**
 * 1 - cos of the angle between x and y: from 0 to 2, and 1 where one of them is 0.
 *
 * @example
 * pointCloud(tensor([[1, 0]]), tensor([[0, 2]]), cosine).costMatrix()   // [[1]]
 */
export const cosine: Cost = /* @__PURE__ */ new Cost('cosine', (x, y) => sub(1, cosineOf(x, y)))

/**
 * The angle between x and y in radians, the distance on the unit sphere; its gradient is 0 where they are parallel.
 *
 * @example
 * pointCloud(tensor([[1, 0]]), tensor([[0, 2]]), arccos).costMatrix()   // [[1.5707...]]
 */
export const arccos: Cost = /* @__PURE__ */ new Cost('arccos', (x, y) => {
  const c = clip(cosineOf(x, y), -1, 1)
  const inside = sub(1, abs(c)).gt(0)
  return where(inside, acos(where(inside, c, 0)), where(gt(c, 0), 0, Math.PI))
})

/**
 * (x - y)ᵀ M (x - y), the squared Mahalanobis distance.
 *
 * @param matrix - M `[d, d]`, symmetric positive semidefinite; it gets gradients
 * @throws AdjointError `dtype-mismatch`, `shape-mismatch`
 * @example
 * pointCloud(tensor([[0, 0]]), tensor([[1, 2]]), mahalanobis(tensor([[1, 0], [0, 10]]))).costMatrix()   // [[41]]
 */
export function mahalanobis(matrix: Tensor): Cost {
  requireFloats('mahalanobis', 'matrix', matrix, 2)
  return new Cost('mahalanobis', mahalanobisDistance, [matrix])
}

const mahalanobisDistance: CostFunction = (x, y, [matrix]) => {
  const gap = sub(x, y)
  return sum(mul(gap, sum(mul(matrix, gap), 1)))
}

/**
 * `|x - y|² / 2 + gamma |x - y|_1`: displacements along few coordinates are cheaper. M. Cuturi, M. Klein, P. Ablin, Monge,
 * Bregman and Occam: Interpretable Optimal Transport in High-Dimensions with Feature-Sparse Maps, 2023.
 *
 * @param gamma - weight of the sparse part, not negative; a tensor gets gradients
 * @example
 * pointCloud(tensor([[0, 0]]), tensor([[3, 4]]), elastic(tensor(1))).costMatrix()   // [[19.5]]
 */
export function elastic(gamma: Tensor): Cost {
  return new Cost('elastic', elasticDistance, [gamma])
}

const elasticDistance: CostFunction = (x, y, [gamma]) =>
  overCoordinates(x, y, (u, v) => {
    const gap = abs(sub(u, v))
    return add(mul(0.5, gap.square()), mul(gamma, gap))
  })
