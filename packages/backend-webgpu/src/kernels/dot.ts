// dotGeneral: each operand becomes [batch, rows, k] by index arithmetic; tiles in workgroup memory, 4 x 4 sums a thread.

import type { Aval, DType } from '@adjoint/core'
import { otherAxes, sizeOf, stridesOf } from '@adjoint/core/codegen'
import type { DotParams } from '@adjoint/core/primitives'
import type { Engine } from '../engine.js'
import type { Launch } from '../wgsl/kernel.js'
import { typeOf } from '../wgsl/scalar.js'
import type { KernelFactory } from './table.js'

/** Axes walked as one index, outermost first, with their strides in the operand. */
interface Walk {
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
}

/** An operand seen as [batch, rows, depth]. */
interface Operand {
  readonly batch: Walk
  readonly rows: Walk
  readonly depth: Walk
}

/** How an output is tiled. */
interface Tiles {
  /** Rows and columns of a workgroup's tile, and its depth at a time. */
  readonly m: number
  readonly n: number
  readonly k: number
  /** Rows and columns of one thread. */
  readonly rows: number
  readonly columns: number
}

const LARGE: Tiles = { m: 64, n: 64, k: 16, rows: 4, columns: 4 }
const MIDDLE: Tiles = { m: 32, n: 32, k: 16, rows: 2, columns: 2 }
const SMALL: Tiles = { m: 8, n: 8, k: 16, rows: 1, columns: 1 }
const ENOUGH_TILES = 64
/** Products up to which a thread for each output is as fast as tiles. */
const FEW_PRODUCTS = 8192
const FEW_THREADS = 64
/** Depth from which a product with few outputs is split along it. */
const THREADS_ALONG = 64

/** The sums of products over contracted axes. */
export const dotGeneral: KernelFactory = (engine, { inputs: [a, b], outputs: [out], params }) => {
  const { contract, batch } = params as DotParams
  const left = operandOf(a, batch[0], contract[0])
  const right = operandOf(b, batch[1], contract[1])
  const launch = launchOf(engine, left, right, out.dtype)
  const size = sizeOf(out.shape)
  return ([x, y]) => {
    const result = engine.allocate(size)
    engine.launch(launch, [x, y, result], [result])
    return [result]
  }
}

function operandOf({ shape }: Aval, batch: readonly number[], contract: readonly number[]): Operand {
  const strides = stridesOf(shape)
  const walk = (axes: readonly number[]): Walk =>
    merged(
      axes.map((x) => shape[x]),
      axes.map((x) => strides[x]),
    )
  return { batch: walk(batch), rows: walk(otherAxes([...batch, ...contract], shape.length)), depth: walk(contract) }
}

/** Neighbouring axes that lie as one are one. */
function merged(sizes: readonly number[], strides: readonly number[]): Walk {
  const out: { sizes: number[]; strides: number[] } = { sizes: [], strides: [] }
  sizes.forEach((n, i) => {
    if (n === 1) return
    const last = out.sizes.length - 1
    if (last >= 0 && out.strides[last] === n * strides[i]) {
      out.sizes[last] *= n
      out.strides[last] = strides[i]
    } else {
      out.sizes.push(n)
      out.strides.push(strides[i])
    }
  })
  return out
}

