// The rows that index vectors name: shapes of gather and scatter, and the offset of each row or -1.

import type { Aval, Scalar, Shape } from '@adjoint/core'
import { binary, int, plus, sizeOf, stridesOf, times } from '@adjoint/core/codegen'
import type { GatherParams } from '@adjoint/core/primitives'
import { clamped, compare, every, load, select } from './ir.js'

/** The parts of `x [batch, indexed, rest]` and `indices [batch, points, depth]`. */
export interface RowLayout {
  readonly indexed: Shape
  readonly batches: number
  /** Index vectors of one batch. */
  readonly points: number
  /** Elements of a row. */
  readonly width: number
}

/** The layout of a gather or scatter. */
export function rowLayout(x: Aval, indices: Aval, { batch }: GatherParams): RowLayout {
  const depth = indices.shape[indices.shape.length - 1]
  return {
    indexed: x.shape.slice(batch, batch + depth),
    batches: sizeOf(x.shape.slice(0, batch)),
    points: sizeOf(indices.shape.slice(batch, -1)),
    width: sizeOf(x.shape.slice(batch + depth)),
  }
}

/** The number of the row in x that index vector `point` (of all batches) names; -1 where it is dropped. */
export function rowOf(point: Scalar, buffer: number, layout: RowLayout, mode: GatherParams['mode']): Scalar {
  const { indexed, batches, points } = layout
  const strides = stridesOf(indexed)
  const batch = batches === 1 ? int(0) : binary('div', point, int(points))
  const inside: Scalar[] = []
  let row = times(batch, sizeOf(indexed))
  indexed.forEach((n, d) => {
    const index = load(buffer, 'int32', plus(times(point, indexed.length), int(d)))
    const kept = clamped(index, n - 1)
    inside.push(compare('eq', kept, index))
    row = plus(row, times(kept, strides[d]))
  })
  if (indexed.includes(0)) return int(-1)
  return mode === 'clip' ? row : select(every(inside), row, int(-1))
}
