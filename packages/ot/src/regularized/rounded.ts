// A matrix near a coupling, made one. J. Altschuler, J. Weed, P. Rigollet, Near-linear Time Approximation Algorithms for
// Optimal Transport via Sinkhorn Iteration, 2017.

import { add, div, expandDims, mul, sub, sum, type Tensor, where } from '@adjoint/core'

/** The plan with its marginals made exact: shrunk where they are too large, and the rest spread as a product. */
export function rounded(plan: Tensor, a: Tensor, b: Tensor): Tensor {
  const factor = (weights: Tensor, sums: Tensor): Tensor => {
    const above = sums.gt(weights)
    return where(above, div(weights, where(above, sums, 1)), 1)
  }
  const byRow = mul(plan, expandDims(factor(a, sum(plan, 1)), 1))
  const both = mul(byRow, factor(b, sum(byRow, 0)))
  const [lackA, lackB] = [sub(a, sum(both, 1)), sub(b, sum(both, 0))]
  const lack = sum(lackA)
  const share = where(lack.gt(0), div(lackB, where(lack.gt(0), lack, 1)), 0)
  return add(both, mul(expandDims(lackA, 1), share))
}
