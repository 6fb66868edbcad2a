// Shared by the tests of the iterative methods: tensors from lists, lists from tensors, and matrices with a plan.

import { cpu } from '@adjoint/backend-cpu'
import { add, eye, matmul, mul, setBackend, setHostBackend, sub, type Tensor, tensor, transpose } from '@adjoint/core'
import * as random from '@adjoint/core/random'

setBackend(cpu)
setHostBackend(cpu)

export const f64 = (data: unknown): Tensor => tensor(data as number[], { dtype: 'float64' })

export const list = (x: Tensor): number[] => Array.from(x.dataSync())

export const normal = (seed: number, shape: readonly number[], dtype: 'float32' | 'float64' = 'float64'): Tensor =>
  random.normal(random.key(seed), shape, { dtype })

/** A Bᵀ B + shift I of size n. */
export const positive = (seed: number, n: number, shift = 1, dtype: 'float32' | 'float64' = 'float64'): Tensor => {
  const b = normal(seed, [n, n], dtype)
  return add(mul(matmul(transpose(b), b), 1 / n), mul(eye(n, n, { dtype }), shift))
}

export const distance = (a: Tensor, b: Tensor): number => sub(a, b).abs().max().item()
