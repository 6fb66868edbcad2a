// Indexing with numbers, ranges and integer tensors; and the pure updates `x.at(i).set(v)`.

import { beside } from '../backend/current.js'
import { bind1 } from '../bind.js'
import { AdjointError } from '../error.js'
import { dynamicSlicePrimitive, dynamicUpdatePrimitive } from '../primitives/dynamic.js'
import { type Bounds, gatherPrimitive, type ScatterParams, scatterPrimitive } from '../primitives/gather.js'
import { iotaBeside } from '../primitives/movement.js'
import { broadcastShapes, formatAval, normalizeAxis, type Shape } from '../shape.js'
import { isTensor, literalTensor, type Tensor, type TensorLike } from '../tensor.js'
import { add, cast, eq, lt, where } from './elementwise.js'
import { broadcastTo, concat, expandDims, moveAxis, type Range, reshape, slice, stack } from './movement.js'
import { operands } from './operands.js'

/** One index per axis: a number, a range, `null` for all, or an int32 tensor. Tensors broadcast together. */
export type Index = Range | Tensor

/**
 * Elements or slices by integer tensor, along one axis. Indices outside are moved to the edge.
 *
 * @param indices - int32, any shape; it replaces the axis
 * @throws AdjointError `dtype-mismatch` for other indices; `axis-out-of-range`
 * @example
 * take(tensor([10, 20, 30]), tensor([2, 0], { dtype: 'int32' }))   // [30, 10]
 */
export function take(x: Tensor, indices: Tensor, axis = 0, mode: Bounds = 'clip'): Tensor {
  const along = normalizeAxis('take', axis, x.ndim)
  const front = moveAxis(x, along, 0)
  const out = bind1(gatherPrimitive, [front, expandDims(integers('take', indices), -1)], { batch: 0, mode })
  const order = Array.from({ length: out.ndim }, (_, i) => i)
  const moved = order.splice(0, indices.ndim)
  order.splice(along, 0, ...moved)
  return out.transpose(order)
}

/**
 * For each place, the element of its lane that `indices` names. `x` and `indices` agree but for the axis.
 *
 * @throws AdjointError `shape-mismatch` when other axes differ
 * @example
 * takeAlongAxis(tensor([[1, 2], [3, 4]]), tensor([[1], [0]], { dtype: 'int32' }), 1)   // [[2], [3]]
 */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis: number): Tensor {
  const along = normalizeAxis('takeAlongAxis', axis, x.ndim)
  const lanes = moveAxis(x, along, -1)
  const at = moveAxis(integers('takeAlongAxis', indices), along, -1)
  const out = bind1(gatherPrimitive, [lanes, expandDims(at, -1)], { batch: x.ndim - 1, mode: 'clip' })
  return moveAxis(out, -1, along)
}

function integers(fn: string, indices: Tensor): Tensor {
  if (indices.dtype === 'int32') return indices
  if (indices.dtype === 'uint32') return cast(indices, 'int32')
  throw new AdjointError('dtype-mismatch', {
    fn,
    given: `indices ${formatAval(indices)}`,
    expected: 'int32',
    fix: "Cast them: indices.cast('int32'); for bool masks use where() or await nonzero()",
  })
}

/**
 * A window whose start is a tensor, moved so that it fits.
 *
 * @param start - int32 `[ndim]`, or one scalar per axis
 * @param sizes - the window's shape
 * @throws AdjointError `shape-mismatch` when the window is larger than the tensor
 * @example
 * dynamicSlice(arange(5), [3], [3])   // [2, 3, 4]
 */
export function dynamicSlice(x: Tensor, start: Tensor | readonly TensorLike[], sizes: Shape): Tensor {
  return bind1(dynamicSlicePrimitive, [x, startTensor(x, start)], { sizes })
}

/**
 * A copy with the window at `start` replaced; the start is moved so that it fits.
 *
 * @throws AdjointError `shape-mismatch` when the update is larger than the tensor
 * @example
 * dynamicUpdate(zeros([4]), ones([2]), [1])   // [0, 1, 1, 0]
 */
export function dynamicUpdate(x: Tensor, update: TensorLike, start: Tensor | readonly TensorLike[]): Tensor {
  const [into, window] = operands('dynamicUpdate', [x, update])
  return bind1(dynamicUpdatePrimitive, [into, window, startTensor(into, start)])
}

function startTensor(x: Tensor, start: Tensor | readonly TensorLike[]): Tensor {
  if (isTensor(start)) return start
  const scalars = start.map((s) => (typeof s === 'number' ? literalTensor(s, 'int32') : s))
  return beside([x], () => (scalars.length === 0 ? broadcastTo(literalTensor(0, 'int32'), [0]) : stack(scalars)))
}

/**
 * 1 at each label, 0 elsewhere. `[...]` -> `[..., n]`; labels outside give zeros.
 *
 * @example
 * oneHot(tensor([1, 0], { dtype: 'int32' }), 3)   // [[0, 1, 0], [1, 0, 0]]
 */