function launchOf({ device }: Engine, left: Operand, right: Operand, dtype: DType): Launch {
  const [batches, m, n, k] = [left.batch, left.rows, right.rows, left.depth].map((w) => sizeOf(w.sizes))
  const type = typeOf(dtype)
  const most = device.limits.maxComputeWorkgroupsPerDimension
  const head = [
    `@group(0) @binding(0) var<storage, read> x: array<${type}>;`,
    `@group(0) @binding(1) var<storage, read> y: array<${type}>;`,
    `@group(0) @binding(2) var<storage, read_write> z: array<${type}>;`,
    offsetText('x_batch', left.batch),
    offsetText('x_row', left.rows),
    offsetText('x_depth', left.depth),
    offsetText('y_batch', right.batch),
    offsetText('y_row', right.rows),
    offsetText('y_depth', right.depth),
  ].join('\n')
  const shader = (code: string) => ({
    name: 'dotGeneral',
    code: `${head}\n${code}`,
    bindings: ['read', 'read', 'write'] as const,
    numbers: 0,
  })
  const outputs = batches * m * n
  const narrow = Math.min(m, n) <= 4
  if (outputs > 0 && (narrow || outputs <= 1024) && k >= 2 * THREADS_ALONG && outputs <= most * 64) {
    const rows = Math.ceil(outputs / most)
    const groups = [Math.ceil(outputs / Math.max(rows, 1)), Math.max(rows, 1), 1] as const
    return { shader: shader(innerText({ m, n, k, outputs, type }, groups[0])), groups }
  }
  if (outputs * k <= FEW_PRODUCTS && outputs <= most * FEW_THREADS)
    return {
      shader: shader(plainText({ m, n, k, outputs, type })),
      groups: [Math.ceil(outputs / FEW_THREADS), 1, 1],
    }
  const count = (t: Tiles) => Math.ceil(m / t.m) * Math.ceil(n / t.n) * batches
  const tiles = count(LARGE) >= ENOUGH_TILES ? LARGE : count(MIDDLE) >= ENOUGH_TILES ? MIDDLE : SMALL
  const deep = Math.ceil(batches / most)
  const groups = [Math.ceil(n / tiles.n), Math.ceil(m / tiles.m), Math.min(batches, most)] as const
  return {
    shader: shader(
      tileText(tiles, {
        m,
        n,
        k,
        batches,
        type,
        deep,
        step: Math.min(batches, most),
        along: [alongOf(left), alongOf(right)],
      }),
    ),
    groups,
  }
}

/** A function from a flat index to the offset of an element. */
function offsetText(name: string, { sizes, strides }: Walk): string {
  let inner = 1
  const terms = sizes
    .map((n, i) => ({ n, stride: strides[i], first: i === 0 }))
    .reverse()
    .map(({ n, stride, first }) => {
      const quotient = inner === 1 ? 'i' : `i / ${inner}u`
      inner *= Math.max(n, 1)
      return `${first ? `(${quotient})` : `((${quotient}) % ${Math.max(n, 1)}u)`} * ${stride}u`
    })
  return `fn ${name}(i: u32) -> u32 { return ${terms.length === 0 ? '0u' : terms.join(' + ')}; }`
}

interface Sizes {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly type: string
}

/** A thread for each element. */
function plainText({ m, n, k, outputs, type }: Sizes & { readonly outputs: number }): string {
  return `@compute @workgroup_size(${FEW_THREADS})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let index = id.x;
  if (index >= ${outputs}u) { return; }
  let from_x = x_batch(index / ${m * n}u) + x_row((index / ${n}u) % ${m}u);
  let from_y = y_batch(index / ${m * n}u) + y_row(index % ${n}u);
  var sum = ${type}(0);
  for (var i = 0u; i < ${k}u; i++) { sum += x[from_x + x_depth(i)] * y[from_y + y_depth(i)]; }
  z[index] = sum;
}`
}

/** A workgroup for each element, whose threads share the depth. */
function innerText({ m, n, k, outputs, type }: Sizes & { readonly outputs: number }, width: number): string {
  return `var<workgroup> sums: array<${type}, ${THREADS_ALONG}>;
@compute @workgroup_size(${THREADS_ALONG})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = group.x + group.y * ${width}u;
  if (index >= ${outputs}u) { return; }
  let from_x = x_batch(index / ${m * n}u) + x_row((index / ${n}u) % ${m}u);
  let from_y = y_batch(index / ${m * n}u) + y_row(index % ${n}u);
  var sum = ${type}(0);
  for (var i = lane; i < ${k}u; i += ${THREADS_ALONG}u) { sum += x[from_x + x_depth(i)] * y[from_y + y_depth(i)]; }
  sums[lane] = sum;
  workgroupBarrier();
  for (var half = ${THREADS_ALONG / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) { sums[lane] += sums[lane + half]; }
    workgroupBarrier();
  }
  if (lane == 0u) { z[index] = sums[0]; }
}`
}

