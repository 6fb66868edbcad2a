// The adjugate of a matrix, the gradient of its determinant: the inverse times the determinant, or where there is none, by
// products of singular values. G. W. Stewart, On the Adjugate Matrix, 1998.

import {
  abs,
  any,
  concat,
  cond,
  expandDims,
  le,
  matmul,
  max,
  min,
  mul,
  prod,
  stack,
  stopGradient,
  type Tensor,
} from '@adjoint/core'
import { diagonalOf, transposed } from '../checks.js'
import { lu } from '../factorisations/lu.js'
import { svd } from '../factorisations/svd.js'
import { inv } from '../solves/inv.js'
import { det } from './det.js'

/** `[..., n, n]`; singular values are taken where a matrix of the batch is singular but for rounding. */
export function adjugate(a: Tensor): Tensor {
  const n = a.shape[a.ndim - 1]
  if (n === 0) return a
  const pivots = abs(diagonalOf(lu(stopGradient(a)).lu))
  const rounding = n * (a.dtype === 'float64' ? 2 ** -52 : 2 ** -23)
  const singular = any(le(min(pivots, -1), mul(max(pivots, -1), rounding)))
  return cond(singular, bySingularValues, byInverse, a)
}

function byInverse(a: Tensor): Tensor {
  return mul(inv(a), expandDims(det(a), [-1, -2]))
}

function bySingularValues(a: Tensor): Tensor {
  const { u, s, vt } = svd(a)
  const n = s.shape[s.ndim - 1]
  const part = (from: number, to: number) =>
    s.slice(...s.shape.slice(0, -1).map((size): [number, number] => [0, size]), [from, to])
  const others = Array.from({ length: n }, (_, i) => prod(concat([part(0, i), part(i + 1, n)], -1), -1))
  const orientation = stopGradient(mul(det(u), det(vt)))
  const scale = mul(stack(others, -1), expandDims(orientation, -1))
  return matmul(mul(transposed(vt), expandDims(scale, -2)), transposed(u))
}
