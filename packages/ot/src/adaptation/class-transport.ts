// Entropic transport that keeps the points of different classes apart: each target takes mass from few classes.
// N. Courty, R. Flamary, D. Tuia, Domain Adaptation with Regularized Optimal Transport, 2014.

import {
  AdjointError,
  add,
  div,
  fori,
  gt,
  isTensor,
  matmul,
  mul,
  oneHot,
  pow,
  type Tensor,
  where,
  withBackend,
} from '@adjoint/core'
import { requireCount, requireNumber, typeOf } from '../checks.js'
import { type SinkhornOptions, type SinkhornResult, sinkhorn } from '../entropic/sinkhorn.js'
import { filled } from '../filled.js'
import { costMatrix } from '../geometry/cost-matrix.js'
import { costScale } from '../geometry/epsilon.js'
import type { Geometry } from '../geometry/geometry.js'

/** Options of `classTransport`; the rest is for `sinkhorn`. */
export interface ClassTransportOptions extends Omit<SinkhornOptions, 'start'> {
  /** Weight of the penalty on mixed classes, in units of `epsilonScale`. @defaultValue 0.1 */
  readonly strength?: number
  /** How often the penalty is made linear and the problem solved anew. @defaultValue 10 */
  readonly rounds?: number
}

/** What keeps the slope of the square root finite, in parts of the mass of a target. */
const FLOOR = 1e-3

/**
 * Entropic transport of labelled points: adds `strength * sum_j b_j sum_c sqrt(mass from class c to j, as a part of b_j)`, so
 * that each target takes its mass from few classes. Solved by rounds of `sinkhorn` on costs with the penalty made linear, each
 * of which lowers the objective. Traceable; derivatives go through the rounds.
 *
 * N. Courty, R. Flamary, D. Tuia, Domain Adaptation with Regularized Optimal Transport, 2014.
 *
 * @param geometry - of n and m points, or costs `[n, m]`; a matrix of that size is held
 * @param labels - int32 `[n]`, classes from 0; points of negative label take no part in the penalty
 * @param classes - how many there are
 * @returns the result of the last round; its costs are with the linear penalty
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const [x, y] = [tensor([[0], [1]]), tensor([[0.4], [0.6]])]
 * const labels = tensor([0, 1], { dtype: 'int32' })
 * const { plan } = classTransport(pointCloud(x, y), labels, 2, { epsilon: 0.2, strength: 1 })
 * plan.toDense()   // [[0.49..., 0.00...], [0.00..., 0.49...]]
 */
export function classTransport(
  geometry: Geometry | Tensor,
  labels: Tensor,
  classes: number,
  { strength = 0.1, rounds = 10, ...options }: ClassTransportOptions = {},
): SinkhornResult {
  const costs = isTensor(geometry) ? costMatrix(geometry) : geometry
  const [n] = costs.shape
  requireCount('classTransport', 'classes', classes)
  requireCount('classTransport', 'rounds', rounds)
  requireNumber('classTransport', 'strength', strength, (v) => v >= 0 && v < Infinity, 'a number from 0')
  checkLabels(labels, n)
  const table = costs.costMatrix()
  const unit = costScale(costs, options.epsilonScale ?? 'mean')
  const belongs = withBackend(table.backend, () => oneHot(labels, classes)).cast(table.dtype)
  const solve = (penalty: Tensor): SinkhornResult =>
    sinkhorn(add(table, mul(penalty, unit)), {
      ...options,
      epsilon: mul(unit, options.epsilon ?? 0.05),
      epsilonScale: 'absolute',
    })
  const penaltyOf = ({ plan }: SinkhornResult): Tensor => {
    const { b } = plan.problem
    const part = div(matmul(belongs.transpose(), plan.toDense()), where(gt(b, 0), b, 1))
    return mul(matmul(belongs, pow(add(part, FLOOR), -0.5)), strength / 2)
  }
  const penalty = fori(0, rounds - 1, (_, held: Tensor) => penaltyOf(solve(held)), filled(table, table.shape, 0))
  return solve(penalty)
}

function checkLabels(labels: Tensor, n: number): void {
  if (isTensor(labels) && labels.dtype === 'int32' && labels.ndim === 1 && labels.size === n) return
  throw new AdjointError('shape-mismatch', {
    fn: 'classTransport',
    given: isTensor(labels) ? `labels ${typeOf(labels)}` : `labels of type ${typeof labels}`,
    expected: `labels int32[${n}]`,
    fix: "Give them as tensor(labels, { dtype: 'int32' })",
  })
}
