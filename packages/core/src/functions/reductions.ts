// Reductions: sums, means, extremes, logic, along axes or over everything.

import { bind1 } from '../bind.js'
import type { Primitive } from '../primitive.js'
import * as primitives from '../primitives/reduce.js'
import { normalizeAxes, normalizeAxis, sizeOf } from '../shape.js'
import { composed } from '../temporaries.js'
import type { Axis, Tensor, TensorLike } from '../tensor.js'
import {
  add,
  and,
  cast,
  div,
  eq,
  exp,
  isFinite,
  log,
  ne,
  sqrt,
  square,
  stopGradient,
  sub,
  where,
} from './elementwise.js'
import { expandDims, reshape, squeeze } from './movement.js'
import { operand, requireFloat } from './operands.js'

/** Options of reductions. */
export interface ReduceOptions {
  /** Keep reduced axes, with length 1. @defaultValue false */
  readonly keepDims?: boolean
}

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count: 1 gives the unbiased estimate of a sample. @defaultValue 0 */
  readonly ddof?: number
}

function reduce(
  fn: string,
  primitive: Primitive<primitives.ReduceParams>,
  value: TensorLike,
  axis: Axis | undefined,
  options: ReduceOptions = {},
): Tensor {
  const x = operand(fn, value)
  const axes = normalizeAxes(fn, axis, x.ndim)
  const out = () => (axes.length === 0 ? x : bind1(primitive, [x], { axes }))
  return options.keepDims === true ? composed([x], () => expandDims(out(), axes)) : out()
}

function countOf(x: Tensor, axis: Axis | undefined, fn: string): number {
  return sizeOf(normalizeAxes(fn, axis, x.ndim).map((a) => x.shape[a]))
}

/**
 * The sum; bools count. An empty sum is 0.
 *
 * @param axis - one axis, several, or all when left out
 * @throws AdjointError `axis-out-of-range`
 * @example
 * sum(tensor([[1, 2], [3, 4]]), 0)   // [4, 6]
 */
export function sum(x: TensorLike, axis?: Axis, options?: ReduceOptions): Tensor {
  const from = operand('sum', x)
  if (from.dtype === 'bool') return composed([from], () => sum(cast(from, 'int32'), axis, options))
  return reduce('sum', primitives.sumPrimitive, from, axis, options)
}

/**
 * The product. An empty product is 1.
 *
 * @example
 * prod(tensor([2, 3, 4]))   // 24
 */
export function prod(x: TensorLike, axis?: Axis, options?: ReduceOptions): Tensor {
  return reduce('prod', primitives.prodPrimitive, x, axis, options)
}

/**
 * The mean of a float tensor; NaN where there is nothing to average.
 *
 * @throws AdjointError `dtype-mismatch` for integers and bools
 * @example
 * mean(tensor([1, 2, 6]))   // 3
 */
export function mean(x: TensorLike, axis?: Axis, options?: ReduceOptions): Tensor {
  return composed([x], () => {
    const from = requireFloat('mean', operand('mean', x))
    return div(sum(from, axis, options), countOf(from, axis, 'mean'))
  })
}

/**
 * The variance: the mean squared distance from the mean.
 *
 * @example
 * variance(tensor([1, 3]))   // 1
 */
export function variance(x: TensorLike, axis?: Axis, { keepDims = false, ddof = 0 }: VarianceOptions = {}): Tensor {
  return composed([x], () => {
    const from = requireFloat('variance', operand('variance', x))
    const centred = sub(from, mean(from, axis, { keepDims: true }))
    return div(sum(square(centred), axis, { keepDims }), countOf(from, axis, 'variance') - ddof)
  })
}

/**
 * The standard deviation.
 *
 * @example
 * std(tensor([1, 3]))   // 1
 */
export function std(x: TensorLike, axis?: Axis, options?: VarianceOptions): Tensor {
  return composed([x], () => sqrt(variance(x, axis, options)))
}

/**
 * The greatest element; NaN wins, ties share the gradient. Of nothing: -Infinity, or the least integer.
 *
 * @example
 * max(tensor([[1, 5], [3, 4]]), 1)   // [5, 4]
 */
export function max(x: TensorLike, axis?: Axis, options?: ReduceOptions): Tensor {
  return reduce('max', primitives.reduceMaxPrimitive, x, axis, options)
}

/**
 * The least element; NaN wins, ties share the gradient. Of nothing: Infinity, or the greatest integer.
 *
 * @example
 * min(tensor([[1, 5], [3, 4]]), 1)   // [1, 3]
 */
export function min(x: TensorLike, axis?: Axis, options?: ReduceOptions): Tensor {
  return reduce('min', primitives.reduceMinPrimitive, x, axis, options)
}

/**
 * Whether any element is true (not zero).
 *
 * @example
 * any(tensor([false, true]))   // true
 */
export function any(x: Tensor, axis?: Axis, options?: ReduceOptions): Tensor {
  return composed([x], () => reduce('any', primitives.reduceMaxPrimitive, truth(x), axis, options))
}

