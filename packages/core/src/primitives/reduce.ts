// Reductions over axes, which disappear. Sums are pairwise; max and min split ties equally; NaN wins.

import { type DType, highest, isFloat, lowest, type TypedArray, wideArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { div, eq, mul, where } from '../functions/elementwise.js'
import { broadcastTo, expandDims, pad, reshape, slice, transpose } from '../functions/movement.js'
import { sum } from '../functions/reductions.js'
import { cumprod } from '../functions/scans.js'
import type { HostArray, Primitive } from '../primitive.js'
import { formatAval, otherAxes, pick, requireDType, type Shape, sizeOf } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'
import { everyDType, numeric } from './elementwise.js'
import { shifted } from './movement.js'
import { type SharedRules, sharedPrimitive } from './rules.js'
import { permuted } from './strided.js'

/** Parameters of reductions: the axes that go, sorted. */
export interface ReduceParams {
  readonly axes: readonly number[]
}

interface Reduction extends Pick<SharedRules<ReduceParams>, 'jvp' | 'back'> {
  readonly dtypes: () => readonly DType[]
  /** The result for one row of values. */
  readonly row: (values: TypedArray, dtype: DType) => number
}

function reduction(name: string, { dtypes, row, ...derivatives }: Reduction): Primitive<ReduceParams> {
  const allowed = dtypes()
  return sharedPrimitive<ReduceParams>(name, {
    ...derivatives,
    shape: ([x], { axes }) => {
      requireDType(name, x, allowed)
      return [{ shape: pick(x.shape, otherAxes(axes, x.shape.length)), dtype: x.dtype }]
    },
    lanes: ({ axes }) => ({ axes: shifted(axes) }),
    reference: ([x], { axes }, [out]) => {
      const data = wideArray(out.dtype, sizeOf(out.shape))
      rows(x, axes, (i, values) => {
        data[i] = row(values, x.dtype)
      })
      return [data]
    },
  })
}

/** Visits each output of a reduction with the values it reduces. */
function rows(x: HostArray, axes: readonly number[], fn: (i: number, values: TypedArray) => void): void {
  const kept = otherAxes(axes, x.shape.length)
  const sorted = permuted(x, [...kept, ...axes])
  const width = sizeOf(pick(x.shape, axes))
  const count = sizeOf(pick(x.shape, kept))
  for (let i = 0; i < count; i++) fn(i, sorted.subarray(i * width, (i + 1) * width))
}

/** Pairwise sum: the error grows with the logarithm of the length. */
function pairwiseSum(values: TypedArray, start = 0, end = values.length): number {
  if (end - start <= 64) {
    let total = 0
    for (let i = start; i < end; i++) total += values[i]
    return total
  }
  const middle = (start + end) >> 1
  return pairwiseSum(values, start, middle) + pairwiseSum(values, middle, end)
}

function fold(values: TypedArray, start: number, combine: (a: number, b: number) => number): number {
  let total = start
  for (let i = 0; i < values.length; i++) total = combine(total, values[i])
  return total
}

/** A reduced tensor with its axes back, repeated. */
function restore(x: Tensor, axes: readonly number[], shape: Shape): Tensor {
  return broadcastTo(expandDims(x, axes), shape)
}

/** Sums over axes; integers wrap. */
export const sumPrimitive: Primitive<ReduceParams> = /* @__PURE__ */ reduction('reduceSum', {
  dtypes: numeric,
  row: (values, dtype) => (isFloat(dtype) ? pairwiseSum(values) : fold(values, 0, (a, b) => (a + b) | 0)),
  back: (ct, [x], { axes }) => [restore(ct, axes, x.aval.shape)],
})

/** Products over axes; integers wrap. */
export const prodPrimitive: Primitive<ReduceParams> = /* @__PURE__ */ reduction('reduceProd', {
  dtypes: numeric,
  row: (values, dtype) => (isFloat(dtype) ? fold(values, 1, (a, b) => a * b) : fold(values, 1, Math.imul)),
  jvp: ([x], [dx], _, { axes }) => {
    if (dx === null) return [null]
    // The product of the others, from both sides, so that zeros do not divide.
    const kept = otherAxes(axes, x.ndim)
    const shape = [...pick(x.shape, kept), sizeOf(pick(x.shape, axes))]
    const rowsOf = (t: Tensor) => reshape(transpose(t, [...kept, ...axes]), shape)
    const others = productOfOthers(rowsOf(x))
    return [sum(mul(rowsOf(dx), others), -1)]
  },
})

function productOfOthers(x: Tensor): Tensor {
  const last = x.ndim - 1
  const n = x.shape[last]
  const moved = (t: Tensor, before: number, after: number) => {
    const padded = pad(
      t,
      t.shape.map((_, i) => (i === last ? [before, after] : [0, 0])),
      1,
    )
    return slice(padded, ...t.shape.map((_, i) => (i === last ? ([after, after + n] as const) : null)))
  }
  return mul(moved(cumprod(x, -1), 1, 0), moved(cumprod(x, -1, { reverse: true }), 0, 1))
}

function extreme(name: string, row: Reduction['row']): Primitive<ReduceParams> {
  return reduction(name, {
    dtypes: everyDType,
    row,
    jvp: ([x], [dx], [out], { axes }) => {
      if (dx === null) return [null]
      const winners = where(eq(x, restore(out, axes, x.shape)), literalTensor(1, dx.dtype), 0)
      return [div(sum(mul(dx, winners), axes), sum(winners, axes))]
    },
  })
}

/** Greatest elements over axes; NaN wins, ties share the gradient. */
export const reduceMaxPrimitive: Primitive<ReduceParams> = /* @__PURE__ */ extreme('reduceMax', (values, dtype) =>
  fold(values, lowest(dtype), Math.max),
)

/** Least elements over axes; NaN wins, ties share the gradient. */
export const reduceMinPrimitive: Primitive<ReduceParams> = /* @__PURE__ */ extreme('reduceMin', (values, dtype) =>
  fold(values, highest(dtype), Math.min),
)

/** Parameters of `argMax` and `argMin`. */
export interface ArgParams {
  readonly axis: number
}

function argReduction(name: string, better: (a: number, b: number) => boolean): Primitive<ArgParams> {
  return sharedPrimitive<ArgParams>(name, {
    shape: ([x], { axis }) => {
      if (x.shape[axis] === 0) {
        throw new AdjointError('shape-mismatch', {
          fn: name,
          given: `${formatAval(x)}, empty along axis ${axis}`,
          expected: 'at least one element to choose from',
        })
      }
      return [{ shape: x.shape.filter((_, i) => i !== axis), dtype: 'int32' }]
    },
    jvp: () => [null],
    lanes: ({ axis }) => ({ axis: axis + 1 }),
    reference: ([x], { axis }, [out]) => {
      const data = new Int32Array(sizeOf(out.shape))
      rows(x, [axis], (i, values) => {
        data[i] = winner(values, better)
      })
      return [data]
    },
  })
}

function winner(values: TypedArray, better: (a: number, b: number) => boolean): number {
  let best = 0
  for (let i = 1; i < values.length; i++) {
    if (Number.isNaN(values[best])) return best
    if (Number.isNaN(values[i]) || better(values[i], values[best])) best = i
  }
  return best
}

/** Index of the first greatest element; NaN counts as greatest. */
export const argMaxPrimitive: Primitive<ArgParams> = /* @__PURE__ */ argReduction('argMax', (a, b) => a > b)

/** Index of the first least element; NaN counts as least. */
export const argMinPrimitive: Primitive<ArgParams> = /* @__PURE__ */ argReduction('argMin', (a, b) => a < b)
