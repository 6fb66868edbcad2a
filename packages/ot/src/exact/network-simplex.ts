// The transport problem by the network simplex method: block search for the entering arc, strongly feasible trees against cycling.
// N. Bonneel, M. van de Panne, S. Paris, W. Heidrich, Displacement Interpolation Using Lagrangian Mass Transport (2011), whose
// solver is LEMON's: P. Kovács, Minimum-cost flow algorithms: an experimental evaluation (2015).
import { createTree, type SpanningTree } from './spanning-tree.js'

export interface TransportProblem {
  /** Masses of the sources, all above zero, shape `[n]`. */
  readonly a: Float64Array
  /** Masses of the targets, all above zero, with the same sum, shape `[m]`. */
  readonly b: Float64Array
  /** The costs from source `i` to every target, shape `[m]`; infinite where there is no way. Read before the next call. */
  readonly row: (i: number) => Float64Array
  /** Dual values to start from; better ones take fewer pivots. */
  readonly start?: { readonly f: Float64Array; readonly g: Float64Array }
  /** At most so many pivots. */
  readonly maxPivots: number
}

export interface TransportSolution {
  /** The entries of the plan in the basis, at most n + m - 1. */
  readonly sources: Int32Array
  readonly targets: Int32Array
  readonly mass: Float64Array
  /** Dual values: `f[i] + g[j] <= cost(i, j)`, with equality where there is mass. */
  readonly f: Float64Array
  readonly g: Float64Array
  readonly cost: number
  readonly pivots: number
  readonly status: 'optimal' | 'pivot-limit' | 'infeasible' | 'not-finite'
  /** Sources whose mass has no way to a target. */
  readonly stranded: Int32Array
}

/** What is left on artificial arcs below this share of all mass is rounding. */
const ROUNDING = 1e-12

export function networkSimplex(problem: TransportProblem): TransportSolution {
  const { a, b, start } = problem
  const row = start ? shifted(problem.row, start) : problem.row
  const { largest, finite } = costRange(a.length, row)
  const artificial = (Math.min(a.length, b.length) + 1) * (largest || 1)
  const tree = createTree(a, b, artificial)
  const search = { tree, row, targets: b.length, pivots: 0, maxPivots: problem.maxPivots }
  let optimal = finite && price(search, 1e-15 * artificial)
  const stranded = strandedSources(tree, a)
  if (optimal && stranded.length === 0) {
    forgetArtificialCosts(tree)
    optimal = price(search, 1e-14 * largest)
  }
  const failure = finite ? 'pivot-limit' : 'not-finite'
  const status = !optimal ? failure : stranded.length > 0 ? 'infeasible' : 'optimal'
  return { ...solution(tree, start), pivots: search.pivots, status, stranded }
}

/** The problem seen from given dual values: its costs are their reduced costs. */
function shifted(row: TransportProblem['row'], { f, g }: NonNullable<TransportProblem['start']>) {
  const reduced = new Float64Array(g.length)
  return (i: number) => {
    const costs = row(i)
    for (let j = 0; j < reduced.length; j++) reduced[j] = costs[j] - f[i] - g[j]
    return reduced
  }
}

/** The largest size of a finite cost, and whether none is NaN or minus infinity. */
function costRange(n: number, row: TransportProblem['row']) {
  let largest = 0
  let finite = true
  for (let i = 0; i < n; i++)
    for (const cost of row(i)) {
      const size = Math.abs(cost)
      if (size > largest && size < Number.POSITIVE_INFINITY) largest = size
      if (!(cost > Number.NEGATIVE_INFINITY)) finite = false
    }
  return { largest, finite }
}

/**
 * Frees the dual values of the large number in them. What still hangs from the root hangs by arcs of one direction (of both,
 * an arc between them would have entered), so that all values move by the same.
 */
function forgetArtificialCosts(tree: SpanningTree): void {
  for (let node = 0; node < tree.root; node++) if (tree.parent[node] === tree.root) tree.cost[node] = 0
  tree.recompute()
}

interface Search {
  readonly tree: SpanningTree
  readonly row: TransportProblem['row']
  readonly targets: number
  pivots: number
  readonly maxPivots: number
}

/** Pivots until no reduced cost is below `-tolerance`; looks for the best arc of a block of rows, one block after the other. */
function price(search: Search, tolerance: number): boolean {
  const { tree, row, targets } = search
  const { sources: n, dual } = tree
  const block = Math.max(1, Math.round(Math.sqrt(n / targets)))
  const minusG = dual.subarray(n, n + targets)
  let [source, target, cost, best] = [-1, -1, 0, -tolerance]
  for (let seen = 0, i = 0, inBlock = 1; seen < n || source >= 0; i = i + 1 === n ? 0 : i + 1, inBlock++, seen++) {
    const costs = row(i)
    const f = dual[i]
    let lowest = f + best
    let found = -1
    for (let j = 0; j < targets; j++) {
      const value = costs[j] + minusG[j]
      if (value < lowest) {
        lowest = value
        found = j
      }
    }
    if (found >= 0) [source, target, cost, best] = [i, found, costs[found], lowest - f]
    if (inBlock < block || source < 0) continue
    if (search.pivots === search.maxPivots) return false
    search.pivots++
    tree.enter(source, n + target, cost, best)
    ;[source, target, best, seen, inBlock] = [-1, -1, -tolerance, -1, 0]
  }
  return true
}

function strandedSources({ sources, root, parent, flow }: SpanningTree, a: Float64Array): Int32Array {
  const rounding = ROUNDING * a.reduce((sum, mass) => sum + mass, 0)
  const left: number[] = []
  for (let i = 0; i < sources; i++) if (parent[i] === root && flow[i] > rounding) left.push(i)
  return Int32Array.from(left)
}

/** The basis as arcs, and its dual values, with the start's added back. */
function solution({ sources: n, root, parent, flow, cost, dual }: SpanningTree, start: TransportProblem['start']) {
  const arcs: number[] = []
  for (let node = 0; node < root; node++) if (parent[node] !== root) arcs.push(node)
  const source = (node: number) => (node < n ? node : parent[node])
  const target = (node: number) => (node < n ? parent[node] : node) - n
  const f = dual.slice(0, n)
  const g = dual.slice(n, root).map((value) => -value)
  let total = 0
  for (const node of arcs) {
    const base = start ? start.f[source(node)] + start.g[target(node)] : 0
    total += flow[node] * (cost[node] + base)
  }
  if (start) {
    for (let i = 0; i < f.length; i++) f[i] += start.f[i]
    for (let j = 0; j < g.length; j++) g[j] += start.g[j]
  }
  return {
    sources: Int32Array.from(arcs, source),
    targets: Int32Array.from(arcs, target),
    mass: Float64Array.from(arcs, (node) => flow[node]),
    f,
    g,
    cost: total,
  }
}
