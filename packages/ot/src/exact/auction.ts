// The linear assignment problem by auction.
// D. P. Bertsekas, The auction algorithm: a distributed relaxation method for the assignment problem, 1988.

import { arange, at, eq, sum, type Tensor, transpose, withBackend } from '@adjoint/core'
import { requireCount, requireFloats, requireNumber } from '../checks.js'
import { filled } from '../filled.js'
import { SparsePlan } from '../plan.js'
import { STATUS } from '../status.js'
import type { AssignmentResult } from './assignment.js'
import { auctioned } from './auction-primitive.js'

/** Limits of `auction` and `balancedAssignment`. */
export interface AuctionOptions {
  /** Largest gap between the cost and the least one, as a part of the range of the costs. @defaultValue 1e-9 */
  readonly tolerance?: number
  /** Most bids. @defaultValue 10,000 for each row and column */
  readonly maxIterations?: number
}

/** What `auction` returns. */
export interface AuctionResult extends AssignmentResult {
  /** int32: bids. */
  readonly iterations: Tensor
}

/**
 * Pairs each row with a column of its own (each column with a row, where there are fewer columns) at the least total cost, by
 * auction with decreasing epsilon. Integer costs of a range below 1e9 are solved exactly; others to `tolerance`, which
 * `dualGap` proves. `assignment` has no tolerance, and is faster on tables far from square.
 *
 * Runs on the host in float64, whatever the backend. The gradient of `linearCost` is 1 at the costs of the pairs; pairs and
 * potentials are constant to derivatives. An infinite cost forbids a pair; where no assignment is left, `status` says it.
 *
 * D. P. Bertsekas, The auction algorithm: a distributed relaxation method for the assignment problem, 1988.
 *
 * @param cost - `[n, m]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`, `invalid-argument`
 * @example
 * const { columns, linearCost } = auction(tensor([[4, 1, 3], [2, 0, 5], [3, 2, 2]]))
 * columns   // [1, 0, 2]
 * linearCost.item()   // 5
 */
export function auction(cost: Tensor, options: AuctionOptions = {}): AuctionResult {
  requireFloats('auction', 'cost', cost, 2)
  const [n, m] = cost.shape
  const tall = n > m
  const [partner, short, long, dualGap, iterations, status] = auctioned(tall ? transpose(cost) : cost, {
    loads: 'single',
    ...limitsOf('auction', options, n + m),
  })
  const own = withBackend(cost.backend, () => arange(0, Math.min(n, m), 1, { dtype: 'int32' }))
  const [rows, columns] = tall ? [partner, own] : [own, partner]
  return {
    rows,
    columns,
    plan: new SparsePlan(filled(cost, [Math.min(n, m)], 1), rows, columns, [n, m]),
    linearCost: sum(at(cost, rows, columns).get()),
    potentials: tall ? { f: long, g: short } : { f: short, g: long },
    dualGap,
    iterations,
    converged: eq(status, STATUS.converged),
    status,
  }
}

/** Checked limits of an auction among so many rows and columns. */
export function limitsOf(fn: string, { tolerance = 1e-9, maxIterations }: AuctionOptions, size: number) {
  requireNumber(fn, 'tolerance', tolerance, (v) => v >= 0 && v < 1, 'a number from 0 to 1')
  const maxBids = maxIterations ?? 10_000 * size
  requireCount(fn, 'maxIterations', maxBids)
  return { tolerance, maxBids }
}
