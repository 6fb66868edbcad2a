// Radix sort of 32-bit words as WebAssembly: three stable passes over 11 bits each, all counted in one reading.
// D. Knuth, The Art of Computer Programming 3, section 5.2.5.

import { less, plus, remainder, times } from '../wasm/integers.js'
import { ModuleBuilder } from '../wasm/module.js'
import { i32, load, op, type Value } from '../wasm/value.js'

const BITS = 11
const BUCKETS = 2 ** BITS
const PASSES = 3

/** Bytes of counters that `sort` works with. */
export const COUNTER_BYTES = 4 * BUCKETS * PASSES

/**
 * `sort(words, spare, order, spareOrder, counters, n)`: sorts `n` words, and the order along with them unless it is 0.
 * Returns how many passes it took: after an odd number the results are in the spare arrays.
 */
export type RadixSort = (
  words: number,
  spare: number,
  order: number,
  spareOrder: number,
  counters: number,
  n: number,
) => number

/** The module with `sort`. */
export function radixModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', shared)
  const sort = module.function(new Array<'i32'>(6).fill('i32'), ['i32'], (code) => {
    const [words, spare, order, spareOrder, counters, n] = code.params
    const [i, word, place, sum, count, taken] = Array.from({ length: 6 }, () => code.local('i32'))
    const [from, to, fromOrder, toOrder] = [words, spare, order, spareOrder].map((x) => code.let(x))
    const entry = (array: Value, index: Value) => plus(array, times(index, i32(4)))
    const digit = (x: Value, pass: number) => remainder(op('i32.shr_u', x, i32(pass * BITS)), BUCKETS)
    const table = (pass: number) => plus(counters, i32(4 * BUCKETS * pass))

    code.fill(counters, i32(0), i32(COUNTER_BYTES))
    code.for(i, n, 1, () => {
      code.set(word, load('i32.load', entry(words, i)))
      for (let pass = 0; pass < PASSES; pass++) {
        code.set(place, entry(table(pass), digit(word, pass)))
        code.store('i32.store', place, plus(load('i32.load', place), i32(1)))
      }
    })
    for (let pass = 0; pass < PASSES; pass++) {
      const moveOne = (withOrder: boolean) => {
        code.set(word, load('i32.load', entry(from, i)))
        code.set(place, entry(table(pass), digit(word, pass)))
        code.set(sum, load('i32.load', place))
        code.store('i32.store', place, plus(sum, i32(1)))
        code.store('i32.store', entry(to, sum), word)
        if (withOrder) code.store('i32.store', entry(toOrder, sum), load('i32.load', entry(fromOrder, i)))
      }
      const move = (withOrder: boolean) => () => {
        code.set(i, i32(0))
        code.for(i, n, 1, () => moveOne(withOrder))
      }
      const first = load('i32.load', entry(table(pass), digit(load('i32.load', from), pass)))
      // A digit that all words share leaves them as they are.
      code.if(less(first, n), () => {
        code.set(sum, i32(0))
        code.set(i, i32(0))
        code.for(i, i32(BUCKETS), 1, () => {
          code.set(count, load('i32.load', entry(table(pass), i)))
          code.store('i32.store', entry(table(pass), i), sum)
          code.set(sum, plus(sum, count))
        })
        code.if(order, move(true), move(false))
        for (const [a, b] of [
          [from, to],
          [fromOrder, toOrder],
        ]) {
          code.set(place, a)
          code.set(a, b)
          code.set(b, place)
        }
        code.set(taken, plus(taken, i32(1)))
      })
    }
    code.return(taken)
  })
  module.export('sort', sort)
  return module.bytes()
}
