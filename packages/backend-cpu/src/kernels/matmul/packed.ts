// Blocked matrix product in doubles: panels are packed for the caches and multiplied in 4 x 4 register tiles.
// K. Goto, R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, ACM TOMS 2008.

import type { Operand, Target } from './operands.js'

/** Rows, columns and depth of the packed blocks: one panel of each side stays in the L1 cache, a block of `a` in L2. */
const ROWS = 96
const COLUMNS = 512
const DEPTH = 256
const TILE = 4

// Packed as float64 for float32 too: V8 computes in doubles, so that narrower panels would convert at every use.
let packedA: Float64Array | undefined
let packedB: Float64Array | undefined
const tile = /* @__PURE__ */ new Float64Array(TILE * TILE)

/** `c += alpha * a b` for float32 and float64. */
export function packedProduct(a: Operand, b: Operand, c: Target, alpha: number): void {
  const m = a.outer.length
  const n = b.outer.length
  const depth = a.inner.length
  const panelA = (packedA ??= new Float64Array(ROWS * DEPTH))
  const panelB = (packedB ??= new Float64Array(COLUMNS * DEPTH))
  for (let p = 0; p < depth; p += DEPTH) {
    const k = Math.min(DEPTH, depth - p)
    for (let j = 0; j < n; j += COLUMNS) {
      const columns = Math.min(COLUMNS, n - j)
      pack(panelB, b, j, columns, p, k)
      for (let i = 0; i < m; i += ROWS) {
        const rows = Math.min(ROWS, m - i)
        pack(panelA, a, i, rows, p, k)
        multiplyBlock(panelA, panelB, rows, columns, k, c, c.base + i * c.stride + j, alpha)
      }
    }
  }
}

/** Strips of four rows, interleaved; missing rows of the last strip are zeros. */
function pack(
  panel: Float64Array,
  { data, base, outer, inner }: Operand,
  start: number,
  count: number,
  p: number,
  k: number,
): void {
  let at = 0
  for (let i = 0; i < count; i += TILE) {
    const own = Math.min(TILE, count - i)
    const o0 = base + outer[start + i]
    if (own === TILE) {
      const o1 = base + outer[start + i + 1]
      const o2 = base + outer[start + i + 2]
      const o3 = base + outer[start + i + 3]
      for (let q = p; q < p + k; q++) {
        const step = inner[q]
        panel[at] = data[o0 + step]
        panel[at + 1] = data[o1 + step]
        panel[at + 2] = data[o2 + step]
        panel[at + 3] = data[o3 + step]
        at += TILE
      }
    } else {
      for (let q = p; q < p + k; q++) {
        for (let r = 0; r < TILE; r++) panel[at++] = r < own ? data[base + outer[start + i + r] + inner[q]] : 0
      }
    }
  }
}

function multiplyBlock(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  columns: number,
  k: number,
  { data, stride }: Target,
  origin: number,
  alpha: number,
): void {
  for (let j = 0; j < columns; j += TILE) {
    const width = Math.min(TILE, columns - j)
    for (let i = 0; i < rows; i += TILE) {
      multiplyTile(a, i * k, b, j * k, k)
      const height = Math.min(TILE, rows - i)
      let at = origin + i * stride + j
      for (let r = 0; r < height; r++) {
        for (let s = 0; s < width; s++) data[at + s] += alpha * tile[r * TILE + s]
        at += stride
      }
    }
  }
}

/** The product of a strip of rows and a strip of columns, into `tile`. */
function multiplyTile(a: Float64Array, aStart: number, b: Float64Array, bStart: number, k: number): void {
  let c00 = 0
  let c01 = 0
  let c02 = 0
  let c03 = 0
  let c10 = 0
  let c11 = 0
  let c12 = 0
  let c13 = 0
  let c20 = 0
  let c21 = 0
  let c22 = 0
  let c23 = 0
  let c30 = 0
  let c31 = 0
  let c32 = 0
  let c33 = 0
  let i = aStart
  let j = bStart
  for (let p = 0; p < k; p++) {
    const b0 = b[j]
    const b1 = b[j + 1]
    const b2 = b[j + 2]
    const b3 = b[j + 3]
    const a0 = a[i]
    c00 += a0 * b0
    c01 += a0 * b1
    c02 += a0 * b2
    c03 += a0 * b3
    const a1 = a[i + 1]
    c10 += a1 * b0
    c11 += a1 * b1
    c12 += a1 * b2
    c13 += a1 * b3
    const a2 = a[i + 2]
    c20 += a2 * b0
    c21 += a2 * b1
    c22 += a2 * b2
    c23 += a2 * b3
    const a3 = a[i + 3]
    c30 += a3 * b0
    c31 += a3 * b1
    c32 += a3 * b2
    c33 += a3 * b3
    i += TILE
    j += TILE
  }
  tile[0] = c00
  tile[1] = c01
  tile[2] = c02
  tile[3] = c03
  tile[4] = c10
  tile[5] = c11
  tile[6] = c12
  tile[7] = c13
  tile[8] = c20
  tile[9] = c21
  tile[10] = c22
  tile[11] = c23
  tile[12] = c30
  tile[13] = c31
  tile[14] = c32
  tile[15] = c33
}
