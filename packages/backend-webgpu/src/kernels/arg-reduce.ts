// argMax and argMin: a workgroup for each row, or a thread for short ones; the first winner stays, NaN wins over all.

import { sizeOf } from '@adjoint/core/codegen'
import type { ArgParams } from '@adjoint/core/primitives'
import { spreadGroups } from '../wgsl/kernel.js'
import { libraryText } from '../wgsl/library.js'
import { typeOf } from '../wgsl/scalar.js'
import type { KernelFactory } from './table.js'

const SHORT = 64
const THREADS = 128

/** The kernel of one of the two. */
export function argReduction(name: 'argMax' | 'argMin'): KernelFactory {
  return (engine, { inputs: [x], outputs: [out], params }) => {
    const { axis } = params as ArgParams
    const inner = sizeOf(x.shape.slice(axis + 1))
    const length = x.shape[axis]
    const rows = sizeOf(out.shape)
    const threads = length <= SHORT ? 1 : THREADS
    const groups = spreadGroups(threads === 1 ? Math.ceil(rows / SHORT) : rows)
    const type = typeOf(x.dtype)
    const float = x.dtype === 'float32'
    const better = `a ${name === 'argMax' ? '>' : '<'} b`
    const code = `@group(0) @binding(0) var<storage, read> x: array<${type}>;
@group(0) @binding(1) var<storage, read_write> z: array<i32>;
${float ? libraryText(['is_nan']) : ''}
fn wins(a: ${type}, i: u32, b: ${type}, j: u32) -> bool {
  ${float ? 'if (is_nan(a) || is_nan(b)) { return is_nan(a) && (!is_nan(b) || i < j); }' : ''}
  return ${better} || (a == b && i < j);
}
fn at(row: u32, i: u32) -> u32 { return (row / ${inner}u) * ${length * inner}u + row % ${inner}u + i * ${inner}u; }
fn best(row: u32, first: u32, step: u32) -> u32 {
  var found = first;
  var value = x[at(row, first)];
  for (var i = first + step; i < ${length}u; i += step) {
    let other = x[at(row, i)];
    if (wins(other, i, value, found)) {
      found = i;
      value = other;
    }
  }
  return found;
}
${threads === 1 ? threadText(rows, groups[0]) : groupText(Math.min(length, THREADS), rows, groups[0])}`
    const shader = { name, code, bindings: ['read', 'write'] as const, numbers: 0 }
    return ([source]) => {
      const result = engine.allocate(rows)
      engine.launch({ shader, groups }, [source, result], [result])
      return [result]
    }
  }
}

function threadText(rows: number, width: number): string {
  return `@compute @workgroup_size(${SHORT})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = (group.x + group.y * ${width}u) * ${SHORT}u + lane;
  if (row < ${rows}u) { z[row] = i32(best(row, 0u, 1u)); }
}`
}

function groupText(lanes: number, rows: number, width: number): string {
  return `var<workgroup> places: array<u32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * ${width}u;
  if (row >= ${rows}u) { return; }
  places[lane] = best(row, min(lane, ${lanes - 1}u), ${THREADS}u);
  workgroupBarrier();
  for (var half = ${THREADS / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) {
      let i = places[lane];
      let j = places[lane + half];
      if (wins(x[at(row, j)], j, x[at(row, i)], i)) { places[lane] = j; }
    }
    workgroupBarrier();
  }
  if (lane == 0u) { z[row] = i32(places[0]); }
}`
}
