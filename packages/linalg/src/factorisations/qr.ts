// The QR factorisation, also with column pivoting.
// Derivatives: S. F. Walter, L. Lehmann, Algorithmic Differentiation of Linear Algebra Functions with Application in Optimum
// Experimental Design, 2010; wide matrices: D. Roberts, L. Roberts, QR and LQ Decomposition Matrix Backpropagation, 2020.

import {
  AdjointError,
  add,
  bind,
  broadcastTo,
  concat,
  definePrimitive,
  matmul,
  type Primitive,
  sub,
  type Tensor,
  takeAlongAxis,
  tril,
} from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import { leading, requireMatrix, requireMatrixOf, submatrix, transposed, typeOf } from '../checks.js'
import { pivotOrder, reduceQr } from '../kernels/qr.js'
import { accumulate } from '../kernels/reflectors.js'
import { type Algorithm, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { solveUpperRight } from '../solves/triangular-solve.js'

/** Parameters of the primitive `qr`. */
export interface QrParams {
  readonly complete: boolean
}

const algorithm: Algorithm<QrParams> = (tools, { inputs: [{ shape }], outputs }) => {
  const [m, n] = shape.slice(-2)
  const count = Math.min(m, n)
  const rank = outputs[0].shape[outputs[0].shape.length - 1]
  const batch = sizeOf(shape.slice(0, -2))
  return (inputs, results) => {
    const a = inputs[0] as Float64Array
    const [q, r] = results as [Float64Array, Float64Array]
    forEachMatrix(tools, batch, (b, own) => {
      const work = own.scratch(m * n)
      for (let i = 0; i < m * n; i++) work[i] = a[b * m * n + i]
      const v = { data: own.scratch(count * m), stride: m, first: 0, count, length: m, tau: own.scratch(count) }
      reduceQr(own, work, 0, m, n, v)
      for (let i = 0; i < rank; i++) {
        const row = (b * rank + i) * n
        for (let j = 0; j < n; j++) r[row + j] = j < i ? 0 : work[i * n + j]
      }
      accumulate(own, v, q, b * m * rank, rank)
    })
  }
}

/** `[a]` -> `[q, r]`; derivatives for `m >= n`. */
export const qrPrimitive: Primitive<QrParams> = /* @__PURE__ */ definePrimitive<QrParams>('@adjoint/linalg:qr', {
  shape: ([a], { complete }) => {
    requireMatrix('qr', a)
    const [m, n] = a.shape.slice(-2)
    const rank = complete ? m : Math.min(m, n)
    return [
      { shape: [...leading(a), m, rank], dtype: a.dtype },
      { shape: [...leading(a), rank, n], dtype: a.dtype },
    ]
  },
  jvp: ([a], [da], [q, r], { complete }) => {
    if (da === null) return [null, null]
    const [m, n] = a.shape.slice(-2)
    if (m < n || (complete && m > n)) {
      throw new AdjointError('not-differentiable', {
        fn: 'qr',
        given: `${complete ? 'the complete factorisation of ' : ''}${typeOf(a)}`,
        expected: 'the reduced factorisation',
        fix: "The columns that complete q are not a function of the matrix: use mode 'reduced'",
      })
    }
    const scaled = solveUpperRight(r, da)
    const inner = matmul(transposed(q), scaled)
    const below = tril(inner, -1)
    const turn = sub(below, transposed(below))
    return [add(matmul(q, sub(turn, inner)), scaled), matmul(sub(inner, turn), r)]
  },
  vmap: (inputs, _, __, params) => bind(qrPrimitive, inputs, params),
  reference: referenceRule(algorithm),
  kernels: { cpu: cpuKernel(algorithm) },
})

const pivoting: Algorithm<object> = (tools, { inputs: [{ shape }] }) => {
  const [m, n] = shape.slice(-2)
  return (inputs, outputs) => {
    const a = inputs[0] as Float64Array
    forEachMatrix(tools, sizeOf(shape.slice(0, -2)), (b, own) => {
      const work = own.scratch(m * n)
      for (let i = 0; i < m * n; i++) work[i] = a[b * m * n + i]
      pivotOrder(own, work, 0, m, n, outputs[0] as Int32Array, b * n)
    })
  }
}

/** `[a]` -> the order of columns in which QR reveals the rank. */
export const columnPivotsPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/linalg:columnPivots', {
  shape: ([a]) => {
    requireMatrix('pivotedQr', a)
    return [{ shape: [...leading(a), a.shape[a.shape.length - 1]], dtype: 'int32' }]
  },
  jvp: () => [null],
  vmap: (inputs) => bind(columnPivotsPrimitive, inputs),
  reference: referenceRule(pivoting),
  kernels: { cpu: cpuKernel(pivoting) },
})

/** Options of `qr`. */
export interface QrOptions {
  /** `'reduced'`: q has `min(m, n)` columns; `'complete'`: it is square, and has no derivatives if m > n. @defaultValue 'reduced' */
  readonly mode?: 'reduced' | 'complete'
}

/** What `qr` returns. */
export interface Qr {
  /** Orthonormal columns, `[..., m, k]`. */
  readonly q: Tensor
  /** Upper triangular, `[..., k, n]`; its diagonal may have any sign. */
  readonly r: Tensor
}

/**
 * The QR factorisation `a = q r`, by Householder reflections. `[..., m, n]`
 *
 * Derivatives need the first `min(m, n)` columns of `a` to be linearly independent.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`; `not-differentiable` for derivatives of complete factorisations
 * @example
 * const { q, r } = qr(tensor([[3, 1], [4, 2]]))
 * q.matmul(r)   // [[3, 1], [4, 2]]
 */
export function qr(a: MatrixLike, { mode = 'reduced' }: QrOptions = {}): Qr {
  const matrix = requireMatrixOf('qr', a)
  const [m, n] = matrix.shape.slice(-2)
  const params = { complete: mode === 'complete' }
  if (m >= n) {
    const [q, r] = bind(qrPrimitive, [matrix], params)
    return { q, r }
  }
  const [q, left] = bind(qrPrimitive, [submatrix(matrix, [0, m], [0, m])], params)
  return { q, r: concat([left, matmul(transposed(q), submatrix(matrix, [0, m], [m, n]))], matrix.ndim - 1) }
}

/** What `pivotedQr` returns. */
export interface PivotedQr extends Qr {
  /** int32 `[..., n]`: the columns of `a` in the order of `q r`. */
  readonly permutation: Tensor
}

/**
 * QR with column pivoting: `take(a, permutation, -1) = q r`, the diagonal of r decreasing in size. `[..., m, n]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * pivotedQr(tensor([[1, 3], [0, 4]])).permutation   // [1, 0]
 */
export function pivotedQr(a: MatrixLike): PivotedQr {
  const matrix = requireMatrixOf('pivotedQr', a)
  const [permutation] = bind(columnPivotsPrimitive, [matrix])
  const rows = permutation.reshape([...leading(matrix), 1, permutation.shape[permutation.ndim - 1]])
  const columns = takeAlongAxis(matrix, broadcastTo(rows, matrix.shape), -1)
  return { ...qr(columns), permutation }
}