export function oneHot(labels: Tensor, n: number, dtype: 'float32' | 'float64' | 'int32' = 'float32'): Tensor {
  const classes = iotaBeside(labels, { shape: [n], dtype: 'int32', axis: 0 })
  return cast(eq(expandDims(integers('oneHot', labels), -1), classes), dtype)
}

/** Places in a tensor, to read or to replace in a copy. Made by `x.at(...)`. */
export class At {
  private readonly x: Tensor
  private readonly plan: IndexPlan

  /** @internal */
  constructor(x: Tensor, indices: readonly Index[]) {
    this.x = x
    this.plan = planOf(x, indices)
  }

  /** The elements. Tensor indices outside are moved to the edge, or read 0 under `'drop'`. */
  get(mode: Bounds = 'clip'): Tensor {
    const { points, ranges } = this.plan
    if (points === null) return slice(this.x, ...ranges)
    const out = bind1(gatherPrimitive, [this.plan.front(this.x), points], { batch: 0, mode })
    return slice(out, ...points.shape.slice(0, -1).map(() => null), ...ranges)
  }

  /** A copy with the elements replaced; tensor indices outside are dropped. */
  set(values: TensorLike): Tensor {
    return this.combine(values, 'set')
  }

  /** A copy with `values` added; an index named twice counts twice. */
  add(values: TensorLike): Tensor {
    return this.combine(values, 'add')
  }

  /** A copy with the lesser of the elements and `values`. */
  min(values: TensorLike): Tensor {
    return this.combine(values, 'min')
  }

  /** A copy with the greater of the elements and `values`. */
  max(values: TensorLike): Tensor {
    return this.combine(values, 'max')
  }

  private combine(values: TensorLike, combine: ScatterParams['combine']): Tensor {
    const [x, given] = operands(`at().${combine}`, [this.x, values])
    const target = this.get()
    const updates = beside([x], () => broadcastTo(given, target.shape))
    const points = this.plan.everyPoint(x, target.shape)
    const flat = reshape(updates, points.shape.slice(0, -1))
    return bind1(scatterPrimitive, [x, points, flat], { batch: 0, mode: 'drop', combine })
  }
}

interface IndexPlan {
  /** Index vectors of the tensor indices, or null when there is none. */
  readonly points: Tensor | null
  /** Ranges of the other axes. */
  readonly ranges: readonly Range[]
  /** The tensor with the axes indexed by tensors first. */
  front(x: Tensor): Tensor
  /** One full index vector per element of the selection. */
  everyPoint(x: Tensor, target: Shape): Tensor
}

function planOf(x: Tensor, indices: readonly Index[]): IndexPlan {
  if (indices.length > x.ndim) {
    throw new AdjointError('invalid-argument', {
      fn: 'at',
      given: `${indices.length} indices for ${formatAval(x)}`,
      expected: `at most ${x.ndim}`,
    })
  }
  const axes = x.shape.map((_, i) => i)
  const byTensor = axes.filter((i) => isTensor(indices[i]))
  const others = axes.filter((i) => !byTensor.includes(i))
  const ranges = others.map((i) => (indices[i] ?? null) as Range)
  const tensors = byTensor.map((i) => wrapped(integers('at', indices[i] as Tensor), x.shape[i]))
  const shape =
    tensors.length === 0
      ? []
      : broadcastShapes(
          'at',
          tensors.map((t) => t.shape),
        )
  const points =
    tensors.length === 0
      ? null
      : stack(
          tensors.map((t) => broadcastTo(t, shape)),
          -1,
        )
  return {
    points,
    ranges,
    front: (t) => t.transpose([...byTensor, ...others]),
    everyPoint: (t, target) => {
      // Number the elements, select as the value would be, and unfold the numbers to index vectors.
      const coordinates = axes.map((axis) => {
        const numbered = iotaBeside(t, { shape: t.shape, dtype: 'int32', axis })
        const column = byTensor.indexOf(axis)
        if (column >= 0 && points !== null) {
          const own = reshape(points.slice(...shape.map(() => null), column), [
            ...shape,
            ...new Array<number>(target.length - shape.length).fill(1),
          ])
          return reshape(broadcastTo(own, target), [...target, 1])
        }
        const selected =
          points === null
            ? slice(numbered, ...ranges)
            : slice(
                bind1(gatherPrimitive, [numbered.transpose([...byTensor, ...others]), points], {
                  batch: 0,
                  mode: 'clip',
                }),
                ...shape.map(() => null),
                ...ranges,
              )
        return reshape(selected, [...target, 1])
      })
      return coordinates.length === 0
        ? beside([t], () => broadcastTo(literalTensor(0, 'int32'), [...target, 0]))
        : concat(coordinates, -1)
    },
  }
}

/** Negative indices count from the end. */
function wrapped(indices: Tensor, length: number): Tensor {
  return where(lt(indices, 0), add(indices, length), indices)
}
