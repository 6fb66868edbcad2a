// Strided copies, which all movement is made of: whole rows where they are contiguous, tiles where axes cross, else loops.

import type { CpuKernelApi, DType, TypedArray } from '@adjoint/core'
import type { Scalar, Statement } from '@adjoint/core/codegen'
import { binary, int, plus } from '@adjoint/core/codegen'
import { type Builder, compileLoops, independent, load, loop, named, newBuilder, store, times } from './builder.js'
import { offsetsOf } from './offsets.js'
import { along, collapse, nest, type Walk } from './walk.js'

/** Copies from one array to another, starting at the given elements. */
export type Copy = (from: TypedArray, to: TypedArray, fromOffset: number, toOffset: number) => void

/** Rows at least this long are moved by the engine's own memory copy. */
const LONG_ROW = 48
/** Side of the square tiles in which axes are exchanged: both sides fit the L1 cache. */
const TILE = 32

/** A copy over `shape` with the given strides of source and target. */
export function strided(
  api: CpuKernelApi,
  dtype: DType,
  shape: readonly number[],
  from: readonly number[],
  to: readonly number[],
): Copy {
  if (shape.includes(0)) return () => {}
  const walk = collapse({ shape, strides: [from, to] })
  const last = walk.shape.length - 1
  if (last < 0) return copyOne
  const [a, b] = walk.strides
  if (a[last] === 1 && b[last] === 1 && walk.shape[last] >= LONG_ROW) return copyRows(walk)
  const crossing = crossingAxis(walk)
  return copyElements(api, dtype, walk, crossing)
}

const copyOne: Copy = (from, to, fromOffset, toOffset) => {
  to[toOffset] = from[fromOffset]
}

function copyRows({ shape, strides }: Walk): Copy {
  const outer = shape.slice(0, -1)
  const length = shape[shape.length - 1]
  const sources = offsetsOf(outer, strides[0])
  const targets = offsetsOf(outer, strides[1])
  return (from, to, fromOffset, toOffset) => {
    for (let i = 0; i < sources.length; i++) {
      const start = fromOffset + sources[i]
      to.set(from.subarray(start, start + length), toOffset + targets[i])
    }
  }
}

/** The axis along which the source is walked best, when it is not the last one as in the target; -1 if none. */
function crossingAxis({ shape, strides: [from] }: Walk): number {
  const last = shape.length - 1
  if (from[last] === 0) return -1
  let best = last
  for (let i = 0; i < last; i++) if (from[i] !== 0 && Math.abs(from[i]) < Math.abs(from[best])) best = i
  return best === last || shape[best] < 4 || shape[last] < 4 ? -1 : best
}

function copyElements(api: CpuKernelApi, dtype: DType, walk: Walk, crossing: number): Copy {
  const builder = newBuilder()
  const from = builder.slot(0)
  const to = builder.slot(0)
  const axes = walk.shape.map((_, i) => i)
  const starts = [from.scalar, to.scalar]
  const body =
    crossing < 0
      ? nest(builder, walk, starts, ([a, b]) => [store(1, b, load(0, a, dtype))], independent)
      : nest(
          builder,
          along(
            walk,
            axes.slice(0, -1).filter((i) => i !== crossing),
          ),
          starts,
          ([a, b]) => tiles(builder, along(walk, [crossing, axes.length - 1]), dtype, a, b),
          independent,
        )
  const run = compileLoops(api, 'copy', [dtype, dtype], 1, builder, body)
  return (source, target, fromOffset, toOffset) => {
    builder.values[from.index] = fromOffset
    builder.values[to.index] = toOffset
    run([source], [target])
  }
}

/** A matrix copied tile by tile. */
function tiles(builder: Builder, { shape, strides }: Walk, dtype: DType, a: Scalar, b: Scalar): Statement[] {
  const [rows, columns] = shape.map((n) => builder.number(n))
  const [[a0, a1], [b0, b1]] = strides.map((s) => s.map((n) => builder.number(n)))
  const until = (start: Scalar, end: Scalar) => binary('min', plus(start, int(TILE)), end)
  const row = (i: Scalar, j0: Scalar, end: Scalar) =>
    named(builder, plus(a, times(i, a0)), (x) =>
      named(builder, plus(b, times(i, b0)), (y) => [
        loop(builder, j0, end, 1, (j) => [store(1, plus(y, times(j, b1)), load(0, plus(x, times(j, a1)), dtype))]),
      ]),
    )
  return [
    independent(
      loop(builder, int(0), rows, TILE, (i0) => [
        independent(
          loop(builder, int(0), columns, TILE, (j0) =>
            named(builder, until(i0, rows), (iEnd) =>
              named(builder, until(j0, columns), (jEnd) => [loop(builder, i0, iEnd, 1, (i) => row(i, j0, jEnd))]),
            ),
          ),
        ),
      ]),
    ),
  ]
}
