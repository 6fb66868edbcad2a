// Stable orders of rows of 32-bit keys: a bitonic network over (key, place), in workgroup memory as far as it goes.
// K. Batcher, Sorting Networks and Their Applications, 1968.

import type { GpuStorage } from '../device/buffers.js'
import type { Shader } from '../device/pipelines.js'
import type { Engine } from '../engine.js'
import { spreadGroups } from '../wgsl/kernel.js'

/** Keys and, beside each, the place it came from: `rows` of `width`, a power of two. */
export interface Order {
  readonly rows: number
  readonly width: number
}

const THREADS = 256
/** What one workgroup sorts at a time: a pair for each thread. */
const CHUNK = 2 * THREADS

/** The padded layout for rows of a length. */
export function orderOf(rows: number, length: number): Order {
  return { rows, width: Math.max(2, 2 ** Math.ceil(Math.log2(Math.max(length, 1)))) }
}

/** Sorts keys in place, with their places; equal keys by place. */
export function sortKeys(engine: Engine, { rows, width }: Order, keys: GpuStorage, places: GpuStorage): void {
  const both = [keys, places]
  const cells = rows * width
  const chunks = spreadGroups(Math.ceil(cells / CHUNK))
  const step = (shader: Shader, ...numbers: readonly number[]) =>
    engine.launch({ shader, groups: chunks }, both, both, Uint32Array.of(width, cells, chunks[0], ...numbers))
  step(LOCAL, 2, Math.min(width, CHUNK))
  for (let stage = 2 * CHUNK; stage <= width; stage *= 2) {
    for (let reach = stage / 2; reach >= CHUNK; reach /= 2) step(GLOBAL, stage, reach)
    step(LOCAL, stage, stage)
  }
}

const HEAD = `@group(0) @binding(0) var<storage, read_write> keys: array<u32>;
@group(0) @binding(1) var<storage, read_write> places: array<u32>;
struct Numbers { width: u32, cells: u32, across: u32, a: u32, b: u32 }
@group(0) @binding(2) var<uniform> numbers: Numbers;`

const MAIN = `@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let chunk = group.x + group.y * numbers.across;
  if (chunk * ${CHUNK}u >= numbers.cells) { return; }`

/** One step between elements that are far apart: those of stage `a`, `b` from each other. */
const GLOBAL = /* @__PURE__ */ shaderOf(`${HEAD}
${MAIN}
  let pair = chunk * ${THREADS}u + lane;
  let i = (pair / numbers.b) * 2u * numbers.b + pair % numbers.b;
  let j = i + numbers.b;
  if (j >= numbers.cells) { return; }
  let up = ((i % numbers.width) & numbers.a) == 0u;
  let after = keys[i] > keys[j] || (keys[i] == keys[j] && places[i] > places[j]);
  if (after == up) {
    let key = keys[i];
    let place = places[i];
    keys[i] = keys[j];
    places[i] = places[j];
    keys[j] = key;
    places[j] = place;
  }
}`)

/** All steps within a chunk, of the stages from `a` to `b`. */
const LOCAL = /* @__PURE__ */ shaderOf(`${HEAD}
var<workgroup> key: array<u32, ${CHUNK}>;
var<workgroup> place: array<u32, ${CHUNK}>;
${MAIN}
  let first = chunk * ${CHUNK}u;
  for (var i = lane; i < ${CHUNK}u; i += ${THREADS}u) {
    if (first + i < numbers.cells) {
      key[i] = keys[first + i];
      place[i] = places[first + i];
    }
  }
  workgroupBarrier();
  for (var stage = numbers.a; stage <= numbers.b; stage = stage * 2u) {
    for (var reach = min(stage, ${CHUNK}u) / 2u; reach > 0u; reach = reach / 2u) {
      let i = (lane / reach) * 2u * reach + lane % reach;
      let j = i + reach;
      let up = (((first + i) % numbers.width) & stage) == 0u;
      let after = key[i] > key[j] || (key[i] == key[j] && place[i] > place[j]);
      if (after == up) {
        let a = key[i];
        let b = place[i];
        key[i] = key[j];
        place[i] = place[j];
        key[j] = a;
        place[j] = b;
      }
      workgroupBarrier();
    }
  }
  for (var i = lane; i < ${CHUNK}u; i += ${THREADS}u) {
    if (first + i < numbers.cells) {
      keys[first + i] = key[i];
      places[first + i] = place[i];
    }
  }
}`)

function shaderOf(code: string): Shader {
  return { name: 'sort', code, bindings: ['write', 'write'], numbers: 5 }
}
