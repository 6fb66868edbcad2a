// The linear assignment problem: each row a column of its own, at the least total cost.

import {
  arange,
  at,
  bind,
  broadcastTo,
  definePrimitive,
  eq,
  type Primitive,
  stopGradient,
  sub,
  sum,
  type Tensor,
  transpose,
  withBackend,
} from '@adjoint/core'
import { requireFloats } from '../checks.js'
import { filled } from '../filled.js'
import { SparsePlan } from '../plan.js'
import type { Potentials } from '../result.js'
import { STATUS } from '../status.js'
import { type HostAssignment, shortestAugmentingPaths } from './shortest-augmenting-path.js'

/** Pairs of rows and columns, with the certificate that none are cheaper. */
export interface AssignmentResult {
  /** int32 `[k]`, k the smaller of n and m: the rows, ascending where every row has a column. */
  readonly rows: Tensor
  /** int32 `[k]`: the column of each. */
  readonly columns: Tensor
  /** A 1 at each pair, `[n, m]`. */
  readonly plan: SparsePlan
  /** Total cost of the pairs. */
  readonly linearCost: Tensor
  /** `f[i] + g[j] <= cost[i, j]`; zero at what stays without partner, and nowhere above zero on that side. */
  readonly potentials: Potentials
  /** The total cost minus the sum of the potentials: rounding. */
  readonly dualGap: Tensor
  /** bool. */
  readonly converged: Tensor
  /** int32: an index into `OT_STATUS`. */
  readonly status: Tensor
}

/** Costs `[..., n, m]` with `n <= m` -> columns `[..., n]`, potentials `[..., n]` and `[..., m]`, status `[...]`. */
const assignmentPrimitive: Primitive = /* @__PURE__ */ definePrimitive('@adjoint/ot:assignment', {
  host: true,
  shape: ([{ shape, dtype }]) => {
    const batch = shape.slice(0, -2)
    const rows = shape.slice(0, -1)
    const columns = [...batch, shape[shape.length - 1]]
    return [
      { shape: rows, dtype: 'int32' },
      { shape: rows, dtype },
      { shape: columns, dtype },
      { shape: batch, dtype: 'int32' },
    ]
  },
  jvp: () => [null, null, null, null],
  vmap: (inputs, batched, size) =>
    bind(
      assignmentPrimitive,
      inputs.map((x, k) => (batched[k] ? x : broadcastTo(x, [size, ...x.shape]))),
    ),
  reference: ([{ data, shape }]) => {
    const [n, m] = shape.slice(-2)
    const lanes = data.length / (n * m)
    const columns = new Int32Array(lanes * n)
    const f = new Float64Array(lanes * n)
    const g = new Float64Array(lanes * m)
    const status = new Int32Array(lanes)
    for (let lane = 0; lane < lanes; lane++) {
      const solved = assign((data as Float64Array).subarray(lane * n * m, (lane + 1) * n * m), n, m)
      columns.set(solved.columns, lane * n)
      f.set(solved.f, lane * n)
      g.set(solved.g, lane * m)
      status[lane] = solved.status
    }
    return [columns, f, g, status]
  },
})

/** Where there is no assignment, rows without one get a column that is free, whatever it costs. */
function assign(costs: Float64Array, n: number, m: number): HostAssignment & { status: number } {
  const fault = costs.some((cost) => !(cost > Number.NEGATIVE_INFINITY))
  const blank = { columns: new Int32Array(n).fill(-1), f: new Float64Array(n), g: new Float64Array(m), stranded: 0 }
  const solved = fault ? blank : shortestAugmentingPaths(costs, n, m)
  const status = fault ? STATUS.notFinite : solved.stranded < 0 ? STATUS.converged : STATUS.infeasible
  const taken = new Set(solved.columns)
  const free = Int32Array.from({ length: m }, (_, j) => j).filter((j) => !taken.has(j))
  let next = 0
  solved.columns.forEach((column, i) => {
    if (column < 0) solved.columns[i] = free[next++]
  })
  return { ...solved, status }
}

/**
 * Pairs each row with a column of its own (each column with a row, where there are fewer columns) at the least total cost,
 * by shortest augmenting paths.
 *
 * Runs on the host in float64, whatever the backend. The gradient of `linearCost` is 1 at the costs of the pairs; pairs and
 * potentials are constant to derivatives. An infinite cost forbids a pair; where no assignment is left, `status` says it.
 *
 * R. Jonker, A. Volgenant, A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems, 1987.
 *
 * @param cost - `[n, m]`
 * @throws AdjointError `shape-mismatch`, `dtype-mismatch`
 * @example
 * const { columns, linearCost } = assignment(tensor([[4, 1, 3], [2, 0, 5], [3, 2, 2]]))
 * columns   // [1, 0, 2]
 * linearCost.item()   // 5
 */
export function assignment(cost: Tensor): AssignmentResult {
  requireFloats('assignment', 'cost', cost, 2)
  const [n, m] = cost.shape
  const tall = n > m
  const [partner, short, long, status] = bind(assignmentPrimitive, [tall ? transpose(cost) : cost])
  const own = withBackend(cost.backend, () => arange(0, Math.min(n, m), 1, { dtype: 'int32' }))
  const [rows, columns] = tall ? [partner, own] : [own, partner]
  const potentials = tall ? { f: long, g: short } : { f: short, g: long }
  const linearCost = sum(at(cost, rows, columns).get())
  return {
    rows,
    columns,
    plan: new SparsePlan(filled(cost, [Math.min(n, m)], 1), rows, columns, [n, m]),
    linearCost,
    potentials,
    dualGap: stopGradient(sub(linearCost, sum(short).add(sum(long)))),
    converged: eq(status, STATUS.converged),
    status,
  }
}
