// The transport problem solved in rounds, with a word after each, and what is reported of it.

import {
  emd,
  euclidean,
  OT_STATUS,
  pointCloud,
  type SinkhornResult,
  type SparsePlan,
  sinkhorn,
  squaredEuclidean,
} from '@adjoint/ot'
import type { Tensor } from 'adjoint'
import type { CostName } from './options.js'
import { InputError, type Points } from './points.js'

/** Mass that goes from one point to another. */
export interface Flow {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly mass: Float64Array
}

/** What is known of a solution. */
export interface Summary {
  readonly from: number
  readonly to: number
  readonly method: 'exact' | 'sinkhorn'
  /** In units of the cost; zero for exact plans. */
  readonly epsilon: number
  readonly cost: number
  readonly dualGap: number
  readonly marginalError: number
  readonly iterations: number
  readonly converged: boolean
  readonly status: string
}

/** Parts of the mass below which an entry of an entropic plan is left out. */
const SMALLEST = 1e-12
const FIRST_ROUND = 100
const MOST_ITERATIONS = 25_600

/** Solves the problem of two clouds. */
export function solveFiles(
  a: Points,
  b: Points,
  { epsilon, exact, cost }: { epsilon: number; exact: boolean; cost: CostName },
  tell: (line: string) => void,
): { flow: Flow; summary: Summary } {
  const [n, d] = a.coordinates.shape
  const [m, other] = b.coordinates.shape
  if (d !== other) throw new InputError(`points of ${d} coordinates and points of ${other}`)
  tell(`${n} x ${m} points, ${d} coordinates`)
  const geometry = pointCloud(a.coordinates, b.coordinates, cost === 'squared' ? squaredEuclidean : euclidean)
  const weights = { a: a.weights, b: b.weights }
  if (exact) {
    const result = emd(geometry, weights)
    const summary: Summary = { from: n, to: m, method: 'exact', epsilon: 0, ...numbersOf(result) }
    return { flow: entriesOf(result.plan), summary }
  }
  const { last, iterations } = inRounds(
    (start, maxIterations) => sinkhorn(geometry, { ...weights, epsilon, start, maxIterations }),
    tell,
  )
  const head = { from: n, to: m, method: 'sinkhorn', epsilon: last.epsilon.item() as number } as const
  return { flow: largeEntries(last.plan.toDense()), summary: { ...head, ...numbersOf(last), iterations } }
}

/** The entries of a sparse plan that hold mass. */
function entriesOf({ rows, columns, values }: SparsePlan): Flow {
  const [from, to, mass] = [rows.dataSync(), columns.dataSync(), values.dataSync()]
  const kept = Int32Array.from(mass.keys()).filter((k) => mass[k] > 0)
  return { from: kept.map((k) => from[k]), to: kept.map((k) => to[k]), mass: Float64Array.from(kept, (k) => mass[k]) }
}

/** The entries of a matrix that are not next to nothing. */
function largeEntries(matrix: Tensor): Flow {
  const mass = matrix.dataSync()
  const [, m] = matrix.shape
  const kept = Int32Array.from(mass.keys()).filter((k) => mass[k] > SMALLEST)
  return {
    from: kept.map((k) => Math.floor(k / m)),
    to: kept.map((k) => k % m),
    mass: Float64Array.from(kept, (k) => mass[k]),
  }
}

type Potentials = SinkhornResult['potentials']

/** Rounds of twice as many iterations, each from the potentials of the one before. */
function inRounds(
  solve: (start: Potentials | undefined, iterations: number) => SinkhornResult,
  tell: (line: string) => void,
): { last: SinkhornResult; iterations: number } {
  let potentials: Potentials | undefined
  let iterations = 0
  for (let round = FIRST_ROUND; ; round *= 2) {
    const last = solve(potentials, round)
    iterations += last.iterations.item() as number
    tell(`${iterations} iterations, marginals off by ${(last.marginalError.item() as number).toExponential(1)}`)
    if (last.converged.item() || OT_STATUS[last.status.item() as number] !== OT_STATUS[1] || round >= MOST_ITERATIONS)
      return { last, iterations }
    potentials = last.potentials
  }
}

function numbersOf(result: Record<'linearCost' | 'dualGap' | 'marginalError' | 'iterations' | 'status', Tensor>) {
  const number = (x: Tensor): number => x.item() as number
  const status = OT_STATUS[number(result.status)]
  return {
    cost: number(result.linearCost),
    dualGap: number(result.dualGap),
    marginalError: number(result.marginalError),
    iterations: number(result.iterations),
    converged: status === OT_STATUS[0],
    status,
  }
}
