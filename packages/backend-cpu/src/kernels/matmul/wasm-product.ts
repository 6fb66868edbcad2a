// Runs the WebAssembly matrix products: offset tables and operands that lie elsewhere are lent room in the heap for the call.

import type { TypedArray } from '@adjoint/core'
import type { Heap } from '../../heap/heap.js'
import { lend, takeBack } from '../../heap/loan.js'
import { isContiguous } from '../../loops/offsets.js'
import { stepOf } from '../../threads/pieces.js'
import type { Task } from '../../threads/task.js'
import { ROOM } from '../../threads/task.js'
import { viewOf } from '../../views.js'
import { type Exports, instantiate } from '../../wasm/instance.js'
import type { Lanes } from '../../wasm/lanes.js'
import { fusing } from '../../wasm/value.js'
import type { Operand, Target } from './operands.js'
import { clearModule } from './wasm-clear.js'
import { COLUMNS, CUT, DEPTH, gemmModule, ROWS } from './wasm-gemm.js'
import { matvecModule } from './wasm-matvec.js'
import { thinModule } from './wasm-thin.js'

/** Products over one heap. Each is false where the heap has no room for the operands. */
export interface WasmProducts {
  readonly heap: Heap
  /** Sets an array of the heap to 0: engines do so slowly themselves where memory is shared. */
  clear(array: TypedArray): boolean
  /** `c += alpha * a b` through packed panels, for each product of a batch. */
  packed(a: Operand, b: Operand, c: Target, alpha: number, batch?: Batch): boolean
  /** The same for products of little depth. */
  thin(a: Operand, b: Operand, c: Target, alpha: number): boolean
  /** `c[at(i)] += alpha * a x`, with `step` elements between results; `a` has adjacent elements along one of its axes. */
  vector(a: Operand, x: Operand, c: Target, step: number, alpha: number): boolean
}

/** Where the operands of each product of a batch begin; results follow each other. */
export interface Batch {
  readonly left: Int32Array
  readonly right: Int32Array
}

/** Room for the strips at the end of a block, which are filled up with zeros. */
const SPARE = 8
/** Products of float32 that one thread does in a microsecond, in tiles and in rows. */
const TILE_SPEED = 15_000
const ROW_SPEED = 4000
/** Rows of a matrix that one thread multiplies with a vector at least. */
const VECTOR_UNIT = 16
const ONE = /* @__PURE__ */ new Int32Array(1)

/** Matrix products over a heap; modules are compiled at first use. */
export function wasmProducts(heap: Heap): WasmProducts {
  const made = new Map<string, Exports>()
  const tasks = new Map<string, Task | null>()

  function moduleOf(key: string, bytes: () => Uint8Array<ArrayBuffer>): Exports {
    let exports = made.get(key)
    if (exports === undefined) {
      exports = instantiate(fusing(heap.fusesProducts, bytes), heap.memory)
      made.set(key, exports)
    }
    return exports
  }

  /** What threads share if there is enough of it; null otherwise. */
  function taskOf(key: string, microseconds: number, bytes: () => Uint8Array<ArrayBuffer>): Task | null {
    const { team } = heap
    if (team === null || team.rooms < 0 || microseconds <= team.from) return null
    let task = tasks.get(key)
    if (task === undefined) {
      task = team.task(fusing(heap.fusesProducts, bytes))
      tasks.set(key, task)
    }
    return task
  }

  /** Places all operands, runs, and copies the target back. */
  function within(c: Target, length: number, run: (place: Places, target: number) => void): boolean {
    const start = heap.mark()
    const own = c.data.subarray(c.base, c.base + length)
    const place = placesIn(heap, c.data.BYTES_PER_ELEMENT)
    const target = place.checked(lend(heap, own))
    run(place, target)
    if (place.all) takeBack(heap, own, target)
    heap.giveBack(start)
    return place.all
  }

  function packed(a: Operand, b: Operand, c: Target, alpha: number, { left, right }: Batch): boolean {
    const [m, n, k] = [a.outer.length, b.outer.length, a.inner.length]
    const dtype = dtypeOf(c.data)
    const bytes = c.data.BYTES_PER_ELEMENT
    const row = c.stride * bytes
    return within(c, (left.length * m - 1) * c.stride + n, (place, target) => {
      const depth = Math.min(k, DEPTH) * bytes
      const [x, y] = [place.operand(a, left), place.operand(b, right)]
      const [aOuter, aInner, bOuter, bInner, aBatch, bBatch] = [
        ...[a.outer, a.inner, b.outer, b.inner].map(place.table),
        ...[left, right].map(place.table),
      ]
      const panelA = place.room((Math.min(m, ROWS) + SPARE) * depth)
      const panelB = place.room((Math.min(n, COLUMNS) + SPARE) * depth)
      if (!place.all) return
      const inRows = Number(isContiguous(b.outer))
      const numbers = [x, aOuter, aInner, y, bOuter, bInner, target, row, m, n, k, alpha]
      const microseconds = (left.length * m * n * k * bytes) / 4 / TILE_SPEED
      const task = taskOf(dtype, microseconds, () => gemmModule(dtype, heap.shared))
      const { run } = moduleOf(dtype, () => gemmModule(dtype, heap.shared))
      const cut = (how: number) => [ROOM, aBatch, bBatch, m * row, how]
      if (task === null || heap.team === null)
        run(...numbers, panelA, panelB, inRows, ...cut(CUT.batch), 0, left.length, 0)
      else {
        const { team } = heap
        const { how, length, step } = cutOf(left.length, m, n, microseconds, team.size)
        const panels = [team.rooms, team.rooms + (ROWS + SPARE) * DEPTH * bytes]
        team.run(task, [...numbers, ...panels, inRows, ...cut(how)], length, step)
      }
    })
  }

  return {
    heap,
    clear(array) {
      if (!heap.holds(array)) return false
      moduleOf('clear', () => clearModule(heap.shared)).clear(array.byteOffset, array.byteLength)
      return true
    },
    packed: (a, b, c, alpha, batch = { left: ONE, right: ONE }) => packed(a, b, c, alpha, batch),
    thin: (a, b, c, alpha) => {
      const [m, n, k] = [a.outer.length, b.outer.length, a.inner.length]
      return within(c, (m - 1) * c.stride + n, (place, target) => {
        const dtype = dtypeOf(c.data)
        const bytes = c.data.BYTES_PER_ELEMENT
        const [left, right] = [place.room(m * k * bytes), place.room(k * n * bytes)]
        if (!place.all) return
        const rows = viewOf(dtype, heap.memory.buffer, m * k, left)
        for (let i = 0; i < m; i++)
          for (let p = 0; p < k; p++) rows[i * k + p] = alpha * a.data[a.base + a.outer[i] + a.inner[p]]
        const columns = viewOf(dtype, heap.memory.buffer, k * n, right)
        for (let p = 0; p < k; p++)
          for (let j = 0; j < n; j++) columns[p * n + j] = b.data[b.base + b.outer[j] + b.inner[p]]
        const { thin } = moduleOf(`thin ${dtype}`, () => thinModule(dtype, heap.shared))
        thin(left, right, target, c.stride * bytes, m, n, k)
      })
    },
    vector(a, x, c, step, alpha) {
      const byRows = isContiguous(a.inner)
      if (!byRows && !isContiguous(a.outer)) return false
      const start = heap.mark()
      const dtype = dtypeOf(c.data)
      const place = placesIn(heap, c.data.BYTES_PER_ELEMENT)
      const [m, k] = [a.outer.length, a.inner.length]
      const matrix = place.operand(a)
      const table = place.table(byRows ? a.outer : a.inner)
      const [values, sums] = [k, m].map((n) => place.room(n * c.data.BYTES_PER_ELEMENT))
      if (place.all) {
        const bytes = c.data.BYTES_PER_ELEMENT
        const { run } = moduleOf(`vector ${dtype}`, () => matvecModule(dtype, heap.shared))
        const microseconds = (m * k * bytes) / 4 / ROW_SPEED
        const task = taskOf(`vector ${dtype}`, microseconds, () => matvecModule(dtype, heap.shared))
        const factor = viewOf(dtype, heap.memory.buffer, k, values)
        for (let p = 0; p < k; p++) factor[p] = x.data[x.base + x.outer[0] + x.inner[p]]
        const numbers = [matrix, table, values, sums, m, k, Number(byRows)]
        if (task === null || heap.team === null) run(...numbers, 0, m)
        else heap.team.run(task, numbers, m, stepOf(m, VECTOR_UNIT, microseconds, heap.team.size))
        const results = viewOf(dtype, heap.memory.buffer, m, sums)
        for (let i = 0; i < m; i++) c.data[c.base + i * step] += alpha * results[i]
      }
      heap.giveBack(start)
      return place.all
    },
  }
}

