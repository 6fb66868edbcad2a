// Sweeps of rotations kept back and applied to the rows of a matrix many at a time, as products with small orthogonal
// matrices. B. Lang, Using Level 3 BLAS in Rotation-Based Algorithms, SIAM J. Sci. Comput. 1998.

import { rotateDown, rotateUp, type Sweep } from './rotations.js'
import type { Tools } from './tools.js'

/** Sweeps kept back, and rotations of each in one product. */
const SWEEPS = 32
const CHUNK = 32
/** Rotations of the product between which the known zeros are counted anew. */
const STRIP = 8
/** Rows below which rotations are applied at once. */
const SMALL = 48
/** A product pays when it stands for at least this part of its rotations. */
const DENSE = 0.3

/** Rotations of the rows of one matrix. */
export interface DelayedRotations {
  /** Where to write the next sweep. */
  next(): Sweep
  /** The sweep that was written rotates rows `from` to `to`. */
  push(from: number, to: number): void
  /** Applies what was kept back; to be called before the matrix is read. */
  flush(): void
}

/** Which way the sweeps go: `up` from the last pair of rows to the first. */
export type SweepOrder = 'up' | 'down'

/**
 * Rotations of the rows of z, `[count, width]` from its start, in sweeps of one order.
 */
export function delayedRotations(
  tools: Tools,
  z: Float64Array,
  count: number,
  width: number,
  order: SweepOrder,
): DelayedRotations {
  const rotate = order === 'up' ? rotateUp : rotateDown
  if (count < SMALL) {
    const sweep = { c: tools.scratch(count), s: tools.scratch(count) }
    return { next: () => sweep, push: (from, to) => rotate(z, 0, width, width, from, to, sweep), flush: () => {} }
  }
  const [c, s] = [tools.scratch(SWEEPS * count), tools.scratch(SWEEPS * count)]
  const part = (x: Float64Array, k: number) => x.subarray(k * count, (k + 1) * count)
  const sweeps = Array.from({ length: SWEEPS }, (_, k) => ({ c: part(c, k), s: part(s, k), from: 0, to: 0 }))
  const most = SWEEPS + CHUNK
  const block = {
    tools,
    order,
    z,
    width,
    rotate,
    factor: tools.scratch(most * most),
    kept: tools.scratch(most * width),
  }
  let held = 0
  const flush = () => {
    applySweeps(block, sweeps.slice(0, held))
    held = 0
  }
  return {
    next: () => sweeps[held],
    push(from, to) {
      sweeps[held].from = from
      sweeps[held].to = to
      held++
      if (held === SWEEPS) flush()
    },
    flush,
  }
}

/** Where there is nothing to rotate. */
export function discardedRotations(tools: Tools, count: number): DelayedRotations {
  const sweep = { c: tools.scratch(count), s: tools.scratch(count) }
  return { next: () => sweep, push: () => {}, flush: () => {} }
}

interface Piece extends Sweep {
  readonly from: number
  readonly to: number
}

interface Block {
  readonly tools: Tools
  readonly order: SweepOrder
  readonly z: Float64Array
  readonly width: number
  readonly rotate: typeof rotateUp
  readonly factor: Float64Array
  readonly kept: Float64Array
}

/**
 * A rotation waits for those of earlier sweeps on its rows. So chunks are slanted: that of sweep k lies k rows back from
 * where the first one's does, and every chunk finds done what it waits for.
 */
function applySweeps(block: Block, sweeps: readonly Piece[]): void {
  const { order } = block
  const slant = order === 'up' ? 1 : -1
  let low = Infinity
  let high = -Infinity
  for (const [k, { from, to }] of sweeps.entries()) {
    if (to <= from) continue
    low = Math.min(low, from - slant * k)
    high = Math.max(high, to - slant * k)
  }
  const chunks = high > low ? Math.ceil((high - low) / CHUNK) : 0
  for (let i = 0; i < chunks; i++) {
    const at = low + CHUNK * (order === 'up' ? chunks - 1 - i : i)
    const pieces = sweeps.flatMap(({ c, s, from, to }, k) => {
      const [first, last] = [Math.max(from, at + slant * k), Math.min(to, at + slant * k + CHUNK)]
      return first < last ? [{ c, s, from: first, to: last }] : []
    })
    applyPieces(block, pieces)
  }
}

function applyPieces(block: Block, pieces: readonly Piece[]): void {
  const { tools, z, width, rotate, factor, kept } = block
  const rotations = pieces.reduce((sum, { from, to }) => sum + to - from, 0)
  if (rotations < DENSE * SWEEPS * CHUNK) {
    for (const piece of pieces) rotate(z, 0, width, width, piece.from, piece.to, piece)
    return
  }
  const first = Math.min(...pieces.map(({ from }) => from))
  const rows = Math.max(...pieces.map(({ to }) => to)) + 1 - first
  formFactor(block, pieces, first, rows)
  const at = first * width
  kept.set(z.subarray(at, at + rows * width))
  z.fill(0, at, at + rows * width)
  tools.gemm({
    m: rows,
    n: width,
    k: rows,
    alpha: 1,
    a: factor,
    aOffset: 0,
    aStrides: [rows, 1],
    b: kept,
    bOffset: 0,
    bStrides: [width, 1],
    c: z,
    cOffset: at,
    cStride: width,
  })
}

/**
 * The product of the rotations, `[rows, rows]`. Each sweep fills one more diagonal on the side that it comes from, and the
 * other side at once, so most of the zeros are known and left alone.
 */
function formFactor({ order, rotate, factor }: Block, pieces: readonly Piece[], first: number, rows: number): void {
  factor.fill(0, 0, rows * rows)
  for (let i = 0; i < rows; i++) factor[i * (rows + 1)] = 1
  const up = order === 'up'
  let edge = up ? 0 : rows
  for (const [k, { from, to, c, s }] of pieces.entries()) {
    edge = up ? Math.max(edge, to + 1 - first) : Math.min(edge, from - first)
    for (let done = 0; done < to - from; done += STRIP) {
      const low = up ? Math.max(from, to - done - STRIP) : from + done
      const high = up ? to - done : Math.min(to, from + done + STRIP)
      const left = up ? Math.max(0, low - first - k) : edge
      const right = up ? edge : Math.min(rows, high + 1 - first + k)
      rotate(factor, left - first * rows, rows, right - left, low, high, { c, s })
    }
  }
}
