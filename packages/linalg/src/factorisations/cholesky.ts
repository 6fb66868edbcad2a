// The Cholesky factorisation of symmetric positive definite matrices.
// Derivative: I. Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527, 2016.

import { add, bind, bind1, definePrimitive, matmul, type Primitive, type Tensor } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import {
  leading,
  requireRightHandSide,
  requireSquare,
  requireSquareOf,
  sameBatch,
  transposed,
  withVectors,
} from '../checks.js'
import { factorCholesky } from '../kernels/cholesky.js'
import { type Algorithm, allFinite, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { lowerHalf, solveLower, triangularSolvePrimitive } from '../solves/triangular-solve.js'

const algorithm: Algorithm<object> = (tools, { inputs: [{ shape }] }) => {
  const n = shape[shape.length - 1]
  const batch = sizeOf(shape.slice(0, -2))
  return (inputs, outputs) => {
    const a = inputs[0] as Float64Array
    const [l, info] = outputs as [Float64Array, Int32Array]
    forEachMatrix(tools, batch, (b, own) => {
      const at = b * n * n
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) l[at + i * n + j] = (a[at + i * n + j] + a[at + j * n + i]) / 2
      }
      const failed = factorCholesky(own, l, at, n, n)
      if (failed === 0) for (let i = 0; i < n; i++) l.fill(0, at + i * n + i + 1, at + (i + 1) * n)
      else l.fill(NaN, at, at + n * n)
      info[b] = failed === 0 || allFinite(a, at, n * n) ? failed : -1
    })
  }
}

/** `[a]` -> `[l, info]`. */
export const choleskyPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/linalg:cholesky', {
  shape: ([a]) => {
    requireSquare('cholesky', a)
    return [
      { shape: a.shape, dtype: a.dtype },
      { shape: leading(a), dtype: 'int32' },
    ]
  },
  jvp: (_, [da], [l]) => {
    if (da === null) return [null, null]
    const symmetric = add(da, transposed(da)).mul(0.5)
    const inner = solveLower(l, transposed(solveLower(l, symmetric)))
    return [matmul(l, lowerHalf(inner)), null]
  },
  vmap: (inputs) => bind(choleskyPrimitive, inputs),
  reference: referenceRule(algorithm),
  kernels: { cpu: cpuKernel(algorithm) },
})

/** What `cholesky` returns. */
export interface Cholesky {
  /** The lower triangular factor, `[..., n, n]`; NaN where `info` is not 0. */
  readonly l: Tensor
  /** int32 `[...]`: 0, or the order of the leading minor that is not positive definite, or -1 for NaN in the input. */
  readonly info: Tensor
}

/**
 * The lower triangular l with `l lᵀ = a`, for symmetric positive definite matrices. `[..., n, n]`
 *
 * The symmetric part `(a + aᵀ) / 2` is what is factored, so that gradients are symmetric too.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const { l, info } = cholesky(tensor([[4, 2], [2, 5]]))   // [[2, 0], [1, 2]], 0
 */
export function cholesky(a: MatrixLike): Cholesky {
  const [l, info] = bind(choleskyPrimitive, [requireSquareOf('cholesky', a)])
  return { l, info }
}

/**
 * x with `l lᵀ x = b`, from the factor of `cholesky`. `[..., n, n]`, `[..., n, k]` or `[n]` -> like b
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const { l } = cholesky(tensor([[4, 2], [2, 5]]))
 * choleskySolve(l, tensor([8, 12]))   // [1, 2]
 */
export function choleskySolve(l: Tensor, b: Tensor): Tensor {
  requireSquare('choleskySolve', l)
  requireRightHandSide('choleskySolve', l, b)
  return withVectors(b, (columns) => {
    const [factor, right] = sameBatch('choleskySolve', l, columns)
    const params = { lower: true, unit: false }
    const y = bind1(triangularSolvePrimitive, [factor, right], { ...params, transposed: false })
    return bind1(triangularSolvePrimitive, [factor, y], { ...params, transposed: true })
  })
}