function alongOf({ depth }: Operand): 'depth' | 'rows' {
  return depth.strides.at(-1) === 1 ? 'depth' : 'rows'
}

interface TileSizes extends Sizes {
  readonly batches: number
  /** Batches of one workgroup, and how far they are apart. */
  readonly deep: number
  readonly step: number
  /** Which way neighbouring elements of both operands lie. */
  readonly along: readonly ['depth' | 'rows', 'depth' | 'rows']
}

/** Tiles of both operands in workgroup memory, sums in registers. */
function tileText(t: Tiles, { m, n, k, batches, type, deep, step, along }: TileSizes): string {
  const [placeX, placeY] = [placeText(t.k, t.m, along[0]), placeText(t.k, t.n, along[1])]
  const across = t.n / t.columns
  const threads = (t.m / t.rows) * across
  const every = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n')
  const both = (line: (i: number, j: number) => string) => every(t.rows, (i) => every(t.columns, (j) => line(i, j)))
  return `var<workgroup> tile_x: array<${type}, ${t.k * (t.m + 1)}>;
var<workgroup> tile_y: array<${type}, ${t.k * (t.n + 1)}>;
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let top = group.y * ${t.m}u;
  let left = group.x * ${t.n}u;
  let row = (lane / ${across}u) * ${t.rows}u;
  let column = (lane % ${across}u) * ${t.columns}u;
  for (var turn = 0u; turn < ${deep}u; turn++) {
    let batch = group.z + turn * ${step}u;
    if (batch >= ${batches}u) { break; }
    let from_x = x_batch(batch);
    let from_y = y_batch(batch);
    ${both((i, j) => `var s${i}_${j} = ${type}(0);`)}
    for (var start = 0u; start < ${k}u; start += ${t.k}u) {
      for (var i = lane; i < ${t.k * t.m}u; i += ${threads}u) {
        let d = ${placeX[0]};
        let r = ${placeX[1]};
        var value = ${type}(0);
        if (top + r < ${m}u && start + d < ${k}u) { value = x[from_x + x_row(top + r) + x_depth(start + d)]; }
        tile_x[d * ${t.m + 1}u + r] = value;
      }
      for (var i = lane; i < ${t.k * t.n}u; i += ${threads}u) {
        let d = ${placeY[0]};
        let c = ${placeY[1]};
        var value = ${type}(0);
        if (left + c < ${n}u && start + d < ${k}u) { value = y[from_y + y_row(left + c) + y_depth(start + d)]; }
        tile_y[d * ${t.n + 1}u + c] = value;
      }
      workgroupBarrier();
      for (var d = 0u; d < ${t.k}u; d++) {
        ${every(t.rows, (i) => `let x${i} = tile_x[d * ${t.m + 1}u + row + ${i}u];`)}
        ${every(t.columns, (j) => `let y${j} = tile_y[d * ${t.n + 1}u + column + ${j}u];`)}
        ${both((i, j) => `s${i}_${j} += x${i} * y${j};`)}
      }
      workgroupBarrier();
    }
    let to = batch * ${m * n}u;
    ${both((i, j) => `if (top + row + ${i}u < ${m}u && left + column + ${j}u < ${n}u) { z[to + (top + row + ${i}u) * ${n}u + left + column + ${j}u] = s${i}_${j}; }`)}
  }
}`
}

/** The place of tile element i along depth and rows: neighbouring threads read neighbouring memory. */
function placeText(k: number, rows: number, along: 'depth' | 'rows'): [depth: string, row: string] {
  return along === 'depth' ? [`i % ${k}u`, `i / ${k}u`] : [`i / ${rows}u`, `i % ${rows}u`]
}
