// What the machine can do at best, from one thread, for comparison: copying, and SIMD arithmetic in WebAssembly.
import type { Figure, Work } from './api.js'

/** The most of `count` measurements. */
function best(count: number, measure: () => number): number {
  return Math.max(...Array.from({ length: count }, measure))
}

function seconds(work: () => unknown): number {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}

/** Bytes read and written per second by copying an array of so many. */
function copying(name: string, bytes: number): Figure {
  return {
    name,
    unit: 'GB/s',
    measure: (short) => {
      const [from, to] = [new Float64Array(bytes / 8).fill(1), new Float64Array(bytes / 8)]
      const rounds = Math.ceil(2 ** 28 / bytes)
      const run = () => {
        for (let i = 0; i < rounds; i++) to.set(from)
      }
      run()
      return best(short ? 3 : 20, () => (2 * bytes * rounds) / seconds(run) / 1e9)
    },
  }
}

const SIMD = 0xfd
const operations = {
  float32: {
    lanes: 4,
    splat: [SIMD, 0x13],
    add: [SIMD, 0xe4, 0x01],
    mul: [SIMD, 0xe6, 0x01],
    toScalar: [SIMD, 0x1f, 0],
  },
  float64: {
    lanes: 2,
    splat: [SIMD, 0x14],
    add: [SIMD, 0xf0, 0x01],
    mul: [SIMD, 0xf2, 0x01],
    toScalar: [SIMD, 0x21, 0],
  },
}

/** So many sums at once hide the latency of each, and fit into 16 registers with two constants. */
const chains = 12

/** A module with `run(rounds, factor, summand)`: in each round every chain is multiplied and added to. */
function arithmetic(dtype: 'float32' | 'float64'): Uint8Array<ArrayBuffer> {
  const { splat, add, mul, toScalar } = operations[dtype]
  const scalar = dtype === 'float32' ? 0x7d : 0x7c
  const [get, set] = [0x20, 0x21]
  const [factor, summand, first] = [3, 4, 5]
  const each = (code: (local: number) => number[]) => Array.from({ length: chains }, (_, i) => code(first + i)).flat()
  const body = [
    ...[1, ...[2 + chains, 0x7b]],
    ...[get, 1, ...splat, set, factor],
    ...[get, 2, ...splat, set, summand],
    ...[0x03, 0x40],
    ...each((sum) => [get, sum, get, factor, ...mul, get, summand, ...add, set, sum]),
    ...[get, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    ...each((sum) => [get, sum, ...toScalar, ...(sum === first ? [] : [dtype === 'float32' ? 0x92 : 0xa0])]),
    0x0b,
  ]
  const sections: [number, number[]][] = [
    [1, [1, 0x60, 3, 0x7f, scalar, scalar, 1, scalar]],
    [3, [1, 0]],
    [7, [1, 3, ...Buffer.from('run'), 0, 0]],
    [10, [1, ...unsigned(body.length), ...body]],
  ]
  const code = sections.flatMap(([id, content]) => [id, ...unsigned(content.length), ...content])
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...code])
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))]
}

/** Multiplications and additions per second, without fused ones. */
function peak(dtype: 'float32' | 'float64'): Figure {
  return {
    name: `peak-${dtype}`,
    unit: 'GFLOP/s',
    measure: (short) => {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(arithmetic(dtype)))
      const run = exports.run as (rounds: number, factor: number, summand: number) => number
      const rounds = 1e6
      const flop = rounds * chains * operations[dtype].lanes * 2
      return best(short ? 3 : 30, () => flop / seconds(() => run(rounds, 0.5, 0.25)) / 1e9)
    },
  }
}

/** The figure that bounds a piece of work: copying outside the caches where it takes more than they hold. */
export function boundOf(work: Work): string {
  if ('flop' in work) return `peak-${work.dtype}`
  return work.bytes > 2 ** 25 ? 'copy-256mb' : 'copy-8mb'
}

/** Copying within the caches and beyond them, and the peaks of 128-bit SIMD. */
export const limits: readonly Figure[] = [
  copying('copy-8mb', 2 ** 23),
  copying('copy-256mb', 2 ** 28),
  peak('float32'),
  peak('float64'),
]
