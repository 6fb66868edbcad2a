// Movement functions: reshape, reorder, cut, pad and join axes. Negative axes count from the end.

import type { Backend } from '../backend/backend.js'
import { bind1 } from '../bind.js'
import { AdjointError } from '../error.js'
import * as primitives from '../primitives/movement.js'
import { toPrimitive } from '../primitives/to.js'
import {
  checkInteger,
  checkShape,
  formatAval,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  normalizeIndex,
  otherAxes,
  pick,
  type Shape,
  sameShape,
  sizeOf,
} from '../shape.js'
import { composed } from '../temporaries.js'
import type { Axis, Tensor, TensorLike } from '../tensor.js'
import { operand, operands } from './operands.js'

/** A range of an axis: `[start, stop]` or `[start, stop, step]`, negative from the end, `null` for all, a number for one element whose axis goes away. */
export type Range = readonly [number, number] | readonly [number, number, number] | null | number

/** Elements to add before and after, for every axis or per axis. */
export type PadWidths = number | readonly (readonly [before: number, after: number])[]

/**
 * The same elements in row-major order under another shape.
 *
 * @param shape - one length may be -1: it is computed
 * @throws AdjointError `shape-mismatch` when the sizes differ
 * @example
 * reshape(arange(6), [2, -1]).shape   // [2, 3]
 */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const from = operand('reshape', x)
  const target = inferred(from, shape)
  if (sameShape(from.shape, target)) return from
  return from.literal === undefined
    ? bind1(primitives.reshapePrimitive, [from], { shape: target })
    : broadcastTo(from, target)
}

function inferred(x: Tensor, shape: Shape): Shape {
  const known = checkShape(
    'reshape',
    shape.map((n) => (n === -1 ? 1 : n)),
  )
  const size = sizeOf(known)
  const free = shape.filter((n) => n === -1).length
  const out = free === 1 ? shape.map((n) => (n === -1 ? x.size / size : n)) : shape
  if (free > 1 || sizeOf(out) !== x.size || out.some((n) => !Number.isInteger(n))) {
    throw new AdjointError('shape-mismatch', {
      fn: 'reshape',
      given: `${formatAval(x)} (${x.size} elements) to ${formatShape(shape)}`,
      expected: 'a shape with as many elements, at most one length -1',
    })
  }
  return out
}

/**
 * Axes in another order; reversed when none is given.
 *
 * @param permutation - the old axis at each new place
 * @throws AdjointError `invalid-argument` unless it names every axis once
 * @example
 * transpose(zeros([2, 3, 4]), [2, 0, 1]).shape   // [4, 2, 3]
 */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const order = permutation?.map((a) => normalizeAxis('transpose', a, x.ndim)) ?? otherAxes([], x.ndim).reverse()
  if (order.length !== x.ndim || new Set(order).size !== x.ndim) {
    throw new AdjointError('invalid-argument', {
      fn: 'transpose',
      given: `permutation ${formatShape(permutation ?? [])} for ${formatAval(x)}`,
      expected: `each of the axes 0 to ${x.ndim - 1} once`,
    })
  }
  return order.every((a, i) => a === i) ? x : bind1(primitives.transposePrimitive, [x], { permutation: order })
}

/**
 * One axis moved to another place, the others in order.
 *
 * @example
 * moveAxis(zeros([2, 3, 4]), 0, -1).shape   // [3, 4, 2]
 */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const source = normalizeAxis('moveAxis', from, x.ndim)
  const order = otherAxes([source], x.ndim)
  order.splice(normalizeAxis('moveAxis', to, x.ndim), 0, source)
  return transpose(x, order)
}

/**
 * New axes of length 1, at the given places of the result.
 *
 * @example
 * expandDims(zeros([3]), [0, 2]).shape   // [1, 3, 1]
 */
export function expandDims(x: Tensor, axis: Axis): Tensor {
  const count = typeof axis === 'number' ? 1 : axis.length
  const shape = [...x.shape]
  for (const a of normalizeAxes('expandDims', axis, x.ndim + count)) shape.splice(a, 0, 1)
  return reshape(x, shape)
}

