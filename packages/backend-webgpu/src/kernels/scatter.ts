// scatter: updates sorted by the row they go to, then each row's in order by one thread: the same result in every run.

import { int, sizeOf, variable } from '@adjoint/core/codegen'
import type { ScatterParams } from '@adjoint/core/primitives'
import { spreadGroups } from '../wgsl/kernel.js'
import { libraryText } from '../wgsl/library.js'
import { ScalarPrinter, typeOf } from '../wgsl/scalar.js'
import { compare, declare, kernelOf, select, store } from './ir.js'
import { orderOf, sortKeys } from './order.js'
import { rowLayout, rowOf } from './rows.js'
import type { KernelFactory } from './table.js'

/** A copy of x with updates combined in. */
export const scatter: KernelFactory = (engine, { inputs: [x, indices, updates], params }) => {
  const { combine, mode } = params as ScatterParams
  const layout = rowLayout(x, indices, params as ScatterParams)
  const points = layout.batches * layout.points
  const size = sizeOf(x.shape)
  const order = orderOf(1, points)
  const { width } = order
  const point = variable('g0')
  const row = variable('row')
  const last = { op: 'const', value: 0xffffffff, dtype: 'uint32' } as const
  const prepare = engine.compile(
    kernelOf({
      name: 'scatter',
      buffers: [
        { dtype: 'int32', size: sizeOf(indices.shape), access: 'read' },
        { dtype: 'uint32', size: width, access: 'write' },
        { dtype: 'uint32', size: width, access: 'write' },
      ],
      grid: [width],
      body: [
        declare('row', select(compare('lt', point, int(points)), rowOf(point, 0, layout, mode), int(-1))),
        store(1, point, select(compare('lt', row, int(0)), last, { op: 'cast', args: [row], dtype: 'uint32' })),
        store(2, point, { op: 'cast', args: [point], dtype: 'uint32' }),
      ],
    }),
  )
  const threads = points * layout.width
  const groups = spreadGroups(Math.ceil(threads / 64))
  const printer = new ScalarPrinter(engine.precision)
  const type = typeOf(x.dtype)
  const combined = combine === 'set' ? 'b' : printer.combine(combine, 'a', 'b', x.dtype)
  const code = `@group(0) @binding(0) var<storage, read> keys: array<u32>;
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> updates: array<${type}>;
@group(0) @binding(3) var<storage, read_write> z: array<${type}>;
${libraryText(printer.used)}
fn combine(a: ${type}, b: ${type}) -> ${type} { return ${combined}; }
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let thread = (group.x + group.y * ${groups[0]}u) * 64u + lane;
  if (thread >= ${threads}u) { return; }
  var i = thread / ${layout.width}u;
  let column = thread % ${layout.width}u;
  let key = keys[i];
  if (key == 0xffffffffu) { return; }
  if (i > 0u) { if (keys[i - 1u] == key) { return; } }
  let to = key * ${layout.width}u + column;
  var total = z[to];
  while (i < ${points}u) {
    if (keys[i] != key) { break; }
    total = combine(total, updates[places[i] * ${layout.width}u + column]);
    i++;
  }
  z[to] = total;
}`
  const apply = {
    shader: { name: 'scatter', code, bindings: ['read', 'read', 'read', 'write'] as const, numbers: 0 },
    groups,
  }
  return ([source, at, values]) => {
    const result = engine.allocate(size)
    engine.commands.copy(source, 0, result, 0, 4 * size)
    if (threads === 0 || sizeOf(updates.shape) === 0) return [result]
    engine.withScratch(width, (keys) =>
      engine.withScratch(width, (places) => {
        prepare([at], [keys, places], [])
        sortKeys(engine, order, keys, places)
        engine.launch(apply, [keys, places, values, result], [result])
      }),
    )
    return [result]
  }
}
