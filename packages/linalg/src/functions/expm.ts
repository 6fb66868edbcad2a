// The matrix exponential and its Fréchet derivative, which is a block of the exponential of a matrix of twice the size.
// A. Al-Mohy, N. Higham, Computing the Fréchet Derivative of the Matrix Exponential, SIAM J. Matrix Anal. Appl. 2009.

import {
  bind,
  bind1,
  concat,
  definePrimitive,
  type MaybeZero,
  type Primitive,
  type Tensor,
  zerosLike,
} from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import {
  everyLane,
  leading,
  requireOneDType,
  requireSquare,
  requireSquareOf,
  sameBatch,
  submatrix,
  transposed,
} from '../checks.js'
import { exponential } from '../kernels/expm.js'
import { type Algorithm, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import type { MatrixLike } from '../operators/linear-operator.js'

const exponentials: Algorithm<object> = (tools, { inputs: [a] }) => {
  const n = a.shape[a.shape.length - 1]
  return (inputs, outputs) => {
    forEachMatrix(tools, sizeOf(leading(a)), (b, own) => {
      const at = b * n * n
      const work = own.scratch(n * n)
      for (let i = 0; i < n * n; i++) work[i] = inputs[0][at + i]
      exponential(own, work, n, outputs[0] as Float64Array, at)
    })
  }
}

const derivatives: Algorithm<object> = (tools, { inputs: [a] }) => {
  const n = a.shape[a.shape.length - 1]
  const width = 2 * n
  return ([matrix, direction], [out]) => {
    forEachMatrix(tools, sizeOf(leading(a)), (b, own) => {
      const at = b * n * n
      const work = own.scratch(width * width)
      const result = own.scratch(width * width)
      work.fill(0, 0, width * width)
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          work[i * width + j] = matrix[at + i * n + j]
          work[(i + n) * width + j + n] = matrix[at + i * n + j]
          work[i * width + j + n] = direction[at + i * n + j]
        }
      }
      exponential(own, work, width, result, 0)
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[at + i * n + j] = result[i * width + j + n]
    })
  }
}

/** `[a]` -> its exponential. */
export const expmPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/linalg:expm', {
  shape: ([a]) => {
    requireSquare('expm', a)
    return [{ shape: a.shape, dtype: a.dtype }]
  },
  jvp: ([a], [da]) => [da === null ? null : bind1(expmFrechetPrimitive, [a, da])],
  vmap: (inputs) => bind(expmPrimitive, inputs),
  reference: referenceRule(exponentials),
  kernels: { cpu: cpuKernel(exponentials) },
})

/** `[a, e]` -> the derivative of the exponential at a in direction e, which is linear in e. */
export const expmFrechetPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/linalg:expmFrechet', {
  shape: ([a, e]) => {
    requireSquare('expmFrechet', a)
    requireOneDType('expmFrechet', a, e)
    return [{ shape: a.shape, dtype: a.dtype }]
  },
  jvp: ([a, e], [da, de]) => {
    if (da === null) return [de === null ? null : bind1(expmFrechetPrimitive, [a, de])]
    const n = a.shape[a.ndim - 1]
    const moved = bind1(expmFrechetPrimitive, [triangle(a, e), triangle(da, de)])
    return [submatrix(moved, [0, n], [n, 2 * n])]
  },
  transpose: ([ct], [a]): MaybeZero[] => {
    if (ct === null || a.linear) return [null, null]
    return [null, bind1(expmFrechetPrimitive, [transposed(a.value), ct])]
  },
  vmap: (inputs, batched, size) => bind(expmFrechetPrimitive, everyLane(inputs, batched, size)),
  reference: referenceRule(derivatives),
  kernels: { cpu: cpuKernel(derivatives) },
})

/** `[[a, e], [0, a]]`; a missing e is zero. */
function triangle(a: Tensor, e: MaybeZero): Tensor {
  const zero = zerosLike(a)
  const upper = concat([a, e ?? zero], a.ndim - 1)
  return concat([upper, concat([zero, a], a.ndim - 1)], a.ndim - 2)
}

/**
 * The matrix exponential. `[..., n, n]`; NaN where an entry is not finite.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * expm(tensor([[0, 1], [0, 0]]))   // [[1, 1], [0, 1]]
 */
export function expm(a: MatrixLike): Tensor {
  return bind1(expmPrimitive, [requireSquareOf('expm', a)])
}

/**
 * The derivative of the matrix exponential at `a` in direction `e`. `[..., n, n]`, `[..., n, n]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * expmFrechet(tensor([[0, 0], [0, 0]]), tensor([[1, 2], [3, 4]]))   // [[1, 2], [3, 4]]
 */
export function expmFrechet(a: MatrixLike, e: MatrixLike): Tensor {
  const [matrix, direction] = [requireSquareOf('expmFrechet', a), requireSquareOf('expmFrechet', e)]
  requireOneDType('expmFrechet', matrix, direction)
  return bind1(expmFrechetPrimitive, sameBatch('expmFrechet', matrix, direction))
}
