// The spanning tree of the transport network simplex: sources, targets and a root, with child lists, subtree sizes and dual values.
// R. K. Ahuja, T. L. Magnanti, J. B. Orlin, Network Flows (1993), chapter 11; strongly feasible trees after W. H. Cunningham,
// A network simplex method (1976).

/**
 * A basis. Nodes `0 .. n - 1` are sources, `n .. n + m - 1` targets, `n + m` is the root, which every node hangs from at the
 * start by an artificial arc. Arcs lead from sources to targets, so that the arc to a node's parent leads up from a source and
 * down to a target. `flow` and `cost` of a node are those of that arc; `dual` is f for sources and -g for targets.
 */
export interface SpanningTree {
  readonly sources: number
  readonly root: number
  readonly parent: Int32Array
  readonly flow: Float64Array
  readonly cost: Float64Array
  readonly dual: Float64Array
  /** Takes arc (source, target) into the tree and another one out. `reduced` is its reduced cost, below zero. */
  enter(source: number, target: number, cost: number, reduced: number): void
  /** Sets the dual values of every node anew from the costs of the tree's arcs. */
  recompute(): void
}

export function createTree(a: Float64Array, b: Float64Array, artificialCost: number): SpanningTree {
  const sources = a.length
  const root = sources + b.length
  const parent = new Int32Array(root + 1).fill(root)
  const size = new Int32Array(root + 1).fill(1)
  const firstChild = new Int32Array(root + 1).fill(-1)
  const next = new Int32Array(root + 1).fill(-1)
  const previous = new Int32Array(root + 1).fill(-1)
  const flow = new Float64Array(root + 1)
  const cost = new Float64Array(root + 1)
  const dual = new Float64Array(root + 1)
  parent[root] = -1
  size[root] = root + 1
  flow.set(a)
  flow.set(b, sources)
  cost.fill(artificialCost, sources, root)
  dual.fill(-artificialCost, sources, root)
  for (let node = 0; node < root; node++) attach(node, root)

  function attach(node: number, above: number): void {
    const sibling = firstChild[above]
    parent[node] = above
    next[node] = sibling
    previous[node] = -1
    if (sibling >= 0) previous[sibling] = node
    firstChild[above] = node
  }

  function detach(node: number): void {
    const before = previous[node]
    const after = next[node]
    if (before >= 0) next[before] = after
    else firstChild[parent[node]] = after
    if (after >= 0) previous[after] = before
  }

  function join(u: number, v: number): number {
    while (u !== v)
      if (size[u] < size[v]) u = parent[u]
      else v = parent[v]
    return u
  }

  /** The smallest flow against the cycle, and the last arc of the cycle, from the join on, that has it. */
  function blocking(source: number, target: number, top: number) {
    let leaving = -1
    let amount = Number.POSITIVE_INFINITY
    for (let u = source; u !== top; u = parent[u])
      if (u < sources && flow[u] < amount) {
        amount = flow[u]
        leaving = u
      }
    let atSource = true
    for (let u = target; u !== top; u = parent[u])
      if (u >= sources && flow[u] <= amount) {
        amount = flow[u]
        leaving = u
        atSource = false
      }
    return { leaving, amount, atSource }
  }

  function push(source: number, target: number, top: number, amount: number): void {
    for (let u = source; u !== top; u = parent[u]) flow[u] += u < sources ? -amount : amount
    for (let u = target; u !== top; u = parent[u]) flow[u] += u < sources ? amount : -amount
  }

  /** Cuts the subtree off above `leaving`, turns it round to hang from `node`, and hangs that from `above`. */
  function rehang(node: number, above: number, leaving: number, top: number, arcFlow: number, arcCost: number): void {
    const total = size[leaving]
    for (let u = parent[leaving]; u !== top; u = parent[u]) size[u] -= total
    for (let u = above; u !== top; u = parent[u]) size[u] += total
    let below = 0
    for (;;) {
      const upper = parent[node]
      const [oldFlow, oldCost, oldSize] = [flow[node], cost[node], size[node]]
      detach(node)
      attach(node, above)
      flow[node] = arcFlow
      cost[node] = arcCost
      size[node] = total - below
      if (node === leaving) return
      arcFlow = oldFlow
      arcCost = oldCost
      below = oldSize
      above = node
      node = upper
    }
  }

  /** Visits the nodes below `top`, and `top` itself, parents first. */
  function walk(top: number, visit: (node: number) => void): void {
    let node = top
    for (;;) {
      visit(node)
      if (firstChild[node] >= 0) node = firstChild[node]
      else {
        while (node !== top && next[node] < 0) node = parent[node]
        if (node === top) return
        node = next[node]
      }
    }
  }

  return {
    sources,
    root,
    parent,
    flow,
    cost,
    dual,
    enter(source, target, arcCost, reduced) {
      const top = join(source, target)
      const { leaving, amount, atSource } = blocking(source, target, top)
      if (amount > 0) push(source, target, top, amount)
      const [inside, outside] = atSource ? [source, target] : [target, source]
      rehang(inside, outside, leaving, top, amount, arcCost)
      const shift = atSource ? reduced : -reduced
      walk(inside, (node) => {
        dual[node] += shift
      })
    },
    recompute() {
      walk(root, (node) => {
        if (node !== root) dual[node] = dual[parent[node]] + (node < sources ? cost[node] : -cost[node])
      })
    },
  }
}
