// Functions along an axis: sorting, ranking, running sums, products and maxima.

import { bind, bind1 } from '../bind.js'
import { cumulativePrimitive } from '../primitives/cumulative.js'
import { iotaBeside } from '../primitives/movement.js'
import { sortPrimitive } from '../primitives/sort.js'
import { checkInteger, formatAval, normalizeAxis } from '../shape.js'
import { composed } from '../temporaries.js'
import type { Tensor } from '../tensor.js'
import { cast, mul } from './elementwise.js'
import { concat, flip, moveAxis, slice } from './movement.js'

/** Options of running reductions. */
export interface CumulativeOptions {
  /** From the end instead of the start. @defaultValue false */
  readonly reverse?: boolean
}

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Greatest first; equal elements keep their order, NaN stays last. @defaultValue false */
  readonly descending?: boolean
}

/**
 * The running sum along an axis; bools count.
 *
 * @example
 * cumsum(tensor([1, 2, 3]))   // [1, 3, 6]
 */
export function cumsum(x: Tensor, axis = -1, { reverse = false }: CumulativeOptions = {}): Tensor {
  const params = { op: 'sum', axis: normalizeAxis('cumsum', axis, x.ndim), reverse } as const
  if (x.dtype === 'bool') return composed([x], () => bind1(cumulativePrimitive, [cast(x, 'int32')], params))
  return bind1(cumulativePrimitive, [x], params)
}

/**
 * The running maximum along an axis.
 *
 * @example
 * cummax(tensor([1, 3, 2]))   // [1, 3, 3]
 */
export function cummax(x: Tensor, axis = -1, { reverse = false }: CumulativeOptions = {}): Tensor {
  return bind1(cumulativePrimitive, [x], { op: 'max', axis: normalizeAxis('cummax', axis, x.ndim), reverse })
}

/**
 * The running product along an axis, in log2(n) doubling steps: zeros and signs keep exact gradients.
 *
 * @example
 * cumprod(tensor([1, 2, 3]))   // [1, 2, 6]
 */
export function cumprod(x: Tensor, axis = -1, { reverse = false }: CumulativeOptions = {}): Tensor {
  return composed([x], () => {
    const along = normalizeAxis('cumprod', axis, x.ndim)
    let out = reverse ? flip(x, along) : x
    const n = x.shape[along]
    for (let step = 1; step < n; step *= 2) {
      const part = (from: number, to: number) =>
        slice(out, ...x.shape.map((_, i) => (i === along ? ([from, to] as const) : null)))
      out = concat([part(0, step), mul(part(step, n), part(0, n - step))], along)
    }
    return reverse ? flip(out, along) : out
  })
}

function alongLast(fn: string, x: Tensor, axis: number, run: (lanes: Tensor) => Tensor): Tensor {
  const along = normalizeAxis(fn, axis, x.ndim)
  return composed([x], () => moveAxis(run(moveAxis(x, along, -1)), -1, along))
}

/**
 * Sorted along an axis: stable, NaN last.
 *
 * @throws AdjointError `axis-out-of-range`, also for scalars
 * @example
 * sort(tensor([3, 1, 2]))   // [1, 2, 3]
 */
export function sort(x: Tensor, axis = -1, { descending = false }: SortOptions = {}): Tensor {
  return alongLast('sort', x, axis, (lanes) => bind1(sortPrimitive, [lanes], { keys: 1, descending }))
}

/**
 * The int32 indices that sort along an axis.
 *
 * @example
 * argsort(tensor([3, 1, 2]))   // [1, 2, 0]
 */
export function argsort(x: Tensor, axis = -1, { descending = false }: SortOptions = {}): Tensor {
  return alongLast('argsort', x, axis, (lanes) => {
    const index = iotaBeside(lanes, { shape: lanes.shape, dtype: 'int32', axis: lanes.ndim - 1 })
    return bind(sortPrimitive, [lanes, index], { keys: 1, descending })[1]
  })
}

/**
 * Several tensors sorted together by the first one (or the first `keys`), along the last axis.
 *
 * @param operands - tensors of one shape
 * @example
 * const [keys, values] = sortTogether([tensor([2, 1]), tensor([10, 20])])   // [1, 2], [20, 10]
 */
export function sortTogether(
  operands: readonly Tensor[],
  { keys = 1, descending = false }: SortOptions & { keys?: number } = {},
): readonly Tensor[] {
  return bind(sortPrimitive, operands, { keys, descending })
}

/**
 * The k greatest elements along the last axis, greatest first, with their indices.
 *
 * @throws AdjointError `invalid-argument` when k exceeds the axis
 * @example
 * topK(tensor([1, 9, 5]), 2).values   // [9, 5]
 */
export function topK(x: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const n = x.shape[x.ndim - 1] ?? 0
  checkInteger('topK', k, { what: `for ${formatAval(x)}, k`, low: 0, high: n })
  const first = (t: Tensor) => slice(t, ...t.shape.map((_, i) => (i === t.ndim - 1 ? ([0, k] as const) : null)))
  const [values, indices] = composed([x], () => {
    const index = iotaBeside(x, { shape: x.shape, dtype: 'int32', axis: x.ndim - 1 })
    return bind(sortPrimitive, [x, index], { keys: 1, descending: true }).map(first)
  })
  return { values, indices }
}
