// Square systems, inverses: factored once, by LU, also for all derivatives, which solve with the same factors.

import {
  bind,
  bind1,
  broadcastTo,
  definePrimitive,
  isTensor,
  matmul,
  moveAxis,
  type Primitive,
  stopGradient,
  sub,
  type Tensor,
  vmap,
} from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import {
  everyLane,
  eyeLike,
  leading,
  requireFloats,
  requireRightHandSide,
  requireSquare,
  requireSquareOf,
  sameBatch,
  transposed as transposeMatrix,
  withVectors,
} from '../checks.js'
import { luPrimitive } from '../factorisations/lu.js'
import { type Algorithm, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import { solveTriangular, type Triangle } from '../kernels/triangular.js'
import type { LinearOperator, MatrixLike } from '../operators/linear-operator.js'
import { besideEachOther } from './triangular-solve.js'

/** Parameters of the primitive `solve`. */
export interface SolveParams {
  readonly transposed: boolean
}

const algorithm: Algorithm<SolveParams> = (tools, { inputs, params: { transposed } }) => {
  const [n, columns] = inputs[3].shape.slice(-2)
  const batch = sizeOf(leading(inputs[0]))
  return ([, factors, order, right], [out]) => {
    const data = factors as Float64Array
    const b = right as Float64Array
    const x = out as Float64Array
    const work = transposed ? tools.scratch(n * columns) : x
    const [low, high] = triangles(data, n, transposed)
    const rows = { data: work, at: 0, stride: columns, columns }
    forEachMatrix(tools, batch, (i, own) => {
      const start = i * n * columns
      low.at = i * n * n
      high.at = low.at
      if (isSingular(data, low.at, n)) x.fill(NaN, start, start + n * columns)
      else if (transposed) {
        for (let j = 0; j < n * columns; j++) work[j] = b[start + j]
        solveTriangular(own, low, n, rows)
        solveTriangular(own, high, n, rows)
        for (let j = 0; j < n; j++) copyRow(work, j * columns, x, start + order[i * n + j] * columns, columns)
      } else {
        for (let j = 0; j < n; j++) copyRow(b, start + order[i * n + j] * columns, x, start + j * columns, columns)
        rows.at = start
        solveTriangular(own, low, n, rows)
        solveTriangular(own, high, n, rows)
      }
    })
  }
}

/** L and U of packed factors, or the transposes of U and L: the lower triangle first, as they are solved. */
function triangles(data: Float64Array, n: number, transposed: boolean): [Triangle, Triangle] {
  const [row, column] = transposed ? [1, n] : [n, 1]
  return [
    { data, at: 0, row, column, lower: true, unit: !transposed },
    { data, at: 0, row, column, lower: false, unit: transposed },
  ]
}

function copyRow(from: Float64Array, source: number, to: Float64Array, target: number, count: number): void {
  for (let c = 0; c < count; c++) to[target + c] = from[source + c]
}

function isSingular(lu: Float64Array, at: number, n: number): boolean {
  for (let j = 0; j < n; j++) if (lu[at + j * (n + 1)] === 0) return true
  return false
}

/**
 * `[a, lu, permutation, b]`: the x with `a x = b`. The factors are those of a: derivatives are taken with respect to a and b
 * alone, and pass the factors on.
 */
export const solvePrimitive: Primitive<SolveParams> = /* @__PURE__ */ definePrimitive<SolveParams>(
  '@adjoint/linalg:solve',
  {
    shape: ([a, , , b]) => {
      requireSquare('solve', a)
      requireRightHandSide('solve', a, b)
      return [{ shape: b.shape, dtype: b.dtype }]
    },
    jvp: ([a, lu, permutation, b], [da, , , db], [x], params) => {
      if (da === null && db === null) return [null]
      const moved = da === null ? null : matmul(params.transposed ? transposeMatrix(da) : da, x)
      const right = moved === null ? db : db === null ? moved.neg() : sub(db, moved)
      return [bind1(solvePrimitive, [a, lu, permutation, right ?? b], params)]
    },
    transpose: ([ct], [a, lu, permutation], { transposed }) => {
      if (ct === null || a.linear || lu.linear || permutation.linear) return [null, null, null, null]
      const inputs = [a.value, lu.value, permutation.value, ct]
      return [null, null, null, bind1(solvePrimitive, inputs, { transposed: !transposed })]
    },
    vmap: (inputs, batched, size, params) => {
      const [a, lu, permutation, b] = inputs
      if (batched[0] || batched[1] || batched[2]) return bind(solvePrimitive, everyLane(inputs, batched, size), params)
      return [besideEachOther(b, size, (columns) => bind1(solvePrimitive, [a, lu, permutation, columns], params))]
    },
    reference: referenceRule(algorithm),
    kernels: { cpu: cpuKernel(algorithm) },
  },
)

/**
 * The solution of `a x = b`, by LU with partial pivoting. `[..., n, n]`, `[..., n, k]` or `[n]` -> like b
 *
 * NaN where `a` is exactly singular; `lu(a).info` says so, `cond(a)` how far from it a matrix is. Derivatives of any order
 * reuse the factorisation. An operator that knows a better way than LU takes it: see `LinearOperator.solve`. Another, or a
 * function, is turned into its matrix; for large ones call `conjugateGradient`, `minres` or `gmres` instead.
 *
 * @param a - a tensor, an operator, or a linear function of vectors `[n]`
 * @param b - columns, or one vector; leading axes broadcast
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * solve(tensor([[2, 1], [1, 3]]), tensor([3, 5]))   // [0.8, 1.4]
 */
export function solve(a: MatrixLike | ((x: Tensor) => Tensor), b: Tensor): Tensor {
  if (typeof a === 'function') return solve(functionMatrix(a, b), b)
  if (!isTensor(a) && a?.solve !== undefined) return withOwnSolve(a.solve, a, b)
  const matrix = requireSquareOf('solve', a)
  requireRightHandSide('solve', matrix, b)
  return factored(matrix)(b)
}

/** @internal Solutions with a matrix that is factored once. */
export function factored(a: Tensor): (b: Tensor) => Tensor {
  const [factors, , permutation] = bind(luPrimitive, [stopGradient(a)])
  return (b) =>
    withVectors(b, (columns) => {
      if (columns.ndim === a.ndim && sameLead(a, columns)) {
        return bind1(solvePrimitive, [a, factors, permutation, columns], { transposed: false })
      }
      const [matrix, lu, right] = sameBatch('solve', a, factors, columns)
      const order = broadcastTo(permutation, lu.shape.slice(0, -1))
      return bind1(solvePrimitive, [matrix, lu, order, right], { transposed: false })
    })
}

/** The matrix of a linear function of vectors as long as b. */
function functionMatrix(apply: (x: Tensor) => Tensor, b: Tensor): Tensor {
  requireFloats('solve', b)
  const n = b.shape[Math.max(0, b.ndim - 2)] ?? 1
  return transposeMatrix(vmap(apply)(eyeLike(b, n)))
}

/** The columns `[..., n, k]`, or the vector, through the solver of an operator. */
function withOwnSolve(own: (b: Tensor) => Tensor, a: LinearOperator, b: Tensor): Tensor {
  requireRightHandSide('solve', a, b)
  if (b.ndim === 1) return own(b)
  const rows = moveAxis(b, -2, -1)
  const n = rows.shape[rows.ndim - 1]
  return moveAxis(vmap(own)(rows.reshape([-1, n])).reshape(rows.shape), -1, -2)
}

function sameLead(a: Tensor, b: Tensor): boolean {
  return leading(a).every((size, i) => size === b.shape[i])
}
