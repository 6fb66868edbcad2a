// The inverse of square matrices, by LU with partial pivoting.
// Derivative: M. Giles, An extended collection of matrix derivative results for forward and reverse mode AD, 2008.

import { bind, bind1, definePrimitive, matmul, type Primitive, type Tensor } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import { leading, requireSquare, requireSquareOf } from '../checks.js'
import { factorLu } from '../kernels/lu.js'
import { type Algorithm, allFinite, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import { solveTriangular } from '../kernels/triangular.js'
import type { MatrixLike } from '../operators/linear-operator.js'

const algorithm: Algorithm<object> = (tools, { inputs: [a] }) => {
  const n = a.shape[a.shape.length - 1]
  const size = n * n
  const pivots = new Int32Array(n)
  return (inputs, outputs) => {
    const source = inputs[0] as Float64Array
    const x = outputs[0] as Float64Array
    const data = tools.scratch(size)
    const low = { data, at: 0, row: n, column: 1, lower: true, unit: true }
    const high = { data, at: 0, row: n, column: 1, lower: false, unit: false }
    const rows = { data: x, at: 0, stride: n, columns: n }
    forEachMatrix(tools, sizeOf(leading(a)), (b, own) => {
      const at = b * size
      for (let i = 0; i < size; i++) data[i] = source[at + i]
      if (!allFinite(data, 0, size) || factorLu(own, data, 0, n, n, pivots, 0) !== 0) {
        x.fill(NaN, at, at + size)
        return
      }
      writePermutation(pivots, x, at, n)
      rows.at = at
      solveTriangular(own, low, n, rows)
      solveTriangular(own, high, n, rows)
    })
  }
}

/** The identity with its rows swapped. */
function writePermutation(pivots: Int32Array, x: Float64Array, at: number, n: number): void {
  for (let i = 0; i < n * n; i++) x[at + i] = 0
  for (let i = 0; i < n; i++) x[at + i * (n + 1)] = 1
  for (let i = 0; i < n; i++) {
    if (pivots[i] === i) continue
    const one = at + i * n
    const other = at + pivots[i] * n
    for (let j = 0; j < n; j++) {
      const kept = x[one + j]
      x[one + j] = x[other + j]
      x[other + j] = kept
    }
  }
}

/** `[a]` -> its inverse. */
export const invPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/linalg:inv', {
  shape: ([a]) => {
    requireSquare('inv', a)
    return [{ shape: a.shape, dtype: a.dtype }]
  },
  jvp: (_, [da], [x]) => [da === null ? null : matmul(matmul(x, da), x).neg()],
  vmap: (inputs) => bind(invPrimitive, inputs),
  reference: referenceRule(algorithm),
  kernels: { cpu: cpuKernel(algorithm) },
})

/**
 * The inverse. `[..., n, n]`; NaN where a matrix is exactly singular or not finite.
 *
 * To solve a system, `solve` is faster and more accurate.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * inv(tensor([[2, 0], [0, 4]]))   // [[0.5, 0], [0, 0.25]]
 */
export function inv(a: MatrixLike): Tensor {
  return bind1(invPrimitive, [requireSquareOf('inv', a)])
}
