// The singular value decomposition.
// Derivative: J. Townsend, Differentiating the Singular Value Decomposition, 2016; Z.-Q. Wan, S.-X. Zhang, Automatic
// Differentiation for Complex Valued SVD, 2019.

import {
  add,
  bind,
  bind1,
  concat,
  definePrimitive,
  expandDims,
  matmul,
  mul,
  type Primitive,
  sub,
  type Tensor,
} from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import { diagonalOf, leading, requireMatrix, requireMatrixOf, submatrix, transposed } from '../checks.js'
import { singularValues } from '../kernels/svd.js'
import { type Algorithm, allFinite, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { reciprocalGaps, reciprocalOrZero } from './gaps.js'
import { qr } from './qr.js'

/** Parameters of the primitive `svd`. */
export interface SvdParams {
  readonly vectors: boolean
}

const algorithm: Algorithm<SvdParams> = (tools, { inputs: [{ shape }], params: { vectors } }) => {
  const [m, n] = shape.slice(-2)
  const batch = sizeOf(shape.slice(0, -2))
  return (inputs, outputs) => {
    const a = inputs[0] as Float64Array
    const [s, info] = outputs as [Float64Array, Int32Array]
    const [u, vt] = vectors ? (outputs.slice(2) as [Float64Array, Float64Array]) : [null, null]
    forEachMatrix(tools, batch, (b, own) => {
      const work = own.scratch(m * n)
      const size = scaled(a, b * m * n, m * n, work)
      const target = { s, sAt: b * n, u, uAt: b * m * n, vt, vtAt: b * n * n }
      info[b] = Number.isFinite(size) ? singularValues(own, work, m, n, target) : -1
      if (info[b] === 0) for (let i = b * n; i < (b + 1) * n; i++) s[i] *= size
      else {
        s.fill(NaN, b * n, (b + 1) * n)
        u?.fill(NaN, b * m * n, (b + 1) * m * n)
        vt?.fill(NaN, b * n * n, (b + 1) * n * n)
      }
    })
  }
}

/** A copy divided by a power of two near its largest entry, which is returned. */
function scaled(a: Float64Array, at: number, count: number, out: Float64Array): number {
  if (!allFinite(a, at, count)) return NaN
  let largest = 0
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(a[at + i]))
  const size = largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest))
  for (let i = 0; i < count; i++) out[i] = a[at + i] / size
  return size
}

/** `[a]`, at least as tall as wide -> `[s, info, u, vt]`, the last two if the parameters ask for them. */
export const svdPrimitive: Primitive<SvdParams> = /* @__PURE__ */ definePrimitive<SvdParams>('@adjoint/linalg:svd', {
  shape: ([a], { vectors }) => {
    requireMatrix('svd', a)
    const lead = leading(a)
    const { dtype, shape } = a
    const n = shape[shape.length - 1]
    const values = [
      { shape: [...lead, n], dtype },
      { shape: lead, dtype: 'int32' },
    ] as const
    return vectors ? [...values, { shape, dtype }, { shape: [...lead, n, n], dtype }] : values
  },
  jvp: ([a], [da], outputs, { vectors }) => {
    if (da === null) return outputs.map(() => null)
    const [s, , u, vt] = vectors ? outputs : bind(svdPrimitive, [a], { vectors: true })
    const across = matmul(da, transposed(vt))
    const inner = matmul(transposed(u), across)
    const moved = diagonalOf(inner)
    if (!vectors) return [moved, null]
    const row = expandDims(s, -2)
    const column = expandDims(s, -1)
    const gaps = mul(reciprocalGaps(s), reciprocalSums(s))
    const back = transposed(inner)
    const turnU = mul(gaps, add(mul(inner, row), mul(column, back)))
    const turnV = mul(gaps, add(mul(column, inner), mul(back, row)))
    const outside = mul(sub(across, matmul(u, inner)), expandDims(reciprocalOrZero(s, s), -2))
    return [moved, null, add(matmul(u, turnU), outside), matmul(transposed(turnV), vt)]
  },
  vmap: (inputs, _, __, params) => bind(svdPrimitive, inputs, params),
  reference: referenceRule(algorithm),
  kernels: { cpu: cpuKernel(algorithm) },
})

/** `1 / (s[i] + s[j])`, or 0 where both vanish. */
function reciprocalSums(s: Tensor): Tensor {
  return reciprocalOrZero(add(expandDims(s, -2), expandDims(s, -1)), expandDims(s, -2))
}

/** What `svd` returns, for `k = min(m, n)`; complete, u is `[..., m, m]` and vt `[..., n, n]`. */
export interface Svd {
  /** Orthonormal columns, `[..., m, k]`. */
  readonly u: Tensor
  /** Singular values in descending order, `[..., k]`. */
  readonly s: Tensor
  /** Orthonormal rows, `[..., k, n]`. */
  readonly vt: Tensor
  /** int32 `[...]`: 0, or how many values did not converge, or -1 for NaN or infinities; the rest is NaN then. */
  readonly info: Tensor
}

/** Options of `svd`. */
export interface SvdOptions {
  /**
   * `'reduced'`: u and vt have `min(m, n)` columns and rows; `'complete'`: both are square, and have no derivatives unless a
   * is. @defaultValue 'reduced'
   */
  readonly mode?: 'reduced' | 'complete'
}

/**
 * The singular value decomposition `a = u diag(s) vt`. `[..., m, n]`
 *
 * Singular vectors are determined up to their sign. Within a repeated singular value, and for zero, derivatives hold the
 * vectors fixed to each other: right for functions of the values and of whole singular subspaces.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`; `not-differentiable` for derivatives of complete vectors
 * @example
 * const { u, s, vt } = svd(tensor([[3, 0], [0, -4]]))   // s [4, 3]
 */
export function svd(a: MatrixLike, { mode = 'reduced' }: SvdOptions = {}): Svd {
  const matrix = requireMatrixOf('svd', a)
  const [m, n] = matrix.shape.slice(-2)
  if (m < n) {
    const { u, s, vt, info } = svd(transposed(matrix), { mode })
    return { u: transposed(vt), s, vt: transposed(u), info }
  }
  const [s, info, u, vt] = bind(svdPrimitive, [matrix], { vectors: true })
  return { u: mode === 'complete' ? completed(u) : u, s, vt, info }
}

/** Orthonormal columns with those that are missing in a basis. */
function completed(u: Tensor): Tensor {
  const [m, n] = u.shape.slice(-2)
  if (m === n) return u
  return concat([u, submatrix(qr(u, { mode: 'complete' }).q, [0, m], [n, m])], u.ndim - 1)
}

/**
 * Singular values in descending order, without the cost of singular vectors. `[..., m, n]` -> `[..., min(m, n)]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * svdvals(tensor([[3, 0], [0, -4]]))   // [4, 3]
 */
export function svdvals(a: MatrixLike): Tensor {
  const matrix = requireMatrixOf('svdvals', a)
  const [m, n] = matrix.shape.slice(-2)
  return bind1(svdPrimitive, [m < n ? transposed(matrix) : matrix], { vectors: false })
}
