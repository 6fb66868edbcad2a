// Stable sort along the last axis by one or several keys: keys become unsigned words, which are sorted digit by digit.
// Least-significant-digit radix sort: D. Knuth, The Art of Computer Programming 3, section 5.2.5.

import type { CpuKernelApi, CpuKernelFactory, TypedArray } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import { instantiate, isShared } from '../wasm/instance.js'
import { COUNTER_BYTES, type RadixSort, radixModule } from './radix.js'

/** Parameters of sort. */
export interface SortParams {
  /** How many leading operands are keys, the first one deciding first. */
  readonly keys: number
  readonly descending: boolean
}

/** Rows up to this length are sorted by insertion. */
const SHORT = 24
const NAN_WORD = 0xffffffff

/** Rows from this length on are sorted by WebAssembly. */
const LONG = 1024

/** Work space for one row. */
interface Work {
  /** One word per element; the first plane decides first. */
  readonly planes: readonly Uint32Array[]
  order: Int32Array
  words: Uint32Array
  spareOrder: Int32Array
  spareWords: Uint32Array
}

/** NaN last in both directions; -0 equals 0. */
export const sort: CpuKernelFactory<SortParams> = (api, { inputs, params: { keys, descending } }) => {
  const { shape } = inputs[0]
  const n = shape.length === 0 ? 1 : shape[shape.length - 1]
  const size = sizeOf(shape)
  const planes = inputs.slice(0, keys).reduce((sum, x) => sum + (x.dtype === 'float64' ? 2 : 1), 0)
  return (arrays, outputs) => {
    const work = workFor(api, n, planes)
    for (let start = 0; start < size; start += n) {
      let plane = 0
      for (let k = 0; k < keys; k++) plane += encode(arrays[k], start, work.planes, plane, descending)
      countUp(work.order)
      if (n <= SHORT) sortShort(work)
      else for (let p = planes - 1; p >= 0; p--) sortByPlane(api, work, work.planes[p])
      for (let k = 0; k < arrays.length; k++) arrange(arrays[k], outputs[k], start, work.order)
    }
  }
}

function countUp(order: Int32Array): void {
  for (let i = 0; i < order.length; i++) order[i] = i
}

function workFor(api: CpuKernelApi, n: number, planes: number): Work {
  const words = () => api.scratch('uint32', n) as Uint32Array
  const indices = () => api.scratch('int32', n) as Int32Array
  return {
    planes: Array.from({ length: planes }, words),
    order: indices(),
    words: words(),
    spareOrder: indices(),
    spareWords: words(),
  }
}

function arrange(from: TypedArray, to: TypedArray, start: number, order: Int32Array): void {
  for (let i = 0; i < order.length; i++) to[start + i] = from[start + order[i]]
}

const bits64 = /* @__PURE__ */ new Float64Array(1)
const words64 = /* @__PURE__ */ new Uint32Array(bits64.buffer)
/** Which half of a float64 is the high one depends on the machine. */
const HIGH = /* @__PURE__ */ (() => (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0))()

/** Writes unsigned words in the order of the keys; returns how many planes it filled. */
function encode(
  data: TypedArray,
  start: number,
  planes: readonly Uint32Array[],
  plane: number,
  descending: boolean,
): number {
  const high = planes[plane]
  const flip = descending ? NAN_WORD : 0
  if (data instanceof Float64Array) encodeDoubles(data, start, high, planes[plane + 1], flip)
  else if (data instanceof Float32Array) encodeFloats(data, start, high, flip)
  else {
    const sign = data instanceof Int32Array ? 0x80000000 : 0
    for (let i = 0; i < high.length; i++) high[i] = data[start + i] ^ sign ^ flip
  }
  return data instanceof Float64Array ? 2 : 1
}

// Negative numbers have all bits flipped, others the sign bit: then bits order like values. -0 counts as 0.
function encodeFloats(data: Float32Array, start: number, out: Uint32Array, flip: number): void {
  const bits = new Uint32Array(data.buffer, data.byteOffset + 4 * start, out.length)
  for (let i = 0; i < out.length; i++) {
    const size = bits[i] & 0x7fffffff
    const word = size === 0 ? 0 : bits[i]
    out[i] = size > 0x7f800000 ? NAN_WORD : word ^ ((word >> 31) | 0x80000000) ^ flip
  }
}

function encodeDoubles(data: Float64Array, start: number, high: Uint32Array, low: Uint32Array, flip: number): void {
  for (let i = 0; i < high.length; i++) {
    const value = data[start + i]
    bits64[0] = value + 0
    const mask = words64[HIGH] >> 31
    const missing = Number.isNaN(value)
    high[i] = missing ? NAN_WORD : words64[HIGH] ^ (mask | 0x80000000) ^ flip
    low[i] = missing ? NAN_WORD : words64[1 - HIGH] ^ mask ^ flip
  }
}

function sortShort({ planes, order }: Work): void {
  for (let i = 1; i < order.length; i++) {
    const moving = order[i]
    let j = i
    while (j > 0 && precedes(planes, moving, order[j - 1])) {
      order[j] = order[j - 1]
      j--
    }
    order[j] = moving
  }
}

function precedes(planes: readonly Uint32Array[], a: number, b: number): boolean {
  for (let p = 0; p < planes.length; p++) {
    const words = planes[p]
    if (words[a] !== words[b]) return words[a] < words[b]
  }
  return false
}

const counts = /* @__PURE__ */ new Int32Array(257)

function sortByPlane(api: CpuKernelApi, work: Work, plane: Uint32Array): void {
  // The last plane comes first, when everything is still in its place.
  if (plane === work.planes[work.planes.length - 1]) work.words.set(plane)
  else arrange(plane, work.words, 0, work.order)
  if (plane.length < LONG || !sortInHeap(api, work)) sortBytes(work)
}

function swap(work: Work): void {
  const { order, words } = work
  work.order = work.spareOrder
  work.spareOrder = order
  work.words = work.spareWords
  work.spareWords = words
}

const compiled = /* @__PURE__ */ new WeakMap<WebAssembly.Memory, RadixSort>()

/** Sorts by WebAssembly; false where the work space is not in its memory. */
function sortInHeap({ memory, scratch }: CpuKernelApi, work: Work): boolean {
  const counters = scratch('uint32', COUNTER_BYTES / 4)
  const { order, words, spareOrder, spareWords } = work
  const arrays = [words, spareWords, order, spareOrder, counters]
  if (memory === null || arrays.some((array) => array.buffer !== memory.buffer)) return false
  let run = compiled.get(memory)
  if (run === undefined) {
    run = instantiate(radixModule(isShared(memory)), memory).sort as RadixSort
    compiled.set(memory, run)
  }
  const [w, sw, o, so, c] = arrays.map((array) => array.byteOffset)
  if (run(w, sw, o, so, c, words.length) % 2 === 1) swap(work)
  return true
}

/** Four stable passes over the bytes of the words; those in which all bytes agree are skipped. */
function sortBytes(work: Work): void {
  const n = work.words.length
  for (let shift = 0; shift < 32; shift += 8) {
    const { order, words, spareOrder, spareWords } = work
    counts.fill(0)
    for (let i = 0; i < n; i++) counts[((words[i] >>> shift) & 255) + 1]++
    if (counts[((words[0] >>> shift) & 255) + 1] === n) continue
    for (let digit = 0; digit < 256; digit++) counts[digit + 1] += counts[digit]
    for (let i = 0; i < n; i++) {
      const place = counts[(words[i] >>> shift) & 255]++
      spareOrder[place] = order[i]
      spareWords[place] = words[i]
    }
    swap(work)
  }
}
