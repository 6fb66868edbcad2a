// Reductions, running reductions and matrix products.

import * as primitives from '@adjoint/core/primitives'
import type { TfjsInfo, TfjsKernel, TfjsOps } from '../api.js'
import { sizeOf } from '../device.js'
import {
  binary,
  cast,
  countable,
  fill,
  larger,
  reshape,
  scalar,
  select,
  slice,
  transpose,
  unary,
  wrappingMul,
} from './ops.js'
import { type Entry, entry } from './table.js'

type Reduce = (ops: TfjsOps, x: TfjsInfo, axes: readonly number[]) => TfjsInfo

/** A reduction over no axes changes nothing, and over nothing gives its identity; tfjs does neither. */
const reducing =
  (reduce: Reduce, identity: (dtype: TfjsInfo['dtype']) => number): TfjsKernel<primitives.ReduceParams> =>
  (ops, [x], { params: { axes }, outputs: [{ shape }] }) => {
    if (axes.length === 0) return x
    if (sizeOf(x.shape) === 0) return identities(ops, shape, identity(x.dtype), x.dtype)
    const out = onRows(ops, countable(ops, x), axes, reduce)
    return cast(ops, reshape(ops, out, shape), x.dtype)
  }

/** Uploaded rather than filled: devices that fill in floats lose the greatest integer. */
function identities(ops: TfjsOps, shape: readonly number[], value: number, dtype: TfjsInfo['dtype']): TfjsInfo {
  return ops.constant(new Array<number>(sizeOf(shape)).fill(value), shape, dtype)
}

/** The axes to be reduced as the last one of a matrix: the GPU kernels reduce that one best. */
function onRows(ops: TfjsOps, x: TfjsInfo, axes: readonly number[], reduce: Reduce): TfjsInfo {
  if (!ops.device.startsWith('webg')) return reduce(ops, x, axes)
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i))
  const perm = [...kept, ...axes]
  const moved = transpose(ops, x, perm)
  const size = (chosen: readonly number[]) => sizeOf(chosen.map((i) => x.shape[i]))
  return reduce(ops, reshape(ops, moved, [size(kept), size(axes)]), [1])
}

const sum: Reduce = (ops, x, axes) => ops.run('Sum', { x }, { axis: axes, keepDims: false })

/** tfjs's cpu kernel multiplies integers in doubles, and its wasm kernel likewise: they do not wrap; by halves they do. */
const product: Reduce = (ops, x, axes) => {
  if (x.dtype === 'float32') return ops.run('Prod', { x }, { axis: axes, keepDims: false })
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i))
  const width = sizeOf(axes.map((i) => x.shape[i]))
  const rows = sizeOf(kept.map((i) => x.shape[i]))
  let out = reshape(ops, transpose(ops, x, [...kept, ...axes]), [rows, width])
  for (let n = width; n > 1; n = n - Math.floor(n / 2)) {
    const half = Math.floor(n / 2)
    const product = wrappingMul(
      ops,
      slice(ops, out, [0, 0], [rows, half]),
      slice(ops, out, [0, n - half], [rows, half]),
    )
    out =
      n % 2 === 0 ? product : ops.run('Concat', [product, slice(ops, out, [0, half], [rows, 1])] as never, { axis: 1 })
  }
  return reshape(
    ops,
    out,
    kept.map((i) => x.shape[i]),
  )
}

const maximum: Reduce = (ops, x, axes) =>
  nanWins(
    ops,
    x,
    axes,
    farOut(ops, x, 'LessEqual', -FAR, (v) => ops.run('Max', { x: v }, { reductionIndices: axes, keepDims: false })),
  )
const minimum: Reduce = (ops, x, axes) =>
  nanWins(
    ops,
    x,
    axes,
    farOut(ops, x, 'GreaterEqual', FAR, (v) => ops.run('Min', { x: v }, { axis: axes, keepDims: false })),
  )

/** A little less than where tfjs's reductions start on WebGL, and what takes all floats below that. */
const [FAR, SMALLER] = [9e19, 2 ** -64]

