// sort: the last key first, each stably, then all operands by the order that results.

import type { DType } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import type { SortParams } from '@adjoint/core/primitives'
import type { GpuStorage } from '../device/buffers.js'
import { spreadGroups } from '../wgsl/kernel.js'
import { typeOf } from '../wgsl/scalar.js'
import { orderOf, sortKeys } from './order.js'
import type { KernelFactory } from './table.js'

/** All operands in the order that sorts the first `keys` of them along the last axis; stable, NaN last. */
export const sort: KernelFactory = (engine, { inputs, params }) => {
  const { keys, descending } = params as SortParams
  const { shape } = inputs[0]
  const length = shape[shape.length - 1]
  const size = sizeOf(shape)
  const order = orderOf(size === 0 ? 0 : size / length, length)
  const { rows, width } = order
  const cells = rows * width
  const groups = spreadGroups(Math.ceil(cells / 64))
  const shader = (code: string, bindings: readonly ('read' | 'write')[]) => ({
    name: 'sort',
    code,
    bindings,
    numbers: 0,
  })
  const prepare = (dtype: DType, first: boolean) => ({
    shader: shader(
      prepareText({ dtype, first, descending, length, width, cells, across: groups[0] }),
      first ? ['read', 'write', 'write'] : ['read', 'write', 'write', 'read'],
    ),
    groups,
  })
  const compose = { shader: shader(composeText(width, cells, groups[0]), ['read', 'read', 'write']), groups }
  const pick = inputs.map(({ dtype }) => ({
    shader: shader(pickText(dtype, length, width, cells, groups[0]), ['read', 'read', 'write']),
    groups,
  }))
  return (storages) => {
    const made: GpuStorage[] = []
    const take = () => {
      const storage = engine.allocate(cells)
      made.push(storage)
      return storage
    }
    const values = take()
    let found: GpuStorage | undefined
    for (let k = keys - 1; k >= 0; k--) {
      const places = take()
      const bindings = [storages[k], values, places, ...(found === undefined ? [] : [found])]
      engine.launch(prepare(inputs[k].dtype, found === undefined), bindings, [values, places])
      if (cells > 0) sortKeys(engine, order, values, places)
      if (found === undefined) found = places
      else {
        const composed = take()
        engine.launch(compose, [found, places, composed], [composed])
        found = composed
      }
    }
    const results = inputs.map((_, i) => {
      const out = engine.allocate(size)
      engine.launch(pick[i], [storages[i], found as GpuStorage, out], [out])
      return out
    })
    for (const storage of made) engine.buffers.release(storage)
    return results
  }
}

const MAIN = (cells: number, across: number) => `@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * ${across}u) * 64u + lane;
  if (i >= ${cells}u) { return; }`

interface PrepareOptions {
  readonly dtype: DType
  readonly first: boolean
  readonly descending: boolean
  readonly length: number
  readonly width: number
  readonly cells: number
  readonly across: number
}

/** Keys as unsigned integers in the same order; NaN and what pads a row come last. */
function prepareText({ dtype, first, descending, length, width, cells, across }: PrepareOptions): string {
  const ranked = descending ? '~rank' : 'rank'
  return `@group(0) @binding(0) var<storage, read> x: array<${typeOf(dtype)}>;
@group(0) @binding(1) var<storage, read_write> keys: array<u32>;
@group(0) @binding(2) var<storage, read_write> places: array<u32>;
${first ? '' : '@group(0) @binding(3) var<storage, read> found: array<u32>;'}
${MAIN(cells, across)}
  let place = i % ${width}u;
  places[i] = place;
  keys[i] = 0xffffffffu;
  if (place < ${length}u) {
    let value = x[(i / ${width}u) * ${length}u + ${first ? 'place' : 'found[i]'}];
    ${RANK[dtype as keyof typeof RANK]}
    keys[i] = ${dtype === 'float32' ? `select(${ranked}, 0xffffffffu, (bits & 0x7fffffffu) > 0x7f800000u)` : ranked};
  }
}`
}

const RANK = {
  float32: `var bits = bitcast<u32>(value);
    if (bits == 0x80000000u) { bits = 0u; }
    let rank = select(bits | 0x80000000u, ~bits, bits >> 31u == 1u);`,
  int32: 'let rank = bitcast<u32>(value) ^ 0x80000000u;',
  uint32: 'let rank = value;',
  bool: 'let rank = value;',
} as const

/** The order of one pass after the order of those before. */
function composeText(width: number, cells: number, across: number): string {
  return `@group(0) @binding(0) var<storage, read> found: array<u32>;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read_write> z: array<u32>;
${MAIN(cells, across)}
  z[i] = found[(i / ${width}u) * ${width}u + places[i]];
}`
}

function pickText(dtype: DType, length: number, width: number, cells: number, across: number): string {
  const type = typeOf(dtype)
  return `@group(0) @binding(0) var<storage, read> x: array<${type}>;
@group(0) @binding(1) var<storage, read> found: array<u32>;
@group(0) @binding(2) var<storage, read_write> z: array<${type}>;
${MAIN(cells, across)}
  let place = i % ${width}u;
  let row = (i / ${width}u) * ${length}u;
  if (place < ${length}u) { z[row + place] = x[row + found[i]]; }
}`
}
