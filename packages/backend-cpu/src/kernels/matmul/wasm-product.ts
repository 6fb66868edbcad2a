// Runs the WebAssembly matrix products: offset tables and operands that lie elsewhere are lent room in the heap for the call.

import type { TypedArray } from '@adjoint/core'
import type { Heap } from '../../heap/heap.js'
import { lend, takeBack } from '../../heap/loan.js'
import { isContiguous } from '../../loops/offsets.js'
import { viewOf } from '../../views.js'
import { type Exports, instantiate } from '../../wasm/instance.js'
import type { Lanes } from '../../wasm/lanes.js'
import { fusing } from '../../wasm/value.js'
import type { Operand, Target } from './operands.js'
import { COLUMNS, DEPTH, gemmModule, ROWS } from './wasm-gemm.js'
import { matvecModule } from './wasm-matvec.js'
import { thinModule } from './wasm-thin.js'

/** Products over one heap. Each is false where the heap has no room for the operands. */
export interface WasmProducts {
  readonly heap: Heap
  /** `c += alpha * a b` through packed panels. */
  packed(a: Operand, b: Operand, c: Target, alpha: number): boolean
  /** The same for products of little depth. */
  thin(a: Operand, b: Operand, c: Target, alpha: number): boolean
  /** `c[at(i)] += alpha * a x`, with `step` elements between results; `a` has adjacent elements along one of its axes. */
  vector(a: Operand, x: Operand, c: Target, step: number, alpha: number): boolean
}

/** Room for the strips at the end of a block, which are filled up with zeros. */
const SPARE = 8

/** Matrix products over a heap; modules are compiled at first use. */
export function wasmProducts(heap: Heap): WasmProducts {
  const made = new Map<string, Exports>()

  function moduleOf(key: string, bytes: () => Uint8Array<ArrayBuffer>): Exports {
    let exports = made.get(key)
    if (exports === undefined) {
      exports = instantiate(fusing(heap.fusesProducts, bytes), heap.memory)
      made.set(key, exports)
    }
    return exports
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

  return {
    heap,
    packed: (a, b, c, alpha) => {
      const [m, n, k] = [a.outer.length, b.outer.length, a.inner.length]
      return within(c, (m - 1) * c.stride + n, (place, target) => {
        const dtype = dtypeOf(c.data)
        const bytes = c.data.BYTES_PER_ELEMENT
        const depth = Math.min(k, DEPTH) * bytes
        const [left, right] = [place.operand(a), place.operand(b)]
        const [aOuter, aInner, bOuter, bInner] = [a.outer, a.inner, b.outer, b.inner].map(place.table)
        const panelA = place.room((Math.min(m, ROWS) + SPARE) * depth)
        const panelB = place.room((Math.min(n, COLUMNS) + SPARE) * depth)
        if (!place.all) return
        const { gemm } = moduleOf(dtype, () => gemmModule(dtype, heap.shared))
        const inRows = Number(isContiguous(b.outer))
        const row = c.stride * bytes
        gemm(left, aOuter, aInner, right, bOuter, bInner, target, row, m, n, k, alpha, panelA, panelB, inRows)
      })
    },
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
        const { rows, columns } = moduleOf(`vector ${dtype}`, () => matvecModule(dtype, heap.shared))
        const factor = viewOf(dtype, heap.memory.buffer, k, values)
        for (let p = 0; p < k; p++) factor[p] = x.data[x.base + x.outer[0] + x.inner[p]]
        const run = byRows ? rows : columns
        run(matrix, table, values, sums, m, k)
        const results = viewOf(dtype, heap.memory.buffer, m, sums)
        for (let i = 0; i < m; i++) c.data[c.base + i * step] += alpha * results[i]
      }
      heap.giveBack(start)
      return place.all
    },
  }
}

/** Finds or makes places in the heap, and notes whether there was one for everything. */
interface Places {
  readonly all: boolean
  checked(pointer: number): number
  room(bytes: number): number
  /** An operand's element `[0, 0]`. */
  operand(x: Operand): number
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
    operand({ data, base, outer, inner }) {
      if (heap.holds(data)) return data.byteOffset + base * bytes
      const [outerLow, outerHigh] = range(outer)
      const [innerLow, innerHigh] = range(inner)
      const low = outerLow + innerLow
      const pointer = lend(heap, data.subarray(base + low, base + outerHigh + innerHigh + 1))
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
