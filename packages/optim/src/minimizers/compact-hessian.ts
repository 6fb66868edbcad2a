// The Hessian that L-BFGS stands for, as theta I - W M Wᵀ with W `[n, 2m]` and M `[2m, 2m]`.
// R. H. Byrd, J. Nocedal, R. B. Schnabel, Representations of Quasi-Newton Matrices and Their Use in Limited Memory
// Methods, 1994.

import { concat, div, eye, matmul, mul, ne, neg, sub, sum, type Tensor, transpose, tril, where } from '@adjoint/core'
import { inv } from '@adjoint/linalg'
import type { Pairs } from './lbfgs.js'

/** theta I - W M Wᵀ. */
export interface CompactHessian {
  readonly theta: Tensor
  /** `[n, 2m]` */
  readonly w: Tensor
  /** `[2m, 2m]` */
  readonly m: Tensor
}

/** The Hessian of some pairs; those that are not there yet count for nothing. */
export function compactHessian({ steps, changes, inverse, scale }: Pairs): CompactHessian {
  const count = inverse.size
  const theta = div(1, scale)
  const products = matmul(steps, transpose(changes))
  const identity = eye(count, count, { dtype: steps.dtype as 'float64', backend: steps.backend })
  // Empty rows would make the middle matrix singular: ones on its diagonal meet zeros in W only.
  const empty = mul(identity, where(ne(inverse, 0), 0, 1))
  const diagonal = mul(identity, sum(mul(steps, changes), 1))
  // Newest pairs come first, so what is below the diagonal in the paper is above it here.
  const later = sub(products, tril(products))
  const middle = concat([
    concat([neg(diagonal.add(empty)), transpose(later)], 1),
    concat([later, mul(matmul(steps, transpose(steps)), theta).add(empty)], 1),
  ])
  return { theta, w: transpose(concat([changes, mul(steps, theta)])), m: inv(middle) }
}
