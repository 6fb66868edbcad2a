// Solving triangular systems; linear in the right-hand side, so that its transpose is a solve with the transposed matrix.

import {
  bind,
  bind1,
  definePrimitive,
  matmul,
  moveAxis,
  type Primitive,
  type PrimitiveRules,
  sub,
  type Tensor,
  tril,
} from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import {
  everyLane,
  eyeLike,
  leading,
  requireRightHandSide,
  requireSquare,
  requireSquareOf,
  sameBatch,
  transposed as transposeMatrix,
  withVectors,
} from '../checks.js'
import { type Algorithm, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import { solveTriangular } from '../kernels/triangular.js'
import type { MatrixLike } from '../operators/linear-operator.js'

/** Parameters of the primitive `triangularSolve`. */
export interface TriangularParams {
  readonly lower: boolean
  readonly transposed: boolean
  readonly unit: boolean
}

const algorithm: Algorithm<TriangularParams> = (tools, { inputs: [a, b], params }) => {
  const [n, columns] = b.shape.slice(-2)
  const { transposed, unit } = params
  const [row, column] = transposed ? [1, n] : [n, 1]
  const lower = params.lower !== transposed
  return ([matrix, right], [x]) => {
    x.set(right)
    const data = matrix as Float64Array
    forEachMatrix(tools, sizeOf(leading(a)), (i, own) => {
      const rows = { data: x as Float64Array, at: i * n * columns, stride: columns, columns }
      solveTriangular(own, { data, at: i * n * n, row, column, lower, unit }, n, rows)
    })
  }
}

/** `[a, b]`: the x with `a x = b`, for a triangle of a. */
export const triangularSolvePrimitive: Primitive<TriangularParams> = /* @__PURE__ */ definePrimitive<TriangularParams>(
  '@adjoint/linalg:triangularSolve',
  {
    shape: ([a, b]) => {
      requireSquare('triangularSolve', a)
      requireRightHandSide('triangularSolve', a, b)
      return [{ shape: b.shape, dtype: b.dtype }]
    },
    jvp: ([a, b], [da, db], [x], params) => {
      if (da === null && db === null) return [null]
      const moved = da === null ? null : matmul(operator(da, params), x)
      const right = moved === null ? db : db === null ? moved.neg() : sub(db, moved)
      return [bind1(triangularSolvePrimitive, [a, right ?? b], params)]
    },
    transpose: ([ct], [a], params) => {
      if (ct === null || a.linear) return [null, null]
      return [null, bind1(triangularSolvePrimitive, [a.value, ct], { ...params, transposed: !params.transposed })]
    },
    vmap: (inputs, batched, size, params) => {
      if (batched[0]) return bind(triangularSolvePrimitive, everyLane(inputs, batched, size), params)
      return [besideEachOther(inputs[1], size, (b) => bind1(triangularSolvePrimitive, [inputs[0], b], params))]
    },
    reference: referenceRule(algorithm),
    kernels: { cpu: cpuKernel(algorithm) },
  } satisfies PrimitiveRules<TriangularParams>,
)

/** Lanes of right-hand sides for one matrix are more columns. `b [size, ..., n, k]` */
export function besideEachOther(b: Tensor, size: number, solve: (columns: Tensor) => Tensor): Tensor {
  const shape = b.shape.slice(1)
  const columns = shape[shape.length - 1]
  const rows = shape.slice(0, -1)
  const x = solve(moveAxis(b, 0, -2).reshape([...rows, size * columns]))
  return moveAxis(x.reshape([...rows, size, columns]), -2, 0)
}

/** The part of a that acts, as it acts. */
function operator(a: Tensor, { lower, transposed, unit }: TriangularParams): Tensor {
  const part = lower ? tril(a, unit ? -1 : 0) : transposeMatrix(tril(transposeMatrix(a), unit ? -1 : 0))
  return transposed ? transposeMatrix(part) : part
}

/** Options of `triangularSolve`. */
export interface TriangularSolveOptions {
  /** Which triangle of `a` is read; the other is never looked at. @defaultValue 'lower' */
  readonly triangle?: 'lower' | 'upper'
  /** `'left'` solves `a x = b`, `'right'` solves `x a = b`. @defaultValue 'left' */
  readonly side?: 'left' | 'right'
  /** Whether to solve with the transpose of `a`. @defaultValue false */
  readonly transposed?: boolean
  /** Whether the diagonal counts as ones. @defaultValue false */
  readonly unitDiagonal?: boolean
}

/**
 * The solution of a triangular system. `[..., n, n]`, `[..., n, k]` or `[n]` -> like the right-hand side
 *
 * A zero on the diagonal gives infinities and NaN.
 *
 * @param a - square; one triangle is read
 * @param b - columns (rows for `side: 'right'`), or one vector; leading axes broadcast
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * triangularSolve(tensor([[2, 0], [1, 1]]), tensor([2, 3]))   // [1, 2]
 */
export function triangularSolve(a: MatrixLike, b: Tensor, options: TriangularSolveOptions = {}): Tensor {
  const { triangle = 'lower', side = 'left', transposed = false, unitDiagonal: unit = false } = options
  const matrix = requireSquareOf('triangularSolve', a)
  if (side === 'right' && b.ndim > 1) {
    const flipped = { ...options, side: 'left', transposed: !transposed } as const
    return transposeMatrix(triangularSolve(matrix, transposeMatrix(b), flipped))
  }
  requireRightHandSide('triangularSolve', matrix, b)
  const params = { lower: triangle === 'lower', transposed: transposed !== (side === 'right'), unit }
  return withVectors(b, (columns) =>
    bind1(triangularSolvePrimitive, sameBatch('triangularSolve', matrix, columns), params),
  )
}

/** x with `l x = b`, for the rules of other primitives. */
export function solveLower(l: Tensor, b: Tensor): Tensor {
  return bind1(triangularSolvePrimitive, [l, b], { lower: true, transposed: false, unit: false })
}

/** x with `x u = b`, for the rules of other primitives. */
export function solveUpperRight(u: Tensor, b: Tensor): Tensor {
  const params = { lower: false, transposed: true, unit: false }
  return transposeMatrix(bind1(triangularSolvePrimitive, [u, transposeMatrix(b)], params))
}

/** Half of the diagonal and what lies below it. */
export function lowerHalf(x: Tensor): Tensor {
  return tril(x).mul(sub(1, eyeLike(x, x.shape[x.ndim - 1]).mul(0.5)))
}