/**
 * Axes of length 1 removed: the given ones, or all.
 *
 * @throws AdjointError `shape-mismatch` for an axis of another length
 * @example
 * squeeze(zeros([1, 3, 1])).shape   // [3]
 */
export function squeeze(x: Tensor, axis?: Axis): Tensor {
  const axes = normalizeAxes('squeeze', axis, x.ndim).filter((a) => axis !== undefined || x.shape[a] === 1)
  const wrong = axes.find((a) => x.shape[a] !== 1)
  if (wrong !== undefined) {
    throw new AdjointError('shape-mismatch', {
      fn: 'squeeze',
      given: `axis ${wrong} of ${formatAval(x)}`,
      expected: 'an axis of length 1',
    })
  }
  return reshape(x, pick(x.shape, otherAxes(axes, x.ndim)))
}

/**
 * Repeated along axes of length 1 and new leading axes.
 *
 * @throws AdjointError `shape-mismatch` when the shape does not broadcast
 * @example
 * broadcastTo(tensor([1, 2]), [3, 2]).shape   // [3, 2]
 */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  const from = operand('broadcastTo', x)
  return sameShape(from.shape, shape)
    ? from
    : bind1(primitives.broadcastPrimitive, [from], { shape: checkShape('broadcastTo', shape) })
}

/** @internal Refuses more indices than there are axes. */
export function checkIndexCount(fn: string, indices: readonly unknown[], x: Tensor): void {
  checkInteger(fn, indices.length, { what: `for ${formatAval(x)}, number of indices`, low: 0, high: x.ndim })
}

/**
 * A window: one range per leading axis. Ranges stop inside the axis, as JavaScript's `slice` does.
 *
 * @param ranges - `[start, stop, step?]`, `null` for the whole axis, a number for one element (the axis goes away)
 * @throws AdjointError `index-out-of-range` for a single index outside; `invalid-argument` for a step below 1
 * @example
 * slice(tensor([[1, 2, 3], [4, 5, 6]]), 1, [0, 2])   // [4, 5]
 */
export function slice(x: Tensor, ...ranges: readonly Range[]): Tensor {
  checkIndexCount('slice', ranges, x)
  const bounds = x.shape.map((n, i) => resolve(ranges[i] ?? null, n))
  const whole = bounds.every(([start, limit, step], i) => start === 0 && limit === x.shape[i] && step === 1)
  return composed([x], () => {
    const [starts, limits, strides] = [0, 1, 2].map((k) => bounds.map((b) => b[k]))
    const out = whole ? x : bind1(primitives.slicePrimitive, [x], { starts, limits, strides })
    return reshape(
      out,
      out.shape.filter((_, i) => typeof ranges[i] !== 'number'),
    )
  })
}

function resolve(range: Range, length: number): [start: number, limit: number, step: number] {
  if (range === null) return [0, length, 1]
  if (typeof range === 'number') {
    const start = normalizeIndex('slice', range, length)
    return [start, start + 1, 1]
  }
  const [from, to, step = 1] = range
  if (![from, to, step].every(Number.isInteger) || step < 1) {
    throw new AdjointError('invalid-argument', {
      fn: 'slice',
      given: `range [${range.join(', ')}]`,
      expected: 'integers, with a step of at least 1',
      fix: 'Reverse with flip()',
    })
  }
  const inside = (i: number) => Math.min(Math.max(i < 0 ? i + length : i, 0), length)
  const start = inside(from)
  return [start, Math.max(start, inside(to)), step]
}

/**
 * Reversed along the given axes, or all.
 *
 * @example
 * flip(tensor([1, 2, 3]))   // [3, 2, 1]
 */
export function flip(x: Tensor, axis?: Axis): Tensor {
  const axes = normalizeAxes('flip', axis, x.ndim)
  return axes.length === 0 ? x : bind1(primitives.flipPrimitive, [x], { axes })
}

/**
 * Values added around.
 *
 * @param widths - one number for all sides, or `[before, after]` per axis
 * @param value - what to add; 0 when left out
 * @throws AdjointError `invalid-argument` for negative or missing widths
 * @example
 * pad(tensor([1, 2]), [[1, 2]])   // [0, 1, 2, 0, 0]
 */
