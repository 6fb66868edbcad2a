// Builders for kernels of one value per output element, in the scalar IR.

import type { Aval, DType, KernelBuffer, Scalar, ScalarKernel, Shape, Statement } from '@adjoint/core'
import { binary, int, plus, sizeOf, stridesOf, times, variable } from '@adjoint/core/codegen'
import type { Engine } from '../engine.js'
import type { Run } from './table.js'

/** The indices of the grid point. */
export function gridIndices(rank: number): Scalar[] {
  return Array.from({ length: rank }, (_, axis) => variable(`g${axis}`))
}

/** The flat place of indices under strides. */
export function placeOf(indices: readonly Scalar[], strides: readonly number[], start = 0): Scalar {
  return indices.reduce((sum, index, axis) => plus(sum, times(index, strides[axis])), int(start))
}

/** The flat place of indices in a row-major array. */
export function rowMajor(indices: readonly Scalar[], shape: Shape): Scalar {
  return placeOf(indices, stridesOf(shape))
}

/** An element of an operand. */
export function load(buffer: number, dtype: DType, index: Scalar): Scalar {
  return { op: 'load', buffer, index, dtype }
}

/** A store into a buffer. */
export function store(buffer: number, index: Scalar, value: Scalar): Statement {
  return { kind: 'store', buffer, index, value }
}

/** A variable with a value. */
export function declare(name: string, value: Scalar, mutable = false): Statement {
  return { kind: 'declare', name, value, mutable }
}

/** A new value of a variable. */
export function assign(name: string, value: Scalar): Statement {
  return { kind: 'assign', name, value }
}

/** An index moved into `0 <= index <= most`. */
export function clamped(index: Scalar, most: number): Scalar {
  return binary('max', int(0), binary('min', index, int(most)))
}

/** One of two values. */
export function select(condition: Scalar, onTrue: Scalar, onFalse: Scalar): Scalar {
  return { op: 'select', args: [condition, onTrue, onFalse], dtype: onTrue.dtype }
}

/** `a <= b`, `a < b` or `a == b`. */
export function compare(op: 'le' | 'lt' | 'eq', a: Scalar, b: Scalar): Scalar {
  return { op, args: [a, b], dtype: 'bool' }
}

/** Whether all conditions hold; true for none. */
export function every(conditions: readonly Scalar[]): Scalar {
  const none: Scalar = { op: 'const', value: 1, dtype: 'bool' }
  return conditions.length === 0 ? none : conditions.reduce((a, b) => binary('and', a, b))
}

/** The buffers of operands and results. */
export function buffersOf(inputs: readonly Aval[], outputs: readonly Aval[]): KernelBuffer[] {
  const buffer = (access: 'read' | 'write') => (x: Aval) => ({ dtype: x.dtype, size: sizeOf(x.shape), access })
  return [...inputs.map(buffer('read')), ...outputs.map(buffer('write'))]
}

/** What a kernel without numbers of its own says. */
export type KernelParts = Pick<ScalarKernel, 'name' | 'buffers' | 'grid' | 'body'>

/** A kernel of independent threads without numbers of its own. */
export function kernelOf(parts: KernelParts): ScalarKernel {
  return { ...parts, parameters: [], workgroup: 1 }
}

/** A kernel that computes each element of its one output: statements before it, and its value. */
export function eachElement(
  engine: Engine,
  name: string,
  inputs: readonly Aval[],
  output: Aval,
  element: (indices: readonly Scalar[]) => Scalar | readonly [before: readonly Statement[], value: Scalar],
): Run {
  const indices = gridIndices(output.shape.length)
  const result = element(indices)
  const [before, value] = 'op' in result ? [[], result] : result
  const run = engine.compile(
    kernelOf({
      name,
      buffers: buffersOf(inputs, [output]),
      grid: output.shape,
      body: [...before, store(inputs.length, rowMajor(indices, output.shape), value)],
    }),
  )
  return (storages) => {
    const out = engine.allocate(sizeOf(output.shape))
    run(storages, [out], [])
    return [out]
  }
}
