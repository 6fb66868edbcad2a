// Toeplitz matrices, constant along diagonals: built, and solved with Levinson's recursion.

import {
  AdjointError,
  bind,
  bind1,
  broadcastTo,
  concat,
  definePrimitive,
  flip,
  type MaybeZero,
  matmul,
  type Primitive,
  sub,
  type Tensor,
  take,
  tensor,
  zerosLike,
} from '@adjoint/core'
import { broadcastShapes, sizeOf } from '@adjoint/core/codegen'
import { everyLane, requireOneDType, typeOf, withVectors } from '../checks.js'
import { solveLevinson } from '../kernels/levinson.js'
import { type Algorithm, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'

const algorithm: Algorithm<object> = (tools, { inputs: [c, , b] }) => {
  const [n, columns] = b.shape.slice(-2)
  return ([column, row, right], [out]) => {
    const x = out as Float64Array
    x.set(right)
    forEachMatrix(tools, sizeOf(c.shape.slice(0, -1)), (i, own) => {
      const xAt = i * n * columns
      const system = { column: column as Float64Array, row: row as Float64Array, at: i * n, n, x, xAt, columns }
      if (!solveLevinson(own, system)) x.fill(NaN, xAt, xAt + n * columns)
    })
  }
}

/** `[c, r, b]`: first column, first row without its head, and columns of right-hand sides; linear in b. */
export const solveToeplitzPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/linalg:solveToeplitz', {
  shape: ([, , b]) => [{ shape: b.shape, dtype: b.dtype }],
  jvp: ([c, r, b], [dc, dr, db], [x]) => {
    if (dc === null && dr === null && db === null) return [null]
    const moved = dc === null && dr === null ? null : matmul(toeplitz(dc ?? zerosLike(c), dr ?? zerosLike(r)), x)
    const right = moved === null ? db : db === null ? moved.neg() : sub(db, moved)
    return [bind1(solveToeplitzPrimitive, [c, r, right ?? b])]
  },
  transpose: ([ct], [c, r]): MaybeZero[] => {
    if (ct === null || c.linear || r.linear) return [null, null, null]
    const axis = c.value.ndim - 1
    const whole = c.value.shape.slice(0, -1).map((size): [number, number] => [0, size])
    const n = c.value.shape[axis]
    const row = concat([c.value.slice(...whole, [0, 1]), r.value.slice(...whole, [1, n])], axis)
    return [null, null, bind1(solveToeplitzPrimitive, [row, c.value, ct])]
  },
  vmap: (inputs, batched, size) => bind(solveToeplitzPrimitive, everyLane(inputs, batched, size)),
  reference: referenceRule(algorithm),
  kernels: { cpu: cpuKernel(algorithm) },
})

/**
 * The matrix with a given first column and first row. `[..., m]`, `[..., n]` -> `[..., m, n]`
 *
 * @param column - its head is the diagonal
 * @param row - its head is not looked at; the column itself if left out
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * toeplitz(tensor([1, 2, 3]), tensor([1, 5]))   // [[1, 5], [2, 1], [3, 2]]
 */
export function toeplitz(column: Tensor, row: Tensor = column): Tensor {
  const [c, r] = columnAndRow('toeplitz', column, row)
  const m = c.shape[c.ndim - 1]
  const n = r.shape[r.ndim - 1]
  const whole = c.shape.slice(0, -1).map((size): [number, number] => [0, size])
  const diagonals = n < 2 ? c : concat([flip(r.slice(...whole, [1, n]), -1), c], c.ndim - 1)
  const places = Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => Math.max(0, n - 1) + i - j))
  return take(diagonals, tensor(places, { dtype: 'int32', shape: [m, n], backend: c.backend }), -1)
}

/**
 * x with `toeplitz(column, row) x = b`, in n² operations. `[..., n]`, `[..., n]`, `[..., n, k]` or `[n]` -> like b
 *
 * NaN where a leading minor vanishes; accurate for well-conditioned ones, as those of positive definite matrices.
 *
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * solveToeplitz(tensor([2, 1]), tensor([2, 1]), tensor([4, 5]))   // [1, 2]
 */
export function solveToeplitz(column: Tensor, row: Tensor, b: Tensor): Tensor {
  const [c, r] = columnAndRow('solveToeplitz', column, row)
  requireOneDType('solveToeplitz', c, b)
  const n = c.shape[c.ndim - 1]
  if (r.shape[r.ndim - 1] !== n || b.ndim === 0 || b.shape[Math.max(0, b.ndim - 2)] !== n) {
    throw new AdjointError('shape-mismatch', {
      fn: 'solveToeplitz',
      given: `a column ${typeOf(c)}, a row ${typeOf(r)} and a right-hand side ${typeOf(b)}`,
      expected: `a row [..., ${n}] and a right-hand side [${n}] or [..., ${n}, k]`,
    })
  }
  return withVectors(b, (columns) => {
    const lead = broadcastShapes('solveToeplitz', [c.shape.slice(0, -1), columns.shape.slice(0, -2)])
    const spread = (x: Tensor, own: number) => broadcastTo(x, [...lead, ...x.shape.slice(x.ndim - own)])
    return bind1(solveToeplitzPrimitive, [spread(c, 1), spread(r, 1), spread(columns, 2)])
  })
}

function columnAndRow(fn: string, column: Tensor, row: Tensor): [Tensor, Tensor] {
  requireOneDType(fn, column, row)
  if (column.ndim === 0 || row.ndim === 0) {
    throw new AdjointError('shape-mismatch', {
      fn,
      given: `${typeOf(column)} and ${typeOf(row)}`,
      expected: 'a column [..., m] and a row [..., n]',
    })
  }
  const lead = broadcastShapes(fn, [column.shape.slice(0, -1), row.shape.slice(0, -1)])
  return [
    broadcastTo(column, [...lead, column.shape[column.ndim - 1]]),
    broadcastTo(row, [...lead, row.shape[row.ndim - 1]]),
  ]
}
