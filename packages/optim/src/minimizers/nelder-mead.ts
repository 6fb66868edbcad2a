// The simplex method of Nelder and Mead, with coefficients that depend on the dimension. It needs no gradient.
// J. A. Nelder, R. Mead, A Simplex Method for Function Minimization, 1965; F. Gao, L. Han, Implementing the Nelder-Mead
// Simplex Algorithm with Adaptive Parameters, 2012.

import {
  abs,
  add,
  and,
  argsort,
  cast,
  clip,
  concat,
  cond,
  eq,
  expandDims,
  eye,
  grad,
  isFinite,
  isNaN,
  le,
  lt,
  max,
  mean,
  mul,
  not,
  or,
  slice,
  sub,
  type Tensor,
  take,
  vmap,
  where,
  whileLoop,
} from '@adjoint/core'
import { integer, largest } from '../numbers.js'
import { STATUS } from '../status.js'
import { ended } from './descend.js'
import type { Outcome, Problem } from './problem.js'

interface Simplex {
  /** Corners, best first. `[n + 1, n]` */
  readonly corners: Tensor
  /** `[n + 1]` */
  readonly values: Tensor
  /** int32 */
  readonly evaluations: Tensor
}

interface State extends Simplex {
  readonly iterations: Tensor
  readonly status: Tensor
}

/** The first simplex: each coordinate in turn is larger by this part, or this much where it is 0. */
const SPREAD = { part: 0.05, zero: 0.00025 }

/** Minimises by a moving simplex; converged when its values and its corners lie within the tolerance. */
export function nelderMead({ loss, start, bounds, tolerance, maxSteps }: Problem): Outcome {
  const n = start.size
  const dimension = Math.max(n, 2)
  const [expansion, contraction, shrinkage] = [1 + 2 / dimension, 0.75 - 0.5 / dimension, 1 - 1 / dimension]
  const inside = (x: Tensor): Tensor => (bounds === null ? x : clip(x, bounds.lower, bounds.upper))
  // NaN is as bad as it gets.
  const evaluate = (x: Tensor): Tensor => {
    const value = loss(x)
    return where(isNaN(value), Infinity, value)
  }
  const evaluateAll = vmap(evaluate)
  const center = inside(start)
  const shifted = add(center, where(eq(center, 0), SPREAD.zero, mul(center, SPREAD.part)))
  const moved = where(cast(eye(n, n, { backend: start.backend }), 'bool'), shifted, center)
  const corners = inside(concat([expandDims(center, 0), moved]))
  const body = (s: State): State => {
    const next = improve(s)
    const spread = max(abs(sub(next.corners, slice(next.corners, 0))))
    const done = and(le(spread, tolerance), le(sub(slice(next.values, n), slice(next.values, 0)), tolerance))
    return {
      ...next,
      iterations: add(s.iterations, 1),
      status: cast(where(done, STATUS.converged, STATUS.running), 'int32'),
    }
  }
  const improve = ({ corners, values, evaluations }: Simplex): Simplex => {
    const [best, second, worst] = [slice(values, 0), slice(values, n - 1), slice(values, n)]
    const middle = mean(slice(corners, [0, n]), 0)
    const last = slice(corners, n)
    const along = (t: Tensor | number): Tensor => inside(add(middle, mul(sub(middle, last), t)))
    const reflected = along(1)
    const value = evaluate(reflected)
    const good = and(le(best, value), lt(value, second))
    const far = lt(value, best)
    const outside = lt(value, worst)
    const other = along(where(far, expansion, where(outside, contraction, -contraction)).cast(start.dtype))
    const tried = cond(
      good,
      () => value,
      () => evaluate(other),
    )
    const accepted = where(far, lt(tried, value), where(outside, le(tried, value), lt(tried, worst)))
    const takeOther = and(not(good), accepted)
    const useful = or(or(good, far), accepted)
    const corner = where(takeOther, other, reflected)
    const count = add(evaluations, where(good, integer(evaluations, 1), integer(evaluations, 2)))
    return cond(
      useful,
      () =>
        sorted(
          replaced(corners, corner),
          concat([slice(values, [0, n]), expandDims(where(takeOther, tried, value), 0)]),
          count,
        ),
      () => {
        const first = slice(corners, 0)
        const closer = inside(add(first, mul(sub(corners, first), shrinkage)))
        return sorted(closer, concat([slice(values, [0, 1]), evaluateAll(slice(closer, [1, n + 1]))]), add(count, n))
      },
    )
  }
  const replaced = (rows: Tensor, row: Tensor): Tensor => concat([slice(rows, [0, n]), expandDims(row, 0)])
  const values = evaluateAll(corners)
  const origin = loss(center)
  const end = whileLoop<State>({
    cond: (s) => and(eq(s.status, STATUS.running), lt(s.iterations, maxSteps)),
    body,
    init: {
      ...sorted(corners, values, integer(start, n + 1)),
      iterations: integer(start, 0),
      status: cast(where(isFinite(origin), STATUS.running, STATUS.notFinite), 'int32'),
    },
  })
  const x = slice(end.corners, 0)
  return {
    x,
    value: slice(end.values, 0),
    gradientNorm: largest(grad(loss)(x)),
    iterations: end.iterations,
    evaluations: end.evaluations,
    status: ended(end.status),
  }
}

function sorted(corners: Tensor, values: Tensor, evaluations: Tensor): Simplex {
  const order = argsort(values)
  return { corners: take(corners, order), values: take(values, order), evaluations }
}
