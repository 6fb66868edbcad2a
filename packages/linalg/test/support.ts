// What the tests of this package share: the CPU backend as default, matrices of known character, distances.

import { cpu } from '@adjoint/backend-cpu'
import { concat, type DType, eye, setBackend, setHostBackend, type Tensor, tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { transposed } from '../src/checks.js'

setBackend(cpu)
setHostBackend(cpu)

export { cpu, transposed }

export const f64 = (data: unknown): Tensor => tensor(data as number[][], { dtype: 'float64' })

export const values = (x: Tensor): number[] => Array.from(x.dataSync())

export const eps = (x: Tensor): number => (x.dtype === 'float64' ? 2 ** -52 : 2 ** -23)

export function normal(seed: number, shape: readonly number[], dtype: DType = 'float64'): Tensor {
  return random.normal(random.key(seed), shape, { dtype: dtype as 'float64' })
}

/** Symmetric positive definite, well conditioned. */
export function definite(seed: number, shape: readonly number[], dtype: DType = 'float64'): Tensor {
  const a = normal(seed, shape, dtype)
  const n = shape[shape.length - 1]
  return a.matmul(transposed(a)).add(identity(n, dtype).mul(n / 2))
}

export function identity(n: number, dtype: DType = 'float64'): Tensor {
  return eye(n, n, { dtype: dtype as 'float64' })
}

export function hilbert(n: number, dtype: DType = 'float64'): Tensor {
  const data = Float64Array.from({ length: n * n }, (_, k) => 1 / (Math.floor(k / n) + (k % n) + 1))
  return tensor(data, { shape: [n, n] }).cast(dtype)
}

/** Rows of sizes from 1 down to 1e-8. */
export function graded(seed: number, n: number, dtype: DType = 'float64'): Tensor {
  const scale = tensor(
    Array.from({ length: n }, (_, i) => [10 ** ((-8 * i) / n)]),
    { dtype, shape: [n, 1] },
  )
  return normal(seed, [n, n], dtype).mul(scale)
}

/** The last row is nearly the sum of the others. */
export function nearlySingular(seed: number, n: number, dtype: DType = 'float64'): Tensor {
  const rows = normal(seed, [n - 1, n], dtype)
  const noise = normal(seed + 1, [1, n], dtype).mul(dtype === 'float64' ? 1e-12 : 1e-4)
  return concat([rows, rows.sum(0, { keepDims: true }).add(noise)])
}

export const largest = (x: Tensor): number => (x.size === 0 ? 0 : Math.max(...values(x).map(Math.abs)))

export function frobenius(x: Tensor): number {
  let total = 0
  for (const v of x.dataSync()) total += v * v
  return Math.sqrt(total)
}

/** Largest entry of the difference, in units of `n eps |a|`. */
export function residual(a: Tensor, b: Tensor): number {
  const n = Math.max(1, ...a.shape.slice(-2))
  return frobenius(a.sub(b)) / (n * eps(a) * Math.max(frobenius(a), 1e-300))
}
