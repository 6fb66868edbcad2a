// A transport problem on the host, as it comes: weights of zero, sums that differ by rounding, infinite costs.
// Points without weight take no part; their potentials are completed by the c-transform.

import { STATUS } from '../status.js'
import { networkSimplex, type TransportProblem } from './network-simplex.js'

export interface HostTransport {
  /** Weights `[n]`. */
  readonly a: Float64Array
  /** Weights `[m]`. */
  readonly b: Float64Array
  /** Costs from source i, `[m]`; read before the next call. */
  readonly row: (i: number) => Float64Array
  readonly start?: TransportProblem['start']
  readonly maxPivots: number
}

/** A sparse plan of n + m - 1 entries, zero ones last, with its potentials. */
export interface HostPlan {
  readonly values: Float64Array
  readonly rows: Int32Array
  readonly columns: Int32Array
  readonly f: Float64Array
  readonly g: Float64Array
  readonly pivots: number
  readonly status: number
}

/** Weights differ in sum by rounding at most, or the problem is refused. */
const SLACK = 1e-5

const STATUSES = {
  optimal: STATUS.converged,
  'pivot-limit': STATUS.maxIterations,
  infeasible: STATUS.infeasible,
  'not-finite': STATUS.notFinite,
}

export function solveTransport(problem: HostTransport): HostPlan {
  const { a, b, row, start } = problem
  const bad = weightFault(a, b)
  if (bad !== STATUS.converged) return { ...empty(a.length, b.length), status: bad }
  const sources = support(a)
  const targets = support(b)
  const scale = sum(a) / sum(b)
  const solution = networkSimplex({
    a: pick(a, sources),
    b: pick(b, targets).map((mass) => mass * scale),
    row: restricted(row, sources, targets, b.length),
    start: start && { f: pick(start.f, sources), g: pick(start.g, targets) },
    maxPivots: problem.maxPivots,
  })
  const plan = empty(a.length, b.length)
  solution.mass.forEach((mass, k) => {
    plan.values[k] = mass
    plan.rows[k] = sources[solution.sources[k]]
    plan.columns[k] = targets[solution.targets[k]]
  })
  scatter(solution.f, sources, plan.f)
  scatter(solution.g, targets, plan.g)
  complete(plan, row, a, b)
  return { ...plan, pivots: solution.pivots, status: STATUSES[solution.status] }
}

function sum(values: Float64Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function weightFault(a: Float64Array, b: Float64Array): number {
  const good = (w: Float64Array) => w.every((value) => value >= 0 && value < Number.POSITIVE_INFINITY)
  const [massA, massB] = [sum(a), sum(b)]
  if (!good(a) || !good(b) || massA === 0 || massB === 0) return STATUS.badWeights
  return Math.abs(massA - massB) > SLACK * Math.max(massA, massB) ? STATUS.unequalMasses : STATUS.converged
}

function support(weights: Float64Array): Int32Array {
  const found: number[] = []
  for (let i = 0; i < weights.length; i++) if (weights[i] > 0) found.push(i)
  return Int32Array.from(found)
}

function pick(values: Float64Array, at: Int32Array): Float64Array {
  return Float64Array.from(at, (i) => values[i])
}

function scatter(values: Float64Array, at: Int32Array, into: Float64Array): void {
  values.forEach((value, k) => {
    into[at[k]] = value
  })
}

function restricted(row: HostTransport['row'], sources: Int32Array, targets: Int32Array, m: number) {
  if (targets.length === m) return (i: number) => row(sources[i])
  const some = new Float64Array(targets.length)
  return (i: number) => {
    const costs = row(sources[i])
    for (let j = 0; j < some.length; j++) some[j] = costs[targets[j]]
    return some
  }
}

/** Potentials of points without weight: the largest that the constraints allow, targets before sources. */
function complete({ f, g }: HostPlan, row: HostTransport['row'], a: Float64Array, b: Float64Array): void {
  const idle = (weights: Float64Array) => Int32Array.from(weights.keys()).filter((i) => weights[i] === 0)
  const [sources, targets] = [idle(a), idle(b)]
  for (const j of targets) g[j] = Number.POSITIVE_INFINITY
  for (let i = 0; targets.length > 0 && i < a.length; i++) {
    if (a[i] === 0) continue
    const costs = row(i)
    for (const j of targets) g[j] = Math.min(g[j], costs[j] - f[i])
  }
  for (const j of targets) if (g[j] === Number.POSITIVE_INFINITY) g[j] = 0
  for (const i of sources) {
    const least = row(i).reduce((low, cost, j) => Math.min(low, cost - g[j]), Number.POSITIVE_INFINITY)
    f[i] = least === Number.POSITIVE_INFINITY ? 0 : least
  }
}

function empty(n: number, m: number): HostPlan {
  const entries = n + m - 1
  return {
    values: new Float64Array(entries),
    rows: new Int32Array(entries),
    columns: new Int32Array(entries),
    f: new Float64Array(n),
    g: new Float64Array(m),
    pivots: 0,
    status: STATUS.converged,
  }
}
