// The packed matrix product as WebAssembly SIMD: panels packed through offset tables, register tiles of 4 rows by two vectors.
// K. Goto, R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, ACM TOMS 2008.

import type { Code, Local } from '../../wasm/code.js'
import { both, divided, less, minus, notLess, plus, times } from '../../wasm/integers.js'
import { type Lanes, lanesOf } from '../../wasm/lanes.js'
import { ModuleBuilder } from '../../wasm/module.js'
import { type Callee, i32, load, op, select, type Value } from '../../wasm/value.js'

/** Rows of a register tile; it is two vectors wide. */
const TILE_ROWS = 4
/** Rows, columns and depth of the packed blocks: a panel of each side stays in the L1 cache, a block of `a` in L2. */
export const ROWS = 128
export const COLUMNS = 512
export const DEPTH = 256

/** How a product is cut into parts: by rows or columns of the result, or by products of a batch. */
export const CUT = { rows: 0, columns: 1, batch: 2 } as const

/**
 * `gemm(a, aOuter, aInner, b, bOuter, bInner, c, cStride, m, n, k, alpha, panelA, panelB, bInRows)`, addresses in bytes.
 * `run(the same ..., room, aBatch, bBatch, cBatch, cut, from, to, who)`: a part of it, or of a batch of such products;
 * the panels of thread `who` are `room` bytes after those of the one before.
 */
export function gemmModule(dtype: Lanes['dtype'], shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', shared)
  const lanes = lanesOf(dtype)
  const packRows = packing(module, lanes, TILE_ROWS)
  const packColumns = packing(module, lanes, 2 * lanes.count)
  const multiply = blockProduct(module, lanes)
  const params = [...new Array<'i32'>(11).fill('i32'), lanes.scalar, 'i32', 'i32', 'i32'] as const
  const gemm = module.function(params, [], (code) => {
    const [a, aOuter, aInner, b, bOuter, bInner, c, cStride, m, n, k, alpha, panelA, panelB, bInRows] = code.params
    blocks(code, k, DEPTH, (p, depth) => {
      blocks(code, n, COLUMNS, (j, columns) => {
        code.call(packColumns, panelB, b, at(bOuter, j), at(bInner, p), columns, depth, bInRows)
        blocks(code, m, ROWS, (i, rows) => {
          code.call(packRows, panelA, a, at(aOuter, i), at(aInner, p), rows, depth, i32(0))
          const target = plus(plus(c, times(i, cStride)), times(j, i32(lanes.bytes)))
          code.call(multiply, panelA, panelB, target, cStride, rows, columns, depth, alpha)
        })
      })
    })
  })
  module.export('gemm', gemm)
  module.export('run', partOf(module, gemm, lanes))
  return module.bytes()
}

function partOf(module: ModuleBuilder, gemm: Callee, lanes: Lanes): Callee {
  return module.function([...gemm.params, ...new Array<'i32'>(8).fill('i32')], [], (code) => {
    const whole = code.params.slice(0, gemm.params.length)
    const [a, aOuter, aInner, b, bOuter, bInner, c, cStride, m, n, k, alpha, panelA, panelB, bInRows] = whole
    const [room, aBatch, bBatch, cBatch, cut, from, to, who] = code.params.slice(gemm.params.length)
    code.set(panelA, plus(panelA, times(who, room)))
    code.set(panelB, plus(panelB, times(who, room)))
    const length = code.let(minus(to, from))
    const run = (x: Value, rows: Value, y: Value, columns: Value, target: Value, height: Value, width: Value) =>
      code.call(
        gemm,
        x,
        rows,
        aInner,
        y,
        columns,
        bInner,
        target,
        cStride,
        height,
        width,
        k,
        alpha,
        panelA,
        panelB,
        bInRows,
      )
    const isCut = (how: number) => op('i32.eq', cut, i32(how))
    code.if(isCut(CUT.rows), () => run(a, at(aOuter, from), b, bOuter, plus(c, times(from, cStride)), length, n))
    code.if(isCut(CUT.columns), () =>
      run(a, aOuter, b, at(bOuter, from), plus(c, times(from, i32(lanes.bytes))), m, length),
    )
    code.if(isCut(CUT.batch), () =>
      code.for(from, to, 1, () => {
        const [x, y] = [load('i32.load', at(aBatch, from)), load('i32.load', at(bBatch, from))]
        run(plus(a, x), aOuter, plus(b, y), bOuter, plus(c, times(from, cBatch)), m, n)
      }),
    )
  })
}

/** The place of entry `i` of an offset table. */
function at(table: Value, i: Value): Value {
  return plus(table, times(i, i32(4)))
}

/** Runs `body` with the start and the length of each block. */
function blocks(code: Code, end: Value, size: number, body: (start: Local, length: Local) => void): void {
  const start = code.local('i32')
  const length = code.local('i32')
  code.set(start, i32(0))
  code.for(start, end, size, () => {
    code.set(length, minus(end, start))
    code.set(length, select(less(length, i32(size)), length, i32(size)))
    body(start, length)
  })
}

