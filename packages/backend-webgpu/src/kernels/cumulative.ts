// Running sums and maxima: many or short rows by a thread each, others by a workgroup that scans window after window.

import { lowest, sizeOf } from '@adjoint/core/codegen'
import type { CumulativeParams } from '@adjoint/core/primitives'
import { spreadGroups } from '../wgsl/kernel.js'
import { libraryText } from '../wgsl/library.js'
import { ScalarPrinter, typeOf } from '../wgsl/scalar.js'
import type { KernelFactory } from './table.js'

const THREADS = 256
const SHORT = 128
const MANY_ROWS = 4096

/** All elements up to each one along an axis, or from each one on, combined. */
export const cumulative: KernelFactory = (engine, { inputs: [x], outputs: [out], params }) => {
  const { op, axis, reverse } = params as CumulativeParams
  const length = x.shape[axis]
  const inner = sizeOf(x.shape.slice(axis + 1))
  const rows = sizeOf(x.shape.slice(0, axis)) * inner
  const size = sizeOf(out.shape)
  const byThread = length <= SHORT || rows >= MANY_ROWS
  const groups = spreadGroups(size === 0 ? 0 : byThread ? Math.ceil(rows / 64) : rows)
  const printer = new ScalarPrinter(engine.precision)
  const type = typeOf(x.dtype)
  const combined = printer.combine(op === 'sum' ? 'add' : 'max', 'a', 'b', x.dtype)
  const start = printer.constant(op === 'sum' ? 0 : lowest(x.dtype), x.dtype)
  const step = reverse ? `(${length - 1}u - i)` : 'i'
  const code = `@group(0) @binding(0) var<storage, read> x: array<${type}>;
@group(0) @binding(1) var<storage, read_write> z: array<${type}>;
${libraryText(printer.used)}
fn combine(a: ${type}, b: ${type}) -> ${type} { return ${combined}; }
fn at(row: u32, i: u32) -> u32 { return (row / ${inner}u) * ${length * inner}u + row % ${inner}u + ${step} * ${inner}u; }
${byThread ? threadText(type, start, length, rows, groups[0]) : groupText(type, start, length, rows, groups[0])}`
  const shader = { name: 'cumulative', code, bindings: ['read', 'write'] as const, numbers: 0 }
  return ([source]) => {
    const result = engine.allocate(size)
    engine.launch({ shader, groups }, [source, result], [result])
    return [result]
  }
}

function threadText(type: string, start: string, length: number, rows: number, width: number): string {
  return `@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = (group.x + group.y * ${width}u) * 64u + lane;
  if (row >= ${rows}u) { return; }
  var total: ${type} = ${start};
  for (var i = 0u; i < ${length}u; i++) {
    total = combine(total, x[at(row, i)]);
    z[at(row, i)] = total;
  }
}`
}

/** G. Blelloch, Prefix Sums and Their Applications, 1990; here in the form of D. Hillis and G. Steele, 1986. */
function groupText(type: string, start: string, length: number, rows: number, width: number): string {
  return `var<workgroup> sums: array<${type}, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * ${width}u;
  if (row >= ${rows}u) { return; }
  var before: ${type} = ${start};
  for (var first = 0u; first < ${length}u; first += ${THREADS}u) {
    let i = first + lane;
    var total: ${type} = ${start};
    if (i < ${length}u) { total = x[at(row, i)]; }
    sums[lane] = total;
    workgroupBarrier();
    for (var reach = 1u; reach < ${THREADS}u; reach = reach * 2u) {
      var left: ${type} = ${start};
      if (lane >= reach) { left = sums[lane - reach]; }
      workgroupBarrier();
      total = combine(left, total);
      sums[lane] = total;
      workgroupBarrier();
    }
    if (i < ${length}u) { z[at(row, i)] = combine(before, total); }
    before = combine(before, sums[${THREADS - 1}]);
    workgroupBarrier();
  }
}`
}
