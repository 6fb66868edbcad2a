// Auctions as a host primitive: costs in; partners, potentials, the gap between cost and dual value, and a status out.

import { bind, broadcastTo, definePrimitive, type Primitive, type Tensor } from '@adjoint/core'
import { STATUS } from '../status.js'
import { runAuction } from './bidding.js'
import { shortestAugmentingPaths } from './shortest-augmenting-path.js'

/** Parameters of the primitive. */
export interface AuctionParams {
  /** `'single'`: each column at most once, `n <= m`; `'even'`: columns as often as each other, or once more. */
  readonly loads: 'single' | 'even'
  /** Largest gap, as a part of the range of the costs. */
  readonly tolerance: number
  readonly maxBids: number
}

/** What is found for one matrix of costs. */
interface Solved {
  readonly columns: Int32Array
  readonly f: Float64Array
  readonly g: Float64Array
  readonly gap: number
  readonly bids: number
  readonly status: number
}

/** Costs `[..., n, m]` -> columns `[..., n]`, potentials `[..., n]` and `[..., m]`, gap, bids and status `[...]`. */
const auctionPrimitive: Primitive<AuctionParams> = /* @__PURE__ */ definePrimitive<AuctionParams>(
  '@adjoint/ot:auction',
  {
    host: true,
    shape: ([{ shape, dtype }]) => {
      const batch = shape.slice(0, -2)
      const rows = shape.slice(0, -1)
      return [
        { shape: rows, dtype: 'int32' },
        { shape: rows, dtype },
        { shape: [...batch, shape[shape.length - 1]], dtype },
        { shape: batch, dtype },
        { shape: batch, dtype: 'int32' },
        { shape: batch, dtype: 'int32' },
      ]
    },
    jvp: () => Array(6).fill(null),
    vmap: ([costs], [batched], size, params) =>
      bind(auctionPrimitive, [batched ? costs : broadcastTo(costs, [size, ...costs.shape])], params),
    reference: ([{ data, shape }], params) => {
      const [n, m] = shape.slice(-2)
      const solved = Array.from({ length: data.length / (n * m) }, (_, lane) =>
        solveLane((data as Float64Array).subarray(lane * n * m, (lane + 1) * n * m), n, m, params),
      )
      return [
        Int32Array.from(solved.flatMap(({ columns }) => [...columns])),
        Float64Array.from(solved.flatMap(({ f }) => [...f])),
        Float64Array.from(solved.flatMap(({ g }) => [...g])),
        Float64Array.from(solved, ({ gap }) => gap),
        Int32Array.from(solved, ({ bids }) => bids),
        Int32Array.from(solved, ({ status }) => status),
      ]
    },
  },
)

/** Partners of the rows `[n]`, potentials `[n]` and `[m]`, gap, bids and status. */
export function auctioned(costs: Tensor, params: AuctionParams): Tensor[] {
  return [...bind(auctionPrimitive, [costs], params)]
}

function solveLane(costs: Float64Array, n: number, m: number, params: AuctionParams): Solved {
  const forbidden = costs.includes(Number.POSITIVE_INFINITY)
  const unusable = costs.some((cost) => !(cost > Number.NEGATIVE_INFINITY))
  if (unusable || (forbidden && params.loads === 'even')) return without(n, m, STATUS.notFinite)
  if (forbidden) {
    const pattern = costs.map((cost) => (cost < Number.POSITIVE_INFINITY ? 0 : cost))
    if (shortestAugmentingPaths(pattern, n, m).stranded >= 0) return without(n, m, STATUS.infeasible)
  }
  return params.loads === 'single' ? single(costs, n, m, params) : even(costs, n, m, params)
}

/** Where there is nothing to find: partners in turn, potentials of zero. */
function without(n: number, m: number, status: number): Solved {
  const columns = Int32Array.from({ length: n }, (_, i) => i % m)
  return { columns, f: new Float64Array(n), g: new Float64Array(m), gap: 0, bids: 0, status }
}

/** Columns that stay free go to persons who do not care. */
function single(costs: Float64Array, n: number, m: number, params: AuctionParams): Solved {
  const idle = new Float64Array(m)
  const row = (i: number) => (i < n ? costs.subarray(i * m, (i + 1) * m) : idle)
  const { sites, f, g, ...end } = held(costs, row, new Int32Array(m).fill(1), params)
  // Potentials of at most 0, and of 0 at free columns.
  const top = g.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY)
  const shifted = { f: f.subarray(0, n).map((value) => value + top), g: g.map((value) => value - top) }
  return { columns: sites.subarray(0, n), ...shifted, ...end }
}

/** Each column has as many places as come out even; where that leaves a rest, one more, which may stay empty. */
function even(costs: Float64Array, n: number, m: number, params: AuctionParams): Solved {
  const floor = Math.floor(n / m)
  const groups = (floor > 0 ? 1 : 0) + (n % m > 0 ? 1 : 0)
  const capacities = new Int32Array(groups * m).fill(1)
  if (floor > 0) capacities.fill(floor, 0, m)
  const idle = new Float64Array(groups * m)
  if (groups === 2) idle.fill(Number.POSITIVE_INFINITY, 0, m)
  const doubled = new Float64Array(groups * m)
  const row = (i: number): Float64Array => {
    if (i >= n) return idle
    const own = costs.subarray(i * m, (i + 1) * m)
    if (groups === 1) return own
    doubled.set(own)
    doubled.set(own, m)
    return doubled
  }
  const { sites, f, g, ...end } = held(costs, row, capacities, params)
  const columns = sites.subarray(0, n).map((site) => site % m)
  return { columns, f: f.subarray(0, n), g: g.subarray(0, m), ...end }
}

/** Holds the auction; potentials of persons and sites, and the gap between the cost and their value. */
function held(
  costs: Float64Array,
  row: (person: number) => Float64Array,
  capacities: Int32Array,
  { tolerance, maxBids }: AuctionParams,
) {
  const persons = capacities.reduce((total, capacity) => total + capacity, 0)
  const { range, size } = extent(costs)
  const epsilon = Math.max((tolerance * range) / persons, ROUNDING * (size + range))
  const { sites, prices, bids, settled } = runAuction({ persons, row, capacities, range, epsilon, maxBids })
  const g = prices.map((price) => -price)
  const f = new Float64Array(persons)
  let gap = 0
  for (let i = 0; i < persons; i++) {
    const own = row(i)
    f[i] = own.reduce((low, cost, j) => Math.min(low, cost - g[j]), Number.POSITIVE_INFINITY)
    gap += own[sites[i]] - g[sites[i]] - f[i]
  }
  return { sites, f, g, gap, bids, status: settled ? STATUS.converged : STATUS.maxIterations }
}

/** Steps below this part of the costs would be lost in rounding. */
const ROUNDING = 2 ** -48

/** The size of the finite costs, and what lies between the least and the largest: 1 where nothing does. */
function extent(costs: Float64Array): { range: number; size: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const cost of costs) {
    if (cost === Number.POSITIVE_INFINITY) continue
    low = Math.min(low, cost)
    high = Math.max(high, cost)
  }
  const size = Math.max(Math.abs(low), Math.abs(high))
  return { range: high > low ? high - low : size || 1, size }
}
