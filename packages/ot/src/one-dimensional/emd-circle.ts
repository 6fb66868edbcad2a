// Optimal transport on a circle: the best place to cut it open, then transport on a line.
// J. Delon, J. Salomon, A. Sobolevskii, Fast Transport Optimization for Monge Costs on the Circle, 2010.

import {
  add,
  all,
  and,
  arange,
  argsort,
  concat,
  cumsum,
  div,
  eq,
  floor,
  fori,
  ge,
  gt,
  isFinite,
  mul,
  not,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  where,
  withBackend,
} from '@adjoint/core'
import { requireFloats, requireNumber, requirePositive, requireSameDType } from '../checks.js'
import { filled } from '../filled.js'
import { weightStatus, weightsOf } from '../measure.js'
import { SparsePlan } from '../plan.js'
import { STATUS } from '../status.js'
import { type LineOptions, powered } from './emd-1d.js'

/** Options of `emdCircle`. */
export interface CircleOptions extends LineOptions {
  /** Length of the circle: positions `x` and `x + period` are one point. @defaultValue 1 */
  readonly period?: number
}

/** A solved transport problem on a circle. */
export interface CircleResult {
  /** Mass from i to j, `[n, m]`, in n + m entries. */
  readonly plan: SparsePlan
  /** <P, C>. */
  readonly linearCost: Tensor
  /** How far the quantiles of y are turned against those of x, in turns. */
  readonly turn: Tensor
  /** bool. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`. */
  readonly status: Tensor
}

/**
 * The optimal plan between points on a circle for the cost `d ** p`, with d the distance the shorter way round.
 *
 * Traceable. Once the circle is cut open and the quantiles of one measure are turned by t, mass is matched in order; the cost is
 * convex in t and piecewise linear, and its slope is bisected. Derivatives are with respect to the points; the plan is constant
 * to them.
 *
 * J. Delon, J. Salomon, A. Sobolevskii, Fast Transport Optimization for Monge Costs on the Circle, 2010.
 *
 * @param x - `[n]`: positions
 * @param y - `[m]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { linearCost } = emdCircle(tensor([0.1, 0.5]), tensor([0.9, 0.5]), { p: 1 })
 * linearCost.item()   // 0.1
 */
export function emdCircle(x: Tensor, y: Tensor, { p = 2, period = 1, ...weights }: CircleOptions = {}): CircleResult {
  requireFloats('emdCircle', 'x', x, 1)
  requireFloats('emdCircle', 'y', y, 1)
  requireSameDType('emdCircle', x, [y])
  requireNumber('emdCircle', 'p', p, (v) => v >= 1 && v < Infinity, 'a finite number from 1')
  requirePositive('emdCircle', 'period', period)
  const a = stopGradient(weightsOf('emdCircle', 'a', weights.a, x.size, x))
  const b = stopGradient(weightsOf('emdCircle', 'b', weights.b, y.size, x))
  const [circleX, circleY] = [ordered(x, a, period), ordered(y, b, period)]
  const turn = bestTurn(circleX, circleY, p)
  const { values, rows, columns, distances } = turned(circleX, circleY, turn)
  const plan = new SparsePlan(mul(values, sum(a)), take(circleX.order, rows), take(circleY.order, columns), [
    x.size,
    y.size,
  ])
  const fault = weightStatus(a, b, true)
  const finite = and(all(isFinite(x)), all(isFinite(y)))
  const status = where(and(eq(fault, STATUS.converged), not(finite)), STATUS.notFinite, fault)
  return {
    plan,
    linearCost: mul(sum(mul(plan.values, powered(distances, p))), period ** p),
    turn,
    converged: eq(status, STATUS.converged),
    status,
  }
}

/** Points of a circle of length 1 in their order, and the cumulative shares of their weights. */
interface Ordered {
  readonly order: Tensor
  readonly points: Tensor
  readonly levels: Tensor
}

function ordered(x: Tensor, weights: Tensor, period: number): Ordered {
  const turns = div(x, period)
  const points = sub(turns, floor(stopGradient(turns)))
  const order = argsort(stopGradient(points))
  const sums = cumsum(take(weights, order))
  return { order, points: take(points, order), levels: div(sums, sum(weights)) }
}

/** The matching in order when the levels of y are moved by `turn`: n + m steps, with the signed distance of each. */
function turned(x: Ordered, y: Ordered, turn: Tensor) {
  const [n, m] = [x.order.size, y.order.size]
  const count = (size: number) => withBackend(x.points.backend, () => arange(0, size, 1, { dtype: 'int32' }))
  const whole = floor(turn)
  const shifted = add(y.levels, sub(turn, whole))
  const wrapped = ge(shifted, 1)
  const levels = concat([x.levels.slice([0, n - 1]), where(wrapped, sub(shifted, 1), shifted)])
  const origin = argsort(levels)
  const edges = concat([filled(levels, [1], 0), take(levels, origin), filled(levels, [1], 1)])
  const right = ge(origin, n - 1).cast('int32')
  const passed = concat([filled(right, [1], 0), cumsum(right)])
  const rows = sub(count(n + m), passed)
  const lifted = add(passed, sum(not(wrapped).cast('int32')))
  const laps = ge(lifted, m).cast('int32')
  const columns = sub(lifted, mul(laps, m))
  const moved = add(take(y.points, columns), sub(laps.cast(levels.dtype), add(whole, 1)))
  const distances = sub(take(x.points, rows), moved)
  return { values: sub(edges.slice([1, n + m + 1]), edges.slice([0, n + m])), rows, columns, distances, right }
}

/** The slope of the cost changes its sign there. It is constant between the places where two levels meet. */
function bestTurn(x: Ordered, y: Ordered, p: number): Tensor {
  const held = (o: Ordered): Ordered => ({ ...o, points: stopGradient(o.points) })
  const [heldX, heldY] = [held(x), held(y)]
  const slope = (turn: Tensor) => {
    const { distances, right } = turned(heldX, heldY, turn)
    const costs = powered(distances, p)
    const change = sub(costs.slice([0, costs.size - 1]), costs.slice([1, costs.size]))
    return sum(where(eq(right, 1), change, 0))
  }
  const steps = x.points.dtype === 'float64' ? 54 : 26
  const bracket = [filled(x.points, [], -1), filled(x.points, [], 1)] as const
  const [low, high] = fori(
    0,
    steps,
    (_, [from, to]: readonly [Tensor, Tensor]) => {
      const middle = mul(add(from, to), 0.5)
      const rising = gt(slope(middle), 0)
      return [where(rising, from, middle), where(rising, middle, to)] as const
    },
    bracket,
  )
  return mul(add(low, high), 0.5)
}