/** How a product is cut for threads: a batch by products, one product along the longer side of the result. */
function cutOf(batch: number, m: number, n: number, microseconds: number, size: number) {
  if (batch > 1) return { how: CUT.batch, length: batch, step: stepOf(batch, 1, microseconds, size) }
  const [how, length, block] = m >= n ? ([CUT.rows, m, ROWS] as const) : ([CUT.columns, n, COLUMNS] as const)
  // Each piece packs the other side anew: pieces are as large as they can be for two rounds.
  const pieces = Math.max(size, Math.min(2 * size, Math.floor(length / block)))
  return { how, length, step: 32 * Math.ceil(length / 32 / pieces) }
}

/** Finds or makes places in the heap, and notes whether there was one for everything. */
interface Places {
  readonly all: boolean
  checked(pointer: number): number
  room(bytes: number): number
  /** An operand's element `[0, 0]`; of the first product, if they begin at different places. */
  operand(x: Operand, starts?: Int32Array): number
  /** An offset table, in bytes. */
  table(offsets: Int32Array): number
}

function placesIn(heap: Heap, bytes: number): Places {
  let all = true
  const checked = (pointer: number) => {
    if (pointer < 0) all = false
    return pointer
  }
  const room = (size: number) => checked(heap.borrow(size))
  return {
    get all() {
      return all
    },
    checked,
    room,
    operand({ data, base, outer, inner }, starts = ONE) {
      if (heap.holds(data)) return data.byteOffset + base * bytes
      const ranges = [outer, inner, starts].map(range)
      const [low, high] = [0, 1].map((end) => ranges[0][end] + ranges[1][end] + ranges[2][end])
      const pointer = lend(heap, data.subarray(base + low, base + high + 1))
      return checked(pointer) - low * bytes
    },
    table(offsets) {
      const pointer = room(4 * offsets.length)
      if (pointer < 0) return pointer
      const out = new Int32Array(heap.memory.buffer, pointer, offsets.length)
      for (let i = 0; i < out.length; i++) out[i] = offsets[i] * bytes
      return pointer
    },
  }
}

function range(offsets: Int32Array): [low: number, high: number] {
  let [low, high] = [offsets[0], offsets[0]]
  for (let i = 1; i < offsets.length; i++) {
    low = Math.min(low, offsets[i])
    high = Math.max(high, offsets[i])
  }
  return [low, high]
}

/** The arithmetic of a target: uint32 wraps as int32 does. */
function dtypeOf(data: TypedArray): Lanes['dtype'] {
  return data instanceof Float32Array ? 'float32' : data instanceof Float64Array ? 'float64' : 'int32'
}
