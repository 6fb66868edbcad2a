// Runs single kernels on plain arrays, and makes the arrays that property tests feed them.

import type { Aval, Backend, DType, Primitive, TypedArray } from '@adjoint/core'
import { sizeOf, toArray } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { createCpu } from '../src/index.js'

/** A tensor's parts. */
export interface Value extends Aval {
  readonly data: TypedArray
}

/** As WebAssembly, as JavaScript and, as under a content security policy, interpreted. */
export const BACKENDS: readonly (readonly [string, Backend])[] = [
  ['WebAssembly', createCpu({ webassemblyFrom: 1 })],
  ['JavaScript', createCpu({ codeGeneration: 'javascript' })],
  ['interpreted', createCpu({ codeGeneration: 'none' })],
]

export const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

/** The outputs of a primitive known by name or by its rules. */
export function runKernel(
  backend: Backend,
  primitive: Pick<Primitive, 'name'> & Partial<Primitive>,
  inputs: readonly Value[],
  params: object,
  outputs: readonly Aval[],
): TypedArray[] {
  const call = { inputs, outputs, params }
  const rules: Primitive = { shape: () => outputs, ...primitive }
  const kernel = backend.find?.(rules, call)
  if (kernel === undefined) throw new Error(`no kernel for ${primitive.name}`)
  const storages = inputs.map((x) => backend.write(x.data, x.dtype))
  const results = kernel(storages, call)
  if (results instanceof Promise) throw new Error('the CPU does not wait')
  return results.map((s, i) => backend.read(s, outputs[i].dtype, sizeOf(outputs[i].shape)) as TypedArray)
}

export function value(dtype: DType, shape: readonly number[], numbers: ArrayLike<number>): Value {
  return { dtype, shape, data: toArray(dtype, numbers) }
}

/** Small shapes, empty and scalar ones among them. */
export const shapes = (
  options: { min?: number; minLength?: number; maxLength?: number } = {},
): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: options.min ?? 0, max: 5 }), {
    minLength: options.minLength ?? 0,
    maxLength: options.maxLength ?? 4,
  })

const special = fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, 1)
const small = fc.integer({ min: -8, max: 8 })

/** Numbers that a dtype holds exactly; floats with NaN, infinities and negative zero when asked. */
export function numbers(dtype: DType, size: number, specials = false): fc.Arbitrary<number[]> {
  const float = dtype === 'float32' || dtype === 'float64'
  const element =
    specials && float ? fc.oneof({ weight: 4, arbitrary: small }, { weight: 1, arbitrary: special }) : small
  return fc.array(element, { minLength: size, maxLength: size })
}

export const values = (dtype: DType, shape: readonly number[], specials = false): fc.Arbitrary<Value> =>
  numbers(dtype, sizeOf(shape), specials).map((n) => value(dtype, shape, n))

/** All index tuples of a shape, row by row. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((all, n) => all.flatMap((i) => Array.from({ length: n }, (_, j) => [...i, j])), [[]])
}

/** The flat place of an index tuple. */
export function flat(shape: readonly number[], index: readonly number[]): number {
  return shape.reduce((at, n, axis) => at * n + index[axis], 0)
}

/** The element at an index tuple. */
export const get = (x: Value, index: readonly number[]): number => x.data[flat(x.shape, index)]

/** An array of `dtype` filled by index. */
export function build(dtype: DType, shape: readonly number[], element: (index: number[]) => number): TypedArray {
  return toArray(dtype, indices(shape).map(element))
}
