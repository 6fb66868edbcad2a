// Reductions over all pairs of rows and columns, by blocks of rows: no table of all pairs is ever in memory.

import { concat, reshape, scan, slice, type Tensor, vmap } from '@adjoint/core'
import { filled } from '../filled.js'
import { type Formula, type Layout, parted } from './formula.js'

/** Parameters of a pairwise primitive. */
export interface PairParams extends Layout {
  readonly formula: Formula
  /** Shape of the formula's result. */
  readonly item: readonly number[]
  /** Whether all inputs carry lanes along axis 0. */
  readonly lanes: boolean
}

/** Pairs that are worked on at once. */
const BLOCK = 2 ** 17

/** How the results of one row are put together: `[m, ...item]` -> `[...item]`. */
export type Combine = (values: Tensor) => Tensor

/** The reduction by blocks, lane by lane. */
export function byBlocks(inputs: readonly Tensor[], params: PairParams, combine: Combine): Tensor {
  if (!params.lanes) return oneLane(inputs, params, combine)
  const each = (_: null, lane: readonly Tensor[]) => [null, oneLane(lane, params, combine)] as const
  return scan(each, null, inputs).ys
}

function oneLane(inputs: readonly Tensor[], params: PairParams, combine: Combine): Tensor {
  const [rows, columns, shared] = parted(inputs, params)
  const row = (...r: Tensor[]): Tensor => combine(vmap((...c: Tensor[]) => params.formula(r, c, shared))(...columns))
  const n = rows[0].shape[0]
  const count = Math.ceil(n / Math.max(1, Math.floor(BLOCK / columns[0].shape[0])))
  if (count === 1) return vmap(row)(...rows)
  const size = Math.ceil(n / count)
  const blocks = rows.map((x) => reshape(padded(x, count * size), [count, size, ...x.shape.slice(1)]))
  const { ys } = scan((_: null, block: readonly Tensor[]) => [null, vmap(row)(...block)] as const, null, blocks)
  return slice(reshape(ys, [count * size, ...params.item]), [0, n])
}

/** With zeros below. */
function padded(x: Tensor, size: number): Tensor {
  const missing = size - x.shape[0]
  if (missing === 0) return x
  return concat([x, filled(x, [missing, ...x.shape.slice(1)], 0)])
}
