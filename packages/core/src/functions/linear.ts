// Products of vectors, matrices and higher tensors, all on dotGeneral.

import { bind1 } from '../bind.js'
import { AdjointError } from '../error.js'
import { type DotParams, dotPrimitive } from '../primitives/dot.js'
import { broadcastShapes, formatAval, normalizeAxis } from '../shape.js'
import { composed } from '../temporaries.js'
import type { Tensor } from '../tensor.js'
import { broadcastTo, expandDims, squeeze } from './movement.js'
import { operands } from './operands.js'

/**
 * Sums of products over chosen axes. Output axes: batch, then the free axes of `a`, then those of `b`.
 *
 * @param params - `contract` and `batch`: axes of `a` and of `b`, in matching order
 * @throws AdjointError `shape-mismatch` when paired axes differ, `dtype-mismatch`
 * @example
 * dotGeneral(ones([2, 3]), ones([4, 3]), { contract: [[1], [1]], batch: [[], []] }).shape   // [2, 4]
 */
export function dotGeneral(a: Tensor, b: Tensor, { contract, batch }: DotParams): Tensor {
  const tensors = operands('dotGeneral', [a, b])
  const place = (i: 0 | 1, axes: readonly number[]) =>
    axes.map((axis) => normalizeAxis('dotGeneral', axis, tensors[i].ndim))
  return bind1(dotPrimitive, tensors, {
    contract: [place(0, contract[0]), place(1, contract[1])],
    batch: [place(0, batch[0]), place(1, batch[1])],
  })
}

/**
 * NumPy's `dot`: the inner product of vectors, the matrix product, or the last axis of `a` with the second to last of `b`.
 *
 * @throws AdjointError `shape-mismatch` when the contracted axes differ
 * @example
 * dot(tensor([1, 2]), tensor([3, 4]))   // 11
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  requireAxes('dot', a, b)
  return dotGeneral(a, b, { contract: [[a.ndim - 1], [Math.max(0, b.ndim - 2)]], batch: [[], []] })
}

/**
 * NumPy's `matmul`: `[..., n, k]` times `[..., k, m]`, leading axes broadcast; vectors count as a row or a column.
 *
 * @throws AdjointError `shape-mismatch` when the inner axes differ
 * @example
 * matmul(ones([5, 2, 3]), ones([3, 4])).shape   // [5, 2, 4]
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return composed([a, b], () => {
    requireAxes('matmul', a, b)
    if (b.ndim <= 2) return dot(a, b)
    if (a.ndim === 1) return squeeze(matmul(expandDims(a, 0), b), -2)
    const lead = broadcastShapes('matmul', [a.shape.slice(0, -2), b.shape.slice(0, -2)])
    const left = broadcastTo(a, [...lead, ...a.shape.slice(-2)])
    const right = broadcastTo(b, [...lead, ...b.shape.slice(-2)])
    const batch = lead.map((_, i) => i)
    return dotGeneral(left, right, { contract: [[left.ndim - 1], [right.ndim - 2]], batch: [batch, batch] })
  })
}

/**
 * All products of the elements of two vectors. `[n]`, `[m]` -> `[n, m]`
 *
 * @example
 * outer(tensor([1, 2]), tensor([3, 4, 5])).shape   // [2, 3]
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  return dotGeneral(a, b, { contract: [[], []], batch: [[], []] })
}

function requireAxes(fn: string, a: Tensor, b: Tensor): void {
  if (a.ndim > 0 && b.ndim > 0) return
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `${formatAval(a)} and ${formatAval(b)}`,
    expected: 'at least one axis each',
    fix: 'Multiply scalars with mul()',
  })
}
