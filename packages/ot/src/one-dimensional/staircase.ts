// Two measures on a line coupled in order: the north-west corner rule, for any number of steps at once.

import {
  arange,
  concat,
  cumsum,
  div,
  ge,
  minimum,
  mul,
  sortTogether,
  sub,
  sum,
  type Tensor,
  withBackend,
} from '@adjoint/core'
import { filled } from '../filled.js'

/** The steps of the coupling of two sorted measures, n + m - 1. */
export interface Staircase {
  /** The mass of each. */
  readonly values: Tensor
  /** int32: its row, a place in the order of the sorted points. */
  readonly rows: Tensor
  /** int32: its column. */
  readonly columns: Tensor
  /** int32, one fewer: 1 where the next step is to the next row, 0 to the next column. */
  readonly down: Tensor
}

/** Couples weights `[n]` and `[m]` in their order: cut all mass at the quantiles of both. */
export function staircase(a: Tensor, b: Tensor): Staircase {
  const [n, m] = [a.size, b.size]
  const count = (size: number) => withBackend(a.backend, () => arange(0, size, 1, { dtype: 'int32' }))
  const inner = (w: Tensor) => minimum(div(cumsum(w), sum(w)), 1).slice([0, w.size - 1])
  const [levels, origin] = sortTogether([concat([inner(a), inner(b)]), count(n + m - 2)])
  const edges = concat([filled(a, [1], 0), levels, filled(a, [1], 1)])
  const right = ge(origin, n - 1).cast('int32')
  const columns = concat([filled(right, [1], 0), cumsum(right)])
  return {
    values: mul(sub(edges.slice([1, n + m]), edges.slice([0, n + m - 1])), sum(a)),
    rows: sub(count(n + m - 1), columns),
    columns,
    down: sub(1, right),
  }
}
