// Tridiagonal systems, in time proportional to their size.

import {
  AdjointError,
  add,
  bind,
  bind1,
  broadcastTo,
  definePrimitive,
  expandDims,
  type MaybeZero,
  mul,
  type Primitive,
  pad,
  sub,
  type Tensor,
  zerosLike,
} from '@adjoint/core'
import { broadcastShapes, sizeOf } from '@adjoint/core/codegen'
import { everyLane, requireOneDType, requireRightHandSide, typeOf, withVectors } from '../checks.js'
import { type Algorithm, cpuKernel, forEachMatrix, referenceRule } from '../kernels/tools.js'
import { solveTridiagonal } from '../kernels/tridiagonal-solve.js'
import { besideEachOther } from './triangular-solve.js'

const algorithm: Algorithm<object> = (tools, { inputs: [, middle, , right] }) => {
  const [n, columns] = right.shape.slice(-2)
  const sizes = [Math.max(0, n - 1), n, Math.max(0, n - 1)]
  return (inputs, [out]) => {
    const x = out as Float64Array
    x.set(inputs[3])
    forEachMatrix(tools, sizeOf(middle.shape.slice(0, -1)), (i, own) => {
      const [lower, diagonal, upper] = sizes.map((size, part) => {
        const copy = own.scratch(size)
        for (let j = 0; j < size; j++) copy[j] = inputs[part][i * size + j]
        return copy
      })
      const at = i * n * columns
      if (!solveTridiagonal(own, { lower, diagonal, upper, n, x, at, columns })) x.fill(NaN, at, at + n * columns)
    })
  }
}

/** `[lower, diagonal, upper, b]`, with columns of right-hand sides; linear in b. */
export const tridiagonalSolvePrimitive: Primitive = /* @__PURE__ */ definePrimitive(
  '@adjoint/linalg:tridiagonalSolve',
  {
    shape: ([, , , b]) => [{ shape: b.shape, dtype: b.dtype }],
    jvp: ([l, d, u, b], [dl, dd, du, db], [x]) => {
      if ([dl, dd, du, db].every((tangent) => tangent === null)) return [null]
      const fixed = dl === null && dd === null && du === null
      const moved = fixed ? null : onColumns(dl ?? zerosLike(l), dd ?? zerosLike(d), du ?? zerosLike(u), x)
      const right = moved === null ? db : db === null ? moved.neg() : sub(db, moved)
      return [bind1(tridiagonalSolvePrimitive, [l, d, u, right ?? b])]
    },
    transpose: ([ct], [l, d, u]): MaybeZero[] => {
      if (ct === null || l.linear || d.linear || u.linear) return [null, null, null, null]
      return [null, null, null, bind1(tridiagonalSolvePrimitive, [u.value, d.value, l.value, ct])]
    },
    vmap: (inputs, batched, size) => {
      const [l, d, u, b] = inputs
      if (batched[0] || batched[1] || batched[2])
        return bind(tridiagonalSolvePrimitive, everyLane(inputs, batched, size))
      return [besideEachOther(b, size, (columns) => bind1(tridiagonalSolvePrimitive, [l, d, u, columns]))]
    },
    reference: referenceRule(algorithm),
    kernels: { cpu: cpuKernel(algorithm) },
  },
)

/**
 * The solution of a tridiagonal system, by elimination with partial pivoting. `[..., n]` and `[..., n, k]` or `[n]` -> like b
 *
 * NaN where the matrix is exactly singular, or not finite.
 *
 * @param lower - below the diagonal, `[..., n - 1]`
 * @param diagonal - `[..., n]`
 * @param upper - above it, `[..., n - 1]`
 * @param b - columns, or one vector; leading axes broadcast
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * tridiagonalSolve(tensor([-1, -1]), tensor([2, 2, 2]), tensor([-1, -1]), tensor([1, 0, 1]))   // [1, 1, 1]
 */
export function tridiagonalSolve(lower: Tensor, diagonal: Tensor, upper: Tensor, b: Tensor): Tensor {
  requireDiagonals('tridiagonalSolve', lower, diagonal, upper)
  const { dtype, shape } = diagonal
  requireRightHandSide('tridiagonalSolve', { dtype, shape: [...shape, shape[shape.length - 1]] }, b)
  return withVectors(b, (columns) => {
    const leads = [lower, diagonal, upper].map((x) => x.shape.slice(0, -1))
    const lead = broadcastShapes('tridiagonalSolve', [...leads, columns.shape.slice(0, -2)])
    const spread = (x: Tensor, own: number) => broadcastTo(x, [...lead, ...x.shape.slice(x.ndim - own)])
    const inputs = [spread(lower, 1), spread(diagonal, 1), spread(upper, 1), spread(columns, 2)]
    return bind1(tridiagonalSolvePrimitive, inputs)
  })
}

/** @internal Refuses diagonals that do not make a square matrix. */
export function requireDiagonals(fn: string, lower: Tensor, diagonal: Tensor, upper: Tensor): void {
  for (const side of [lower, upper]) {
    requireOneDType(fn, diagonal, side)
    const fits =
      side.ndim > 0 && diagonal.ndim > 0 && side.shape[side.ndim - 1] === diagonal.shape[diagonal.ndim - 1] - 1
    if (fits) continue
    throw new AdjointError('shape-mismatch', {
      fn,
      given: [lower, diagonal, upper].map(typeOf).join(', '),
      expected: 'diagonals [..., n - 1], [..., n], [..., n - 1]',
    })
  }
}

/** The product with columns `[..., n, k]`. */
function onColumns(lower: Tensor, diagonal: Tensor, upper: Tensor, x: Tensor): Tensor {
  const n = x.shape[x.ndim - 2]
  const rows = (from: number, to: number) =>
    x.slice(...x.shape.slice(0, -2).map((size): [number, number] => [0, size]), [from, to])
  const moved = (part: Tensor, before: number, after: number) =>
    pad(
      part,
      x.shape.map((_, axis): [number, number] => (axis === x.ndim - 2 ? [before, after] : [0, 0])),
    )
  const side = (entries: Tensor, part: Tensor) => mul(expandDims(entries, -1), part)
  const below = moved(side(lower, rows(0, n - 1)), 1, 0)
  const above = moved(side(upper, rows(1, n)), 0, 1)
  return add(side(diagonal, x), add(below, above))
}

/** @internal The product of a tridiagonal matrix with a vector `[n]` or columns `[n, k]`. */
export function bandProduct(lower: Tensor, diagonal: Tensor, upper: Tensor, x: Tensor): Tensor {
  return withVectors(x, (columns) => onColumns(lower, diagonal, upper, columns))
}
