// The few operations on vectors and loop states that every method repeats.

import { add, div, full, gt, matmul, mul, sqrt, sub, sum, type Tensor, tree, where } from '@adjoint/core'

/** The Euclidean norm of a vector. */
export function vectorNorm(v: Tensor): Tensor {
  return sqrt(sum(mul(v, v)))
}

/** Inner product of two vectors. */
export function inner(u: Tensor, v: Tensor): Tensor {
  return sum(mul(u, v))
}

/** u + s v. */
export function axpy(u: Tensor, s: Tensor, v: Tensor): Tensor {
  return add(u, mul(s, v))
}

/** An int32 scalar beside a tensor. */
export function integer(beside: Tensor, value: number): Tensor {
  return full([], value, { dtype: 'int32', backend: beside.backend })
}

/** A tree where a condition holds, another elsewhere. */
export function choose<T>(condition: Tensor, yes: T, no: T): T {
  return tree.map((a: Tensor, b: Tensor) => where(condition, a, b), yes, no)
}

/** A float scalar beside a tensor, of its dtype. */
export function scalar(beside: Tensor, value: number): Tensor {
  return full([], value, { dtype: beside.dtype, backend: beside.backend })
}

/** Relative rounding error of the tensor's dtype. */
export function epsilon(x: Tensor): number {
  return x.dtype === 'float64' ? 2 ** -52 : 2 ** -23
}

/** sqrt(a² + b²). */
export function hypot(a: Tensor, b: Tensor): Tensor {
  return sqrt(add(mul(a, a), mul(b, b)))
}

/**
 * What is left of a vector beside the orthonormal rows of a basis, by classical Gram-Schmidt twice over: its direction,
 * length, and inner products with the basis. A rest that is only rounding counts as zero.
 */
export function orthogonalize(basis: Tensor, v: Tensor): { rest: Tensor; size: Tensor; products: Tensor } {
  const once = matmul(basis, v)
  const first = sub(v, matmul(once, basis))
  const again = matmul(basis, first)
  const rest = sub(first, matmul(again, basis))
  const squares = inner(rest, rest)
  const real = gt(squares, mul(inner(v, v), (4 * epsilon(v)) ** 2))
  // The square root of 0 has no derivative.
  const size = where(real, sqrt(where(real, squares, 1)), 0)
  return { rest: where(real, div(rest, where(real, size, 1)), 0), size, products: add(once, again) }
}