/** On WebGL tfjs starts at -1e20 and 1e20: results out there are found again, of smaller numbers. */
function farOut(
  ops: TfjsOps,
  x: TfjsInfo,
  beyond: 'LessEqual' | 'GreaterEqual',
  far: number,
  run: (x: TfjsInfo) => TfjsInfo,
): TfjsInfo {
  const out = run(x)
  if (ops.device !== 'webgl' || x.dtype !== 'float32') return out
  const by = (v: TfjsInfo, factor: number) => binary(ops, 'Multiply', v, scalar(ops, factor, 'float32'))
  const again = by(run(by(x, SMALLER)), 1 / SMALLER)
  return select(ops, out.shape, binary(ops, beyond, out, scalar(ops, far, 'float32')), again, out)
}

/** The kernels of cpu and wasm let NaN win; those of GPUs do not. */
function nanWins(ops: TfjsOps, x: TfjsInfo, axes: readonly number[], out: TfjsInfo): TfjsInfo {
  if (x.dtype !== 'float32' || !ops.device.startsWith('webg')) return out
  const some = ops.run(
    'Max',
    { x: cast(ops, unary(ops, 'IsNan', x), 'int32') },
    { reductionIndices: axes, keepDims: false },
  )
  return select(ops, out.shape, cast(ops, some, 'bool'), ops.constant([Number.NaN], [], 'float32'), out)
}

/** The first extreme element, NaN before all; tfjs's comparisons pass over NaN. */
const argExtreme =
  (kernel: 'ArgMax' | 'ArgMin'): TfjsKernel<primitives.ArgParams> =>
  (ops, [x], { params: { axis }, outputs: [{ shape }] }) =>
    reshape(ops, onRows(ops, countable(ops, x), [axis], firstExtreme(kernel)), shape)

const firstExtreme =
  (kernel: 'ArgMax' | 'ArgMin'): Reduce =>
  (ops, x, [axis]) => {
    const plain = ops.run(kernel, { x }, { axis })
    if (x.dtype !== 'float32') return plain
    const isNan = cast(ops, unary(ops, 'IsNan', x), 'int32')
    const some = cast(ops, ops.run('Max', { x: isNan }, { reductionIndices: [axis], keepDims: false }), 'bool')
    return select(ops, plain.shape, some, ops.run('ArgMax', { x: isNan }, { axis }), plain)
  }

const cumulative: TfjsKernel<primitives.CumulativeParams> = (ops, [x], { params: { op, axis, reverse } }) => {
  const last = x.shape.length - 1
  const swap = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i))
  const turned = (t: TfjsInfo) => transpose(ops, t, swap)
  const lanes = turned(x)
  return turned(op === 'sum' ? runningSum(ops, lanes, reverse) : runningMax(ops, lanes, reverse))
}

/** The WebGPU kernel's reverse code holds the length of the axis, but is kept for all lengths: there it runs forwards. */
function runningSum(ops: TfjsOps, x: TfjsInfo, reverse: boolean): TfjsInfo {
  const axis = x.shape.length - 1
  const around = reverse && ops.device === 'webgpu'
  const turned = (t: TfjsInfo) => (around ? ops.run('Reverse', { x: t }, { dims: [axis] }) : t)
  return turned(ops.run('Cumsum', { x: turned(x) }, { axis, exclusive: false, reverse: reverse && !around }))
}

/** In steps that double (W. Hillis, G. Steele, Data parallel algorithms, 1986): tfjs has no running maximum. */
function runningMax(ops: TfjsOps, x: TfjsInfo, reverse: boolean): TfjsInfo {
  const width = x.shape[x.shape.length - 1]
  const rows = sizeOf(x.shape) / width
  let out = reshape(ops, x, [rows, width])
  for (let by = 1; by < width; by *= 2) {
    const [head, tail] = [slice(ops, out, [0, 0], [rows, width - by]), slice(ops, out, [0, by], [rows, width - by])]
    const both = larger(ops, 'Maximum', head, tail)
    const rest = slice(ops, out, [0, reverse ? width - by : 0], [rows, by])
    out = ops.run('Concat', (reverse ? [both, rest] : [rest, both]) as never, { axis: 1 })
  }
  return reshape(ops, out, x.shape)
}

