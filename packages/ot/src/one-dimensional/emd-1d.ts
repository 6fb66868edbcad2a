// Optimal transport on a line, in closed form: sorted points, matched by their quantiles.
// F. Santambrogio, Optimal Transport for Applied Mathematicians, 2015, chapter 2.

import {
  abs,
  add,
  all,
  and,
  argsort,
  at,
  cumsum,
  eq,
  isFinite,
  not,
  pow,
  square,
  stopGradient,
  sub,
  type Tensor,
  take,
  where,
} from '@adjoint/core'
import { requireFloats, requireNumber, requireSameDType } from '../checks.js'
import { certified } from '../exact/certificate.js'
import { filled } from '../filled.js'
import { weightStatus, weightsOf } from '../measure.js'
import { SparsePlan } from '../plan.js'
import type { Marginals } from '../problem.js'
import type { TransportResult } from '../result.js'
import { STATUS } from '../status.js'
import { type Staircase, staircase } from './staircase.js'

/** Options of `emd1d`. */
export interface LineOptions extends Marginals {
  /** The cost of a pair is `|x - y| ** p`, p from 1. @defaultValue 2 */
  readonly p?: number
}

/**
 * The optimal plan between points on a line for the cost `|x - y| ** p`, in the time of sorting.
 *
 * Traceable. The plan has n + m - 1 entries; gradients are those of `emd`: points move with their partners, the potentials are the
 * gradient with respect to the weights, the plan itself is constant to derivatives.
 *
 * F. Santambrogio, Optimal Transport for Applied Mathematicians, 2015, chapter 2.
 *
 * @param x - `[n]`
 * @param y - `[m]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { linearCost, plan } = emd1d(tensor([0, 1, 3]), tensor([5, 6, 8]), { p: 1 })
 * linearCost.item()   // 5
 * plan.rows   // [0, 1, 1, 2, 2]
 */
export function emd1d(x: Tensor, y: Tensor, { p = 2, ...weights }: LineOptions = {}): TransportResult<SparsePlan> {
  requireFloats('emd1d', 'x', x, 1)
  requireFloats('emd1d', 'y', y, 1)
  requireSameDType('emd1d', x, [y])
  requireNumber('emd1d', 'p', p, (v) => v >= 1 && v < Infinity, 'a finite number from 1')
  const a = weightsOf('emd1d', 'a', weights.a, x.size, x)
  const b = weightsOf('emd1d', 'b', weights.b, y.size, x)
  const [orderX, orderY] = [argsort(stopGradient(x)), argsort(stopGradient(y))]
  const steps = staircase(stopGradient(take(a, orderX)), stopGradient(take(b, orderY)))
  const [rows, columns] = [take(orderX, steps.rows), take(orderY, steps.columns)]
  const costs = powered(sub(take(x, rows), take(y, columns)), p)
  const finite = and(all(isFinite(x)), all(isFinite(y)))
  const fault = weightStatus(a, b, true)
  const status = where(and(eq(fault, STATUS.converged), not(finite)), STATUS.notFinite, fault)
  const plan = new SparsePlan(steps.values, rows, columns, [x.size, y.size])
  const dual = potentials(stopGradient(costs), steps, orderX, orderY)
  return certified(plan, costs, a, b, { ...dual, pivots: eq(status, -1).cast('int32'), status })
}

/** `|d| ** p`, with the derivative 0 at 0 that `pow` would miss. */
export function powered(d: Tensor, p: number): Tensor {
  if (p === 1) return abs(d)
  return p === 2 ? square(d) : pow(abs(d), p)
}

/** Potentials along the staircase: each step's cost is the sum of two, and only one changes from step to step. */
function potentials(costs: Tensor, { down, rows, columns }: Staircase, orderX: Tensor, orderY: Tensor) {
  const change = sub(costs.slice([1, costs.size]), costs.slice([0, costs.size - 1]))
  const later = (places: Tensor) => places.slice([1, places.size])
  const risen = (places: Tensor, moves: Tensor, size: number) =>
    cumsum(at(filled(costs, [size], 0), later(places)).add(where(moves, change, 0)))
  const unsorted = (values: Tensor, order: Tensor) => at(filled(values, [values.size], 0), order).set(values)
  return {
    f: unsorted(add(risen(rows, eq(down, 1), orderX.size), costs.slice(0)), orderX),
    g: unsorted(risen(columns, eq(down, 0), orderY.size), orderY),
  }
}