/**
 * Whether all elements are true (not zero).
 *
 * @example
 * all(tensor([false, true]))   // false
 */
export function all(x: Tensor, axis?: Axis, options?: ReduceOptions): Tensor {
  return composed([x], () => reduce('all', primitives.reduceMinPrimitive, truth(x), axis, options))
}

function truth(x: Tensor): Tensor {
  return x.dtype === 'bool' ? x : ne(x, 0)
}

function argReduce(
  fn: string,
  primitive: Primitive<primitives.ArgParams>,
  x: Tensor,
  axis: number | undefined,
): Tensor {
  if (axis === undefined) return composed([x], () => bind1(primitive, [reshape(x, [x.size])], { axis: 0 }))
  return bind1(primitive, [x], { axis: normalizeAxis(fn, axis, x.ndim) })
}

/**
 * The index of the greatest element, as int32: the first of equals, NaN before all.
 *
 * @param axis - the axis to search; the flattened tensor when left out
 * @throws AdjointError `shape-mismatch` when there is nothing to choose from
 * @example
 * argMax(tensor([1, 5, 3]))   // 1
 */
export function argMax(x: Tensor, axis?: number): Tensor {
  return argReduce('argMax', primitives.argMaxPrimitive, x, axis)
}

/**
 * The index of the least element, as int32: the first of equals, NaN before all.
 *
 * @example
 * argMin(tensor([4, 1, 3]))   // 1
 */
export function argMin(x: Tensor, axis?: number): Tensor {
  return argReduce('argMin', primitives.argMinPrimitive, x, axis)
}

/**
 * log(sum(exp(x))), without overflow; -Infinity where all elements are.
 *
 * @example
 * logSumExp(tensor([1000, 1000]))   // 1000.693
 */
export function logSumExp(x: Tensor, axis?: Axis, { keepDims = false }: ReduceOptions = {}): Tensor {
  return composed([x], () => {
    const top = finiteMax(requireFloat('logSumExp', x), axis)
    const total = add(log(sum(exp(sub(x, top)), axis, { keepDims: true })), top)
    return keepDims ? total : squeeze(total, axis)
  })
}

/** The maximum as a constant shift, 0 where it is infinite: infinity minus infinity would be NaN. */
function finiteMax(x: Tensor, axis: Axis | undefined): Tensor {
  const top = stopGradient(max(x, axis, { keepDims: true }))
  return where(isFinite(top), top, 0)
}

/**
 * exp(x) divided by its sum along an axis.
 *
 * @throws AdjointError `axis-out-of-range`, `dtype-mismatch`
 * @example
 * softmax(tensor([0, 0]))   // [0.5, 0.5]
 */
export function softmax(x: Tensor, axis: Axis = -1): Tensor {
  return composed([x], () => {
    const top = stopGradient(max(requireFloat('softmax', x), axis, { keepDims: true }))
    const weights = exp(sub(x, top))
    return div(weights, sum(weights, axis, { keepDims: true }))
  })
}

/**
 * The logarithm of `softmax`, exact where that underflows.
 *
 * @example
 * logSoftmax(tensor([0, -2000]))   // [0, -2000]
 */
export function logSoftmax(x: Tensor, axis: Axis = -1): Tensor {
  return composed([x], () => {
    const shifted = sub(x, stopGradient(max(requireFloat('logSoftmax', x), axis, { keepDims: true })))
    return sub(shifted, log(sum(exp(shifted), axis, { keepDims: true })))
  })
}

/**
 * Whether two tensors are equal within tolerances: |a - b| <= atol + rtol |b|, element by element, as a bool scalar.
 *
 * @example
 * allClose(tensor([1]), tensor([1 + 1e-7]))   // true
 */
export function allClose(
  a: Tensor,
  b: Tensor,
  { rtol = 1e-5, atol = 1e-8 }: { rtol?: number; atol?: number } = {},
): Tensor {
  return composed([a, b], () => {
    const near = sub(a, b).abs().le(b.abs().mul(rtol).add(atol))
    return all(near.or(eq(a, b)))
  })
}

/**
 * The Euclidean norm, scaled so that squares neither overflow nor vanish; gradient 0 at 0.
 *
 * @example
 * norm(tensor([3, 4]))   // 5
 */
export function norm(x: Tensor, axis?: Axis, { keepDims = false }: ReduceOptions = {}): Tensor {
  return composed([x], () => {
    const largest = stopGradient(max(requireFloat('norm', x).abs(), axis, { keepDims: true }))
    const scale = where(and(largest.gt(0), isFinite(largest)), largest, 1)
    const squares = sum(square(div(x, scale)), axis, { keepDims: true })
    const safe = where(squares.eq(0), 1, squares)
    const out = where(squares.eq(0), 0, sqrt(safe).mul(scale))
    return keepDims ? out : squeeze(out, axis)
  })
}
