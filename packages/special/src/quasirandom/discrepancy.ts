// How unevenly points fill the unit cube (F. J. Hickernell, A Generalized Discrepancy and Quadrature Error Bound, 1998).

import { AdjointError, abs, add, expandDims, mean, mul, prod, sub, type Tensor } from '@adjoint/core'

/**
 * The squared centred L2 discrepancy of points in the unit cube; smaller is more even. `[n, d]` -> `[]`
 *
 * F. J. Hickernell, A Generalized Discrepancy and Quadrature Error Bound, Mathematics of Computation 1998.
 *
 * @throws AdjointError `shape-mismatch` unless the points form a matrix
 * @example
 * centredDiscrepancy(sobol(64, 2, { key: random.key(0) }))   // about 4e-4
 */
export function centredDiscrepancy(points: Tensor): Tensor {
  if (points.ndim !== 2 || points.shape[0] === 0) {
    throw new AdjointError('shape-mismatch', {
      fn: 'centredDiscrepancy',
      given: `points of shape [${points.shape.join(', ')}]`,
      expected: '[n, d] with n above 0',
    })
  }
  const d = points.shape[1]
  const z = abs(sub(points, 0.5))
  const single = mean(prod(sub(add(mul(z, 0.5), 1), mul(mul(z, z), 0.5)), 1))
  const near = abs(sub(expandDims(points, 0), expandDims(points, 1)))
  const both = mul(sub(add(expandDims(z, 0), expandDims(z, 1)), near), 0.5)
  return add(sub((13 / 12) ** d, mul(single, 2)), mean(prod(add(both, 1), 2)))
}
