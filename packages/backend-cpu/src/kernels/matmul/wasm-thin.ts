// Products of little depth as WebAssembly SIMD: sums of outer products, written at the speed of memory.

import type { Code } from '../../wasm/code.js'
import { minus, plus, remainder, times } from '../../wasm/integers.js'
import { type Lanes, lanesOf } from '../../wasm/lanes.js'
import { ModuleBuilder } from '../../wasm/module.js'
import { i32, load, op } from '../../wasm/value.js'

/** The greatest depth. */
export const THIN = 4

/** `thin(a, b, c, cStride, m, n, k)`: `c [m, n] += a [m, k] b [k, n]`, `a` and `b` without gaps, strides in bytes. */
export function thinModule(dtype: Lanes['dtype'], shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', shared)
  const lanes = lanesOf(dtype)
  const thin = module.function(new Array<'i32'>(7).fill('i32'), [], (code) => {
    const [, , , , , , k] = code.params
    for (let depth = 1; depth <= THIN; depth++) code.if(op('i32.eq', k, i32(depth)), () => ofDepth(code, lanes, depth))
  })
  module.export('thin', thin)
  return module.bytes()
}

function ofDepth(code: Code, lanes: Lanes, depth: number): void {
  const { bytes, count, loadName, storeName, vector } = lanes
  const [a, b, c, stride, m, n] = code.params
  const [i, j] = [code.local('i32'), code.local('i32')]
  const whole = code.let(minus(n, remainder(n, count)))
  const rows = Array.from({ length: depth }, (_, p) => code.let(plus(b, times(n, i32(p * bytes)))))
  code.for(i, m, 1, () => {
    const factors = rows.map((_, p) => code.let(load(loadName, plus(a, times(i, i32(depth * bytes))), p * bytes)))
    const splats = factors.map((factor) => code.let(lanes.splat(factor)))
    const to = code.let(plus(c, times(i, stride)))
    const at = times(j, i32(bytes))
    code.set(j, i32(0))
    code.for(j, whole, count, () => {
      const terms = rows.map((row, p) => vector.mul(splats[p], load('v128.load', plus(row, at))))
      code.store('v128.store', plus(to, at), terms.reduce(vector.add, load('v128.load', plus(to, at))))
    })
    code.for(j, n, 1, () => {
      const terms = rows.map((row, p) => lanes.mul(factors[p], load(loadName, plus(row, at))))
      code.store(storeName, plus(to, at), terms.reduce(lanes.add, load(loadName, plus(to, at))))
    })
  })
}
