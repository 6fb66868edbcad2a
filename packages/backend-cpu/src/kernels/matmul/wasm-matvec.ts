// Matrix times vector as WebAssembly SIMD, at the speed of memory: four rows, or four columns, are read side by side.

import type { Code, Local } from '../../wasm/code.js'
import { less, minus, plus, remainder, times } from '../../wasm/integers.js'
import { type Lanes, lanesOf } from '../../wasm/lanes.js'
import { ModuleBuilder } from '../../wasm/module.js'
import { type Callee, i32, load, type Value } from '../../wasm/value.js'

/** Rows or columns read together. */
const SIDE = 4

/**
 * `rows(a, outer, x, sums, m, k)`: sums of products along rows whose elements are adjacent. `columns(...)`: the same where
 * the elements of columns are. `outer` tells where rows or columns start, in bytes; `x` and `sums` are contiguous.
 * `run(the same ..., byRows, from, to)`: some of the sums.
 */
export function matvecModule(dtype: Lanes['dtype'], shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', shared)
  const lanes = lanesOf(dtype)
  const params = new Array<'i32'>(6).fill('i32')
  const rows = module.function(params, [], (code) => rowSums(code, lanes))
  const columns = module.function(params, [], (code) => columnSums(code, lanes))
  module.export('rows', rows)
  module.export('columns', columns)
  module.export('run', partOf(module, rows, columns, lanes.bytes))
  return module.bytes()
}

function partOf(module: ModuleBuilder, rows: Callee, columns: Callee, bytes: number): Callee {
  return module.function(new Array<'i32'>(9).fill('i32'), [], (code) => {
    const [a, outer, x, sums, , k, byRows, from, to] = code.params
    const [start, length] = [element(sums, from, bytes), minus(to, from)]
    code.if(
      byRows,
      () => code.call(rows, a, entry(outer, from), x, start, length, k),
      () => code.call(columns, element(a, from, bytes), outer, x, start, length, k),
    )
  })
}

function rowSums(code: Code, lanes: Lanes): void {
  const { bytes, count, vector } = lanes
  const [a, outer, x, sums, m, k] = code.params
  const whole = code.let(minus(k, remainder(k, count)))
  const [i, p] = [code.local('i32'), code.local('i32')]
  const part = code.local('v128')
  const block = (rows: number) => {
    const starts = Array.from({ length: rows }, (_, r) => code.let(plus(a, load('i32.load', entry(outer, i), 4 * r))))
    const totals = starts.map(() => code.local('v128'))
    const tails = starts.map(() => code.local(lanes.scalar))
    for (const total of totals) code.set(total, lanes.zeros)
    code.set(p, i32(0))
    code.for(p, whole, count, () => {
      code.set(part, load('v128.load', element(x, p, bytes)))
      totals.forEach((total, r) => {
        code.set(total, vector.add(total, vector.mul(load('v128.load', element(starts[r], p, bytes)), part)))
      })
    })
    totals.forEach((total, r) => {
      code.set(tails[r], sumOf(lanes, total))
    })
    code.for(p, k, 1, () => {
      tails.forEach((tail, r) => {
        const term = lanes.mul(
          load(lanes.loadName, element(starts[r], p, bytes)),
          load(lanes.loadName, element(x, p, bytes)),
        )
        code.set(tail, lanes.add(tail, term))
      })
    })
    tails.forEach((tail, r) => {
      code.store(lanes.storeName, element(sums, i, bytes), tail, r * bytes)
    })
  }
  sideBySide(code, i, m, block)
}

/** The last lane loop of a sum: all lanes added up. */
function sumOf(lanes: Lanes, vector: Value): Value {
  const each = Array.from({ length: lanes.count }, (_, lane) => lanes.extract(lane, vector))
  const pairs = each.length === 4 ? [lanes.add(each[0], each[1]), lanes.add(each[2], each[3])] : each
  return lanes.add(pairs[0], pairs[1])
}

function columnSums(code: Code, lanes: Lanes): void {
  const { bytes, count, vector } = lanes
  const [a, outer, x, sums, m, k] = code.params
  const whole = code.let(minus(m, remainder(m, count)))
  const [i, p] = [code.local('i32'), code.local('i32')]
  code.fill(sums, i32(0), times(m, i32(bytes)))
  const block = (columns: number) => {
    const starts = Array.from({ length: columns }, (_, r) =>
      code.let(plus(a, load('i32.load', entry(outer, p), 4 * r))),
    )
    const scales = starts.map((_, r) => code.let(load(lanes.loadName, element(x, p, bytes), r * bytes)))
    const factors = scales.map((scale) => code.let(lanes.splat(scale)))
    code.set(i, i32(0))
    code.for(i, whole, count, () => {
      const to = element(sums, i, bytes)
      const terms = starts.map((start, r) => vector.mul(load('v128.load', element(start, i, bytes)), factors[r]))
      code.store('v128.store', to, terms.reduce(vector.add, load('v128.load', to)))
    })
    code.for(i, m, 1, () => {
      const to = element(sums, i, bytes)
      const terms = starts.map((start, r) => lanes.mul(load(lanes.loadName, element(start, i, bytes)), scales[r]))
      code.store(lanes.storeName, to, terms.reduce(lanes.add, load(lanes.loadName, to)))
    })
  }
  sideBySide(code, p, k, block)
}

/** Runs `block` for four at a time, then one by one. */
function sideBySide(code: Code, i: Local, end: Value, block: (count: number) => void): void {
  code.set(i, i32(0))
  code.while(less(plus(i, i32(SIDE - 1)), end), () => {
    block(SIDE)
    code.set(i, plus(i, i32(SIDE)))
  })
  code.for(i, end, 1, () => block(1))
}

function element(start: Value, i: Value, bytes: number): Value {
  return plus(start, times(i, i32(bytes)))
}

function entry(table: Value, i: Value): Value {
  return element(table, i, 4)
}
