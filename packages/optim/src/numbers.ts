// The few operations on scalars and loop states that all solvers repeat.

import { abs, full, max, type Tensor, tree, where } from '@adjoint/core'

/** Distance of 1 to the next number of a float dtype. */
export function epsilonOf({ dtype }: Tensor): number {
  return dtype === 'float64' ? 2 ** -52 : 2 ** -23
}

/** A tree where a condition holds, another elsewhere. */
export function choose<T>(condition: Tensor, yes: T, no: T): T {
  return tree.map((a: Tensor, b: Tensor) => where(condition, a, b), yes, no)
}

/** An int32 scalar beside a tensor. */
export function integer(beside: Tensor, value: number): Tensor {
  return full([], value, { dtype: 'int32', backend: beside.backend })
}

/** A bool scalar beside a tensor. */
export function flag(beside: Tensor, on: boolean): Tensor {
  return full([], on ? 1 : 0, { dtype: 'bool', backend: beside.backend })
}

/** A float scalar of a tensor's dtype, beside it. */
export function scalar(beside: Tensor, value: number): Tensor {
  return full([], value, { dtype: beside.dtype, backend: beside.backend })
}

/** The largest entry, without its sign. */
export function largest(x: Tensor): Tensor {
  return max(abs(x))
}