export function pad(x: Tensor, widths: PadWidths, value: TensorLike = 0): Tensor {
  const sides = typeof widths === 'number' ? x.shape.map(() => [widths, widths] as const) : widths
  if (
    sides.length !== x.ndim ||
    sides.some(([a, b]) => !Number.isInteger(a) || !Number.isInteger(b) || a < 0 || b < 0)
  ) {
    throw new AdjointError('invalid-argument', {
      fn: 'pad',
      given: `widths ${JSON.stringify(widths)} for ${formatAval(x)}`,
      expected: '[before, after], not negative, for each axis',
    })
  }
  const [from, fill] = operands('pad', [x, value])
  return bind1(primitives.padPrimitive, [from, fill], {
    low: sides.map((s) => s[0]),
    high: sides.map((s) => s[1]),
    interior: sides.map(() => 0),
  })
}

/**
 * Tensors one after the other along an axis.
 *
 * @throws AdjointError `shape-mismatch` unless they agree in dtype and every other axis
 * @example
 * concat([tensor([1, 2]), tensor([3])])   // [1, 2, 3]
 */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  if (parts.length === 0)
    throw new AdjointError('invalid-argument', { fn: 'concat', given: 'no tensors', expected: 'at least one' })
  const tensors = operands('concat', parts)
  if (tensors.length === 1) return tensors[0]
  return bind1(primitives.concatPrimitive, tensors, { axis: normalizeAxis('concat', axis, tensors[0].ndim) })
}

/**
 * Tensors of one shape along a new axis.
 *
 * @throws AdjointError `shape-mismatch` unless the shapes are equal
 * @example
 * stack([tensor([1, 2]), tensor([3, 4])]).shape   // [2, 2]
 */
export function stack(parts: readonly TensorLike[], axis = 0): Tensor {
  const expanded = () => operands('stack', parts).map((x) => expandDims(x, axis))
  return composed(parts, () => concat(expanded(), axis))
}

/**
 * Cut along an axis: into equal parts, or at the given lengths.
 *
 * @throws AdjointError `shape-mismatch` when the parts do not fill the axis
 * @example
 * split(arange(6), 3).map((part) => part.shape)   // [[2], [2], [2]]
 */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  const along = normalizeAxis('split', axis, x.ndim)
  const length = x.shape[along]
  const sizes = typeof parts === 'number' ? new Array<number>(parts).fill(length / parts) : parts
  if (sizes.some((n) => !Number.isInteger(n)) || sizes.reduce((a, b) => a + b, 0) !== length) {
    throw new AdjointError('shape-mismatch', {
      fn: 'split',
      given: `${formatAval(x)}, axis ${along}, into ${JSON.stringify(parts)}`,
      expected: `parts that add up to ${length}`,
    })
  }
  let start = 0
  return sizes.map((n) => {
    const range = [start, start + n] as const
    start += n
    return slice(x, ...x.shape.map((_, i) => (i === along ? range : null)))
  })
}

/**
 * The tensor repeated along its axes.
 *
 * @param repeats - how often, per axis
 * @example
 * tile(tensor([1, 2]), [2])   // [1, 2, 1, 2]
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  return composed([x], () => {
    const ndim = Math.max(x.ndim, repeats.length)
    const shape = [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape]
    const times = [...new Array<number>(ndim - repeats.length).fill(1), ...repeats]
    const apart = shape.flatMap((n) => [1, n])
    const spread = shape.flatMap((n, i) => [times[i], n])
    const joined = shape.map((n, i) => n * times[i])
    return reshape(broadcastTo(reshape(x, apart), spread), joined)
  })
}

/**
 * The same values on another backend; gradients travel back.
 *
 * @throws AdjointError `dtype-unsupported` when that backend cannot hold the dtype
 * @example
 * tensor([1, 2]).to(reference).backend.name   // 'reference'
 */
export function to(x: Tensor, backend: Backend): Tensor {
  return x.backend === backend ? x : bind1(toPrimitive, [x], { from: x.backend, to: backend })
}
