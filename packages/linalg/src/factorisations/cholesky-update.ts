// The Cholesky factor of a matrix after a rank-one change, in n^2 instead of n^3 operations.
// P. Gill, G. Golub, W. Murray, M. Saunders, Methods for Modifying Matrix Factorizations, Mathematics of Computation 1974.

import { add, bind, definePrimitive, expandDims, matmul, mul, type Primitive, type Tensor, tril } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import { everyLane, leading, requireRightHandSide, requireSquare, sameBatch, transposed } from '../checks.js'
import { type Algorithm, allFinite, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import { lowerHalf, solveLower } from '../solves/triangular-solve.js'
import type { Cholesky } from './cholesky.js'

/** Parameters of the primitive `choleskyUpdate`: `l lᵀ + sign v vᵀ`. */
export interface CholeskyUpdateParams {
  readonly sign: 1 | -1
}

const algorithm: Algorithm<CholeskyUpdateParams> = (tools, { inputs: [{ shape }], params: { sign } }) => {
  const n = shape[shape.length - 1]
  const batch = sizeOf(shape.slice(0, -2))
  return ([factor, vectors], outputs) => {
    const [l, info] = outputs as [Float64Array, Int32Array]
    forEachMatrix(tools, batch, (b, own) => {
      const at = b * n * n
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) l[at + i * n + j] = j <= i ? factor[at + i * n + j] : 0
      const v = own.scratch(n)
      for (let i = 0; i < n; i++) v[i] = vectors[b * n + i]
      const failed = rotateIn(l, at, n, v, sign)
      info[b] = failed === 0 || allFinite(l, at, n * n) ? failed : -1
      if (failed !== 0) l.fill(NaN, at, at + n * n)
    })
  }
}

/** Plane rotations, hyperbolic ones for the minus sign, take v into l; returns 0 or the order that is not definite. */
function rotateIn(l: Float64Array, at: number, n: number, v: Float64Array, sign: 1 | -1): number {
  for (let j = 0; j < n; j++) {
    const pivot = l[at + j * n + j]
    const square = pivot * pivot + sign * v[j] * v[j]
    if (!(square > 0)) return j + 1
    const r = Math.sqrt(square)
    const c = r / pivot
    const s = v[j] / pivot
    l[at + j * n + j] = r
    for (let i = j + 1; i < n; i++) {
      const place = at + i * n + j
      l[place] = (l[place] + sign * s * v[i]) / c
      v[i] = c * v[i] - s * l[place]
    }
  }
  return 0
}

/** `[l, v]`, v as a column -> `[l, info]`. */
export const choleskyUpdatePrimitive: Primitive<CholeskyUpdateParams> = /* @__PURE__ */ definePrimitive(
  '@adjoint/linalg:choleskyUpdate',
  {
    shape: ([l, v]) => {
      requireSquare('choleskyUpdate', l)
      requireRightHandSide('choleskyUpdate', l, v)
      return [
        { shape: l.shape, dtype: l.dtype },
        { shape: leading(l), dtype: 'int32' },
      ]
    },
    jvp: ([l, v], [dl, dv], [out], { sign }: CholeskyUpdateParams) => {
      const parts = [
        dl === null ? null : matmul(tril(l), transposed(tril(dl))),
        dv === null ? null : mul(matmul(v, transposed(dv)), sign),
      ]
      const half = parts.reduce((a, b) => (a === null ? b : b === null ? a : add(a, b)))
      if (half === null) return [null, null]
      const inner = solveLower(out, transposed(solveLower(out, add(half, transposed(half)))))
      return [matmul(out, lowerHalf(inner)), null]
    },
    vmap: (inputs, batched, size, params: CholeskyUpdateParams) =>
      bind(choleskyUpdatePrimitive, everyLane(inputs, batched, size), params),
    reference: referenceRule(algorithm),
    kernels: { cpu: cpuKernel(algorithm) },
  },
)

/**
 * The Cholesky factor of `l lᵀ + v vᵀ`. `[..., n, n]`, `[n]` or `[..., n]` over the same leading axes
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * choleskyUpdate(tensor([[2, 0], [0, 1]]), tensor([0, 1])).l   // [[2, 0], [0, 1.414...]]
 */
export function choleskyUpdate(l: Tensor, v: Tensor): Cholesky {
  return changed('choleskyUpdate', l, v, 1)
}

/**
 * The Cholesky factor of `l lᵀ - v vᵀ`; `info` is not 0 where that is not positive definite. `[..., n, n]`, `[..., n]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * choleskyDowndate(tensor([[2, 0], [0, 1]]), tensor([1, 0])).l   // [[1.732..., 0], [0, 1]]
 */
export function choleskyDowndate(l: Tensor, v: Tensor): Cholesky {
  return changed('choleskyDowndate', l, v, -1)
}

function changed(fn: string, factor: Tensor, v: Tensor, sign: 1 | -1): Cholesky {
  requireSquare(fn, factor)
  const column = expandDims(v, -1)
  requireRightHandSide(fn, factor, column)
  const [l, info] = bind(choleskyUpdatePrimitive, sameBatch(fn, factor, column), { sign })
  return { l, info }
}