/** Strips of `width` rows, interleaved; the last strip is filled up with zeros. `neighbours`: the rows' elements are adjacent. */
function packing(module: ModuleBuilder, lanes: Lanes, width: number): Callee {
  const { bytes } = lanes
  return module.function(new Array<'i32'>(7).fill('i32'), [], (code) => {
    const [panel, base, outer, inner, count, depth, neighbours] = code.params
    const i = code.local('i32')
    const p = code.local('i32')
    const from = code.local('i32')
    const starts = Array.from({ length: width }, () => code.local('i32'))
    const each = (body: (source: (start: Value) => Value) => void) => {
      code.set(p, i32(0))
      code.for(p, depth, 1, () => {
        code.set(from, load('i32.load', at(inner, p)))
        body((start) => plus(start, from))
        code.set(panel, plus(panel, i32(width * bytes)))
      })
    }
    code.set(i, i32(0))
    code.for(i, count, width, () => {
      const own = code.let(minus(count, i))
      starts.forEach((start, r) => {
        // Rows that are missing read the first one and are then cleared.
        const row = code.let(i32(0))
        code.if(less(i32(r), own), () => code.set(row, i32(4 * r)))
        code.set(start, plus(base, load('i32.load', plus(at(outer, i), row))))
      })
      const whole = notLess(own, i32(width))
      const copyVectors = () =>
        each((source) => {
          for (let r = 0; r < width; r += lanes.count)
            code.store('v128.store', panel, load('v128.load', source(starts[0]), r * bytes), r * bytes)
        })
      const copyElements = () =>
        each((source) => {
          for (let r = 0; r < width; r++)
            code.store(lanes.storeName, panel, load(lanes.loadName, source(starts[r])), r * bytes)
        })
      const copyPart = () =>
        each((source) => {
          starts.forEach((start, r) => {
            code.if(
              less(i32(r), own),
              () => code.store(lanes.storeName, panel, load(lanes.loadName, source(start)), r * bytes),
              () => code.store(lanes.storeName, panel, lanes.zero, r * bytes),
            )
          })
        })
      code.if(
        whole,
        () => (width % lanes.count === 0 ? code.if(neighbours, copyVectors, copyElements) : copyElements()),
        copyPart,
      )
    })
  })
}

/** `c += alpha * panelA panelB` for packed panels. */
function blockProduct(module: ModuleBuilder, lanes: Lanes): Callee {
  const { bytes, vector } = lanes
  const width = 2 * lanes.count
  const params = [...new Array<'i32'>(7).fill('i32'), lanes.scalar] as const
  return module.function(params, [], (code) => {
    const [panelA, panelB, c, stride, rows, columns, depth, alpha] = code.params
    const scale = code.let(lanes.splat(alpha))
    const [i, j] = [code.local('i32'), code.local('i32')]
    const [a, b, end, to] = [code.local('i32'), code.local('i32'), code.local('i32'), code.local('i32')]
    const sums = Array.from({ length: TILE_ROWS }, () => [code.local('v128'), code.local('v128')])
    const [left, right, factor] = [code.local('v128'), code.local('v128'), code.local('v128')]
    const stripA = code.let(times(depth, i32(TILE_ROWS * bytes)))
    const stripB = code.let(times(depth, i32(width * bytes)))

    // Not unrolled: engines then run out of vector registers.
    const step = () => {
      code.set(left, load('v128.load', b))
      code.set(right, load('v128.load', b, 16))
      sums.forEach(([first, second], r) => {
        code.set(factor, lanes.loadSplat(a, r * bytes))
        code.set(first, vector.add(first, vector.mul(factor, left)))
        code.set(second, vector.add(second, vector.mul(factor, right)))
      })
      code.set(b, plus(b, i32(width * bytes)))
    }
    const addVector = (target: Value, sum: Value, offset: number) =>
      code.store('v128.store', target, vector.add(load('v128.load', target, offset), vector.mul(scale, sum)), offset)
    const wholeTile = () =>
      sums.forEach(([first, second]) => {
        addVector(to, first, 0)
        addVector(to, second, 16)
        code.set(to, plus(to, stride))
      })
    // The tile's vectors lane by lane, as far as rows and columns reach.
    const partOfTile = () =>
      sums.forEach((pair, r) => {
        code.if(less(plus(i, i32(r)), rows), () => {
          pair.forEach((sum, half) => {
            for (let lane = 0; lane < lanes.count; lane++) {
              const column = half * lanes.count + lane
              const place = column * bytes
              code.if(less(plus(j, i32(column)), columns), () => {
                const product = lanes.mul(alpha, lanes.extract(lane, sum))
                code.store(lanes.storeName, to, lanes.add(load(lanes.loadName, to, place), product), place)
              })
            }
          })
          code.set(to, plus(to, stride))
        })
      })

    code.set(j, i32(0))
    code.for(j, columns, width, () => {
      const strip = code.let(plus(panelB, times(divided(j, width), stripB)))
      code.set(i, i32(0))
      code.for(i, rows, TILE_ROWS, () => {
        for (const pair of sums) for (const sum of pair) code.set(sum, lanes.zeros)
        code.set(a, plus(panelA, times(divided(i, TILE_ROWS), stripA)))
        code.set(b, strip)
        code.set(end, plus(a, stripA))
        code.for(a, end, TILE_ROWS * bytes, step)
        code.set(to, plus(plus(c, times(i, stride)), times(j, i32(bytes))))
        const fits = both(notLess(rows, plus(i, i32(TILE_ROWS))), notLess(columns, plus(j, i32(width))))
        code.if(fits, wholeTile, partOfTile)
      })
    })
  })
}
