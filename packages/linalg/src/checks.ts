// Checks and small shape helpers that the functions of this package share.

import {
  AdjointError,
  type Aval,
  bind1,
  broadcastTo,
  expandDims,
  eye,
  isTensor,
  type Shape,
  type Tensor,
  transpose,
  where,
} from '@adjoint/core'
import { broadcastShapes } from '@adjoint/core/codegen'
import { gatherPrimitive } from '@adjoint/core/primitives'
import type { MatrixLike } from './operators/linear-operator.js'

/** `float64[2, 3]`. */
export function typeOf({ dtype, shape }: Aval): string {
  return `${dtype}[${shape.join(', ')}]`
}

/** Refuses what is not a float matrix, or a batch of them. */
export function requireMatrix(fn: string, a: Aval): void {
  requireFloats(fn, a)
  if (a.shape.length >= 2) return
  throw new AdjointError('shape-mismatch', { fn, given: typeOf(a), expected: 'a matrix [..., m, n]' })
}

/** Refuses what is not a square float matrix, or a batch of them. */
export function requireSquare(fn: string, a: Aval): void {
  requireMatrix(fn, a)
  const [m, n] = a.shape.slice(-2)
  if (m === n) return
  throw new AdjointError('shape-mismatch', {
    fn,
    given: typeOf(a),
    expected: 'square matrices [..., n, n]',
    fix: 'Use lstsq() or pinv() for other systems',
  })
}

/** The matrix of an operator; tensors are what they are. */
function matrixOf(a: MatrixLike): Tensor {
  return isTensor(a) || typeof a?.dense !== 'function' ? (a as Tensor) : a.dense()
}

/** The matrix `[..., m, n]` of what was given, checked. */
export function requireMatrixOf(fn: string, a: MatrixLike): Tensor {
  const matrix = matrixOf(a)
  requireMatrix(fn, matrix)
  return matrix
}

/** The square matrix `[..., n, n]` of what was given, checked. */
export function requireSquareOf(fn: string, a: MatrixLike): Tensor {
  const matrix = matrixOf(a)
  requireSquare(fn, matrix)
  return matrix
}

/** Refuses integers and bool, and what is no tensor. */
export function requireFloats(fn: string, ...tensors: readonly Aval[]): void {
  for (const x of tensors) {
    if (x.dtype === 'float32' || x.dtype === 'float64') continue
    throw new AdjointError('dtype-mismatch', {
      fn,
      given: isTensor(x) || 'dtype' in Object(x) ? typeOf(x) : `a value of type ${typeof x}`,
      expected: 'a float32 or float64 tensor',
      fix:
        typeof x === 'function'
          ? 'Give its sizes: linearOperator({ shape: [m, n], apply })'
          : "Wrap data with tensor(...), cast integers: x.cast('float64')",
    })
  }
}

/** Refuses operands of different dtypes. */
export function requireOneDType(fn: string, a: Aval, b: Aval): void {
  requireFloats(fn, a, b)
  if (a.dtype === b.dtype) return
  throw new AdjointError('dtype-mismatch', {
    fn,
    given: `${typeOf(a)} and ${typeOf(b)}`,
    expected: 'operands of one dtype',
    fix: `Cast one of them: cast(x, '${a.dtype}')`,
  })
}

/** Refuses a right-hand side that does not fit `[..., n, n]`. */
export function requireRightHandSide(fn: string, a: Aval, b: Aval): void {
  requireOneDType(fn, a, b)
  const n = a.shape[a.shape.length - 2]
  const rows = b.shape[Math.max(0, b.shape.length - 2)]
  if (b.shape.length > 0 && rows === n) return
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `${typeOf(a)} and a right-hand side ${typeOf(b)}`,
    expected: `a right-hand side [${n}] or [..., ${n}, k]`,
    fix: 'One vector for each matrix of a batch is a column: expandDims(b, -1)',
  })
}

/** The leading axes of a batch of matrices. */
export function leading({ shape }: Aval): Shape {
  return shape.slice(0, -2)
}

/** Batches of matrices over the same leading axes. */
export function sameBatch(fn: string, ...matrices: readonly Tensor[]): Tensor[] {
  const leads = matrices.map(leading)
  if (leads.every((lead) => lead.length === 0)) return [...matrices]
  const lead = broadcastShapes(fn, leads)
  return matrices.map((x) => {
    const shape = [...lead, ...x.shape.slice(-2)]
    return shape.length === x.ndim && shape.every((size, i) => size === x.shape[i]) ? x : broadcastTo(x, shape)
  })
}

/** The last two axes exchanged. */
export function transposed(x: Tensor): Tensor {
  const order = x.shape.map((_, i) => i)
  const n = order.length
  return transpose(x, [...order.slice(0, -2), n - 1, n - 2])
}

/** `a` with a batch axis for operands without one, so that all have it. */
export function everyLane(inputs: readonly Tensor[], batched: readonly boolean[], size: number): Tensor[] {
  return inputs.map((x, i) => (batched[i] ? x : broadcastTo(x, [size, ...x.shape])))
}

/** Rows of `x [..., n, m]` in the order of `indices [..., n]`. */
export function takeRows(x: Tensor, indices: Tensor): Tensor {
  return bind1(gatherPrimitive, [x, expandDims(indices, -1)], { batch: x.ndim - 2, mode: 'clip' })
}

/** The identity of the dtype and place of x. */
export function eyeLike(x: Tensor, n: number): Tensor {
  return eye(n, n, { dtype: x.dtype, backend: x.backend })
}

/** The diagonals of `[..., n, n]`. */
export function diagonalOf(x: Tensor): Tensor {
  return where(eyeLike(x, x.shape[x.ndim - 1]).cast('bool'), x, 0).sum(-1)
}

/** A function of right-hand sides `[..., n, k]` that takes vectors too. */
export function withVectors(b: Tensor, solve: (columns: Tensor) => Tensor): Tensor {
  if (b.ndim !== 1) return solve(b)
  const x = solve(expandDims(b, -1))
  return x.reshape(x.shape.slice(0, -1))
}

/** Rows and columns `from` to `to` of the last two axes. */
export function submatrix(x: Tensor, rows: readonly [number, number], columns: readonly [number, number]): Tensor {
  return x.slice(...leading(x).map((size): [number, number] => [0, size]), rows, columns)
}