/** Operands as `[batch, m, k]` and `[batch, k, n]`, by flags where the axes already lie so. */
const dot: TfjsKernel<primitives.DotParams> = (ops, [a, b], { params: { contract, batch }, outputs: [{ shape }] }) => {
  const [la, lb] = [free(a, contract[0], batch[0]), free(b, contract[1], batch[1])]
  const size = (x: TfjsInfo, axes: readonly number[]) => sizeOf(axes.map((i) => x.shape[i]))
  const [lanes, m, n, k] = [size(a, batch[0]), size(a, la), size(b, lb), size(a, contract[0])]
  if (k === 0) return fill(ops, shape, 0, a.dtype)
  const left = arranged(ops, a, [batch[0], la, contract[0]], [lanes, m, k])
  const right = arranged(ops, b, [batch[1], contract[1], lb], [lanes, k, n])
  const flags = { transposeA: left.turned, transposeB: right.turned }
  const floats = ops.device.startsWith('webg')
  if (a.dtype === 'int32' && !floats) return integerProduct(ops, straight(ops, left), straight(ops, right))
  const [l, r] = [left.x, right.x].map((x) => cast(ops, x, 'float32'))
  return cast(ops, ops.run('BatchMatMul', { a: l, b: r }, flags), a.dtype)
}

interface Arranged {
  readonly x: TfjsInfo
  /** Whether its last two axes are the other way round. */
  readonly turned: boolean
}

function arranged(
  ops: TfjsOps,
  x: TfjsInfo,
  [batch, rows, columns]: readonly (readonly number[])[],
  [lanes, m, k]: readonly number[],
): Arranged {
  const inOrder = (axes: readonly number[]) => axes.every((axis, i) => axis === i)
  if (inOrder([...batch, ...rows, ...columns])) return { x: reshape(ops, x, [lanes, m, k]), turned: false }
  if (inOrder([...batch, ...columns, ...rows])) return { x: reshape(ops, x, [lanes, k, m]), turned: true }
  const moved = transpose(ops, x, [...batch, ...rows, ...columns])
  return { x: reshape(ops, moved, [lanes, m, k]), turned: false }
}

function straight(ops: TfjsOps, { x, turned }: Arranged): TfjsInfo {
  return turned ? transpose(ops, x, [0, 2, 1]) : x
}

/** Integers by products and sums: the wasm kernel of BatchMatMul takes floats only, GPUs compute in floats anyhow. */
function integerProduct(ops: TfjsOps, a: TfjsInfo, b: TfjsInfo): TfjsInfo {
  const [lanes, m, k] = a.shape
  const n = b.shape[2]
  const products = wrappingMul(ops, reshape(ops, a, [lanes, m, k, 1]), reshape(ops, b, [lanes, 1, k, n]))
  return ops.run('Sum', { x: products }, { axis: [2], keepDims: false })
}

function free(x: TfjsInfo, contract: readonly number[], batch: readonly number[]): number[] {
  return x.shape.map((_, i) => i).filter((i) => !contract.includes(i) && !batch.includes(i))
}

/** The reductions and products. */
export function reduceKernels(): Entry[] {
  const lowest = (dtype: TfjsInfo['dtype']) =>
    dtype === 'float32' ? Number.NEGATIVE_INFINITY : dtype === 'int32' ? -2147483648 : 0
  const highest = (dtype: TfjsInfo['dtype']) =>
    dtype === 'float32' ? Number.POSITIVE_INFINITY : dtype === 'int32' ? 2147483647 : 1
  return [
    entry(
      primitives.sumPrimitive,
      reducing(sum, () => 0),
    ),
    entry(
      primitives.prodPrimitive,
      reducing(product, () => 1),
    ),
    entry(primitives.reduceMaxPrimitive, reducing(maximum, lowest)),
    entry(primitives.reduceMinPrimitive, reducing(minimum, highest)),
    entry(primitives.argMaxPrimitive, argExtreme('ArgMax')),
    entry(primitives.argMinPrimitive, argExtreme('ArgMin')),
    entry(primitives.cumulativePrimitive, cumulative),
    entry(primitives.dotPrimitive, dot),
  ]
}
