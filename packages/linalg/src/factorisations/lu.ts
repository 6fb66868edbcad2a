// The LU factorisation with partial pivoting.
// Derivative: S. F. Walter, L. Lehmann, Algorithmic Differentiation of Linear Algebra Functions, 2010, for square and others.

import {
  add,
  bind,
  bind1,
  broadcastTo,
  concat,
  definePrimitive,
  matmul,
  type Primitive,
  pad,
  sub,
  type Tensor,
  tril,
} from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import {
  eyeLike,
  leading,
  requireMatrix,
  requireMatrixOf,
  requireRightHandSide,
  requireSquare,
  sameBatch,
  submatrix,
  takeRows,
  withVectors,
} from '../checks.js'
import { factorLu } from '../kernels/lu.js'
import { type Algorithm, allFinite, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import type { MatrixLike } from '../operators/linear-operator.js'
import { solveUpperRight, triangularSolvePrimitive } from '../solves/triangular-solve.js'

const algorithm: Algorithm<object> = (tools, { inputs: [{ shape }] }) => {
  const [m, n] = shape.slice(-2)
  const k = Math.min(m, n)
  const batch = sizeOf(shape.slice(0, -2))
  return (inputs, outputs) => {
    const a = inputs[0] as Float64Array
    const lu = outputs[0] as Float64Array
    const [, pivots, permutation, info] = outputs as readonly Int32Array[]
    lu.set(a)
    forEachMatrix(tools, batch, (i, own) => {
      const at = i * m * n
      const finite = allFinite(a, at, m * n)
      info[i] = finite ? factorLu(own, lu, at, m, n, pivots, i * k) : -1
      if (!finite) fillFailed(lu, pivots, at, m * n, i * k, k)
      permute(pivots, i * k, k, permutation, i * m, m)
    })
  }
}

function fillFailed(lu: Float64Array, pivots: Int32Array, at: number, size: number, start: number, k: number): void {
  lu.fill(NaN, at, at + size)
  for (let j = 0; j < k; j++) pivots[start + j] = j
}

/** The order of rows that swaps in turn lead to. */
function permute(pivots: Int32Array, from: number, k: number, order: Int32Array, at: number, m: number): void {
  for (let i = 0; i < m; i++) order[at + i] = i
  for (let i = 0; i < k; i++) {
    const other = pivots[from + i]
    const kept = order[at + i]
    order[at + i] = order[at + other]
    order[at + other] = kept
  }
}

/** `[a]` -> `[lu, pivots, permutation, info]`. */
export const luPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/linalg:lu', {
  shape: ([a]) => {
    requireMatrix('lu', a)
    const lead = leading(a)
    const [m, n] = a.shape.slice(-2)
    return [
      { shape: a.shape, dtype: a.dtype },
      { shape: [...lead, Math.min(m, n)], dtype: 'int32' },
      { shape: [...lead, m], dtype: 'int32' },
      { shape: lead, dtype: 'int32' },
    ]
  },
  jvp: (_, [da], [lu, , permutation]) => {
    if (da === null) return [null, null, null, null]
    const [m, n] = lu.shape.slice(-2)
    const l = squareLower(lu, m, n)
    const u = squareUpper(lu, m, n)
    const left = bind1(triangularSolvePrimitive, [l, takeRows(da, permutation)], {
      lower: true,
      transposed: false,
      unit: true,
    })
    const inner = solveUpperRight(u, left)
    const below = tril(inner, -1)
    return [add(matmul(l, below), matmul(sub(inner, below), u)), null, null, null]
  },
  vmap: (inputs) => bind(luPrimitive, inputs),
  reference: referenceRule(algorithm),
  kernels: { cpu: cpuKernel(algorithm) },
})

/** L as `[m, m]`, with columns of the identity where the matrix is wide. */
function squareLower(lu: Tensor, m: number, n: number): Tensor {
  const part = tril(m > n ? widened(lu, 0, m - n) : submatrix(lu, [0, m], [0, m]), -1)
  return add(part, eyeLike(lu, m))
}

/** U as `[n, n]`, with rows of the identity where the matrix is wide. */
function squareUpper(lu: Tensor, m: number, n: number): Tensor {
  const rows = m > n ? submatrix(lu, [0, n], [0, n]) : lu
  const upper = sub(rows, tril(rows, -1))
  if (m >= n) return upper
  const corner = eyeLike(lu, n)
  return add(widened(upper, n - m, 0), tail(corner, m))
}

function widened(x: Tensor, rows: number, columns: number): Tensor {
  return pad(x, [...leading(x).map((): [number, number] => [0, 0]), [0, rows], [0, columns]])
}

/** A matrix with its first rows zero. */
function tail(x: Tensor, from: number): Tensor {
  const rest = x.slice([from, x.shape[0]])
  return concat([x.slice([0, from]).mul(0), rest])
}

/** What `lu` returns. */
export interface Lu {
  /** L below the diagonal (its own diagonal is ones), U on and above it, `[..., m, n]`. */
  readonly lu: Tensor
  /** int32 `[..., min(m, n)]`: row i was swapped with this one, in turn. */
  readonly pivots: Tensor
  /** int32 `[..., m]`: the rows of `a` in the order of `l u`. */
  readonly permutation: Tensor
  /** int32 `[...]`: 0, or one more than the place of the first zero pivot, or -1 for NaN or infinities in the input. */
  readonly info: Tensor
}

/**
 * The LU factorisation with partial pivoting: `take(a, permutation) = l u`. `[..., m, n]`
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const factors = lu(tensor([[0, 1], [2, 4]]))
 * factors.lu            // [[2, 4], [0, 1]]
 * factors.permutation   // [1, 0]
 */
export function lu(a: MatrixLike): Lu {
  const [packed, pivots, permutation, info] = bind(luPrimitive, [requireMatrixOf('lu', a)])
  return { lu: packed, pivots, permutation, info }
}

/**
 * x with `a x = b`, from the factors of `lu`. `[..., n, n]`, `[..., n, k]` or `[n]` -> like b
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * luSolve(lu(tensor([[0, 1], [2, 4]])), tensor([2, 10]))   // [1, 2]
 */
export function luSolve({ lu: packed, permutation }: Pick<Lu, 'lu' | 'permutation'>, b: Tensor): Tensor {
  requireSquare('luSolve', packed)
  requireRightHandSide('luSolve', packed, b)
  return withVectors(b, (columns) => {
    const [factors, right] = sameBatch('luSolve', packed, columns)
    const order = permutation.ndim === factors.ndim - 1 ? permutation : broadcastRows(permutation, factors)
    const params = { transposed: false }
    const y = bind1(triangularSolvePrimitive, [factors, takeRows(right, order)], { ...params, lower: true, unit: true })
    return bind1(triangularSolvePrimitive, [factors, y], { ...params, lower: false, unit: false })
  })
}

function broadcastRows(permutation: Tensor, { shape }: Tensor): Tensor {
  return broadcastTo(permutation, shape.slice(0, -1))
}
