// The linear assignment problem by shortest augmenting paths, after a column reduction.
// R. Jonker, A. Volgenant, A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems (1987);
// D. F. Crouse, On Implementing 2D Rectangular Assignment Algorithms (2016), for n < m.

export interface HostAssignment {
  /** Column of each row `[n]`. */
  readonly columns: Int32Array
  /** Dual values: `f[i] + g[j] <= cost(i, j)`, equal on the assignment; where `n < m`, `g <= 0`, and zero at free columns. */
  readonly f: Float64Array
  readonly g: Float64Array
  /** A row that no finite cost can place, or -1. */
  readonly stranded: number
}

/**
 * Gives each of n rows a column of its own, `n <= m`, at the least total cost.
 *
 * @param costs - `[n, m]`, row by row; infinite where there is no way, never NaN
 */
export function shortestAugmentingPaths(costs: Float64Array, n: number, m: number): HostAssignment {
  const columns = new Int32Array(n).fill(-1)
  const rows = new Int32Array(m).fill(-1)
  const f = new Float64Array(n)
  const g = new Float64Array(m)
  if (n === m) reduceColumns(costs, n, rows, columns, g)
  const search = createSearch(n, m)
  for (let row = 0; row < n; row++) {
    if (columns[row] >= 0) continue
    const free = search.run(row, costs, rows, f, g)
    if (free < 0) return { columns, f, g, stranded: row }
    search.augment(row, free, rows, columns)
  }
  tighten(costs, m, columns, f, g)
  return { columns, f, g, stranded: -1 }
}

/** Each column takes its cheapest row; a row keeps the last column that took it, so that many rows are placed at once. */
function reduceColumns(costs: Float64Array, n: number, rows: Int32Array, columns: Int32Array, g: Float64Array): void {
  const least = new Int32Array(n)
  g.set(costs.subarray(0, n))
  for (let i = 1; i < n; i++)
    for (let j = 0; j < n; j++)
      if (costs[i * n + j] < g[j]) {
        g[j] = costs[i * n + j]
        least[j] = i
      }
  for (let j = n - 1; j >= 0; j--) {
    if (g[j] === Number.POSITIVE_INFINITY) g[j] = 0
    else if (columns[least[j]] < 0) {
      columns[least[j]] = j
      rows[j] = least[j]
    }
  }
}

/** Dijkstra's search over reduced costs from one row, and the memory that it needs. */
function createSearch(n: number, m: number) {
  const distance = new Float64Array(m)
  const from = new Int32Array(m)
  const open = new Int32Array(m)
  const scannedRows = new Int32Array(n)
  const scannedColumns = new Int32Array(m)

  /** A free column at the least distance, after the dual values were moved so that the path there is tight; or -1. */
  function run(start: number, costs: Float64Array, rows: Int32Array, f: Float64Array, g: Float64Array): number {
    distance.fill(Number.POSITIVE_INFINITY)
    for (let k = 0; k < m; k++) open[k] = k
    let left = m
    let scanned = 0
    let row = start
    let least = 0
    let free = -1
    while (free < 0) {
      scannedRows[scanned] = row
      const base = least - f[row]
      const at = row * m
      let nearest = Number.POSITIVE_INFINITY
      let slot = -1
      for (let k = 0; k < left; k++) {
        const j = open[k]
        const reached = base + costs[at + j] - g[j]
        let d = distance[j]
        if (reached < d) {
          distance[j] = d = reached
          from[j] = row
        }
        if (d < nearest || (d === nearest && rows[j] < 0 && d < Number.POSITIVE_INFINITY)) {
          nearest = d
          slot = k
        }
      }
      if (slot < 0) return -1
      const column = open[slot]
      open[slot] = open[--left]
      scannedColumns[scanned++] = column
      least = nearest
      if (rows[column] < 0) free = column
      else row = rows[column]
    }
    moveDuals(least, scanned, f, g)
    return free
  }

  function moveDuals(least: number, scanned: number, f: Float64Array, g: Float64Array): void {
    f[scannedRows[0]] += least
    for (let k = 1; k < scanned; k++) f[scannedRows[k]] += least - distance[scannedColumns[k - 1]]
    for (let k = 0; k < scanned; k++) g[scannedColumns[k]] -= least - distance[scannedColumns[k]]
  }

  function augment(start: number, free: number, rows: Int32Array, columns: Int32Array): void {
    let column = free
    for (;;) {
      const row = from[column]
      const before = columns[row]
      rows[column] = row
      columns[row] = column
      if (row === start) return
      column = before
    }
  }

  return { run, augment }
}

/** Dual values of the rows anew from the costs on the assignment, free of the rounding that the search gathered. */
function tighten(costs: Float64Array, m: number, columns: Int32Array, f: Float64Array, g: Float64Array): void {
  columns.forEach((column, row) => {
    f[row] = costs[row * m + column] - g[column]
  })
}
