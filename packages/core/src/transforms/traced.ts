// Traces a user's function of pytrees on the given arguments, for rules that keep it as a Program.

import { defaultBackend } from '../backend/current.js'
import { bind } from '../bind.js'
import type { Primitive } from '../primitive.js'
import { traceProgram } from '../program/trace.js'
import { runtime } from '../runtime.js'
import type { Tensor } from '../tensor.js'
import type { Closed } from '../trace/record.js'
import { flatten, type Structure, type TensorsOf, unflatten } from '../tree.js'
import { flattenFunction, leafTensor } from './flat.js'

/** A function's Program at given arguments, with both structures. */
export interface TracedFunction extends Closed {
  readonly inputs: readonly Tensor[]
  readonly args: Structure
  readonly result: Structure
}

/** The backend of the tensors that have one. */
export function backendOf(tensors: readonly Tensor[]) {
  return tensors.find((x) => x.trace !== null || x.buffer !== null)?.backend ?? defaultBackend()
}

export function traceFunction(
  name: string,
  fn: (...args: never[]) => unknown,
  values: readonly unknown[],
): TracedFunction {
  const { leaves, structure } = flatten(values)
  const inputs = leaves.map(leafTensor)
  const flat = flattenFunction(name, fn, structure)
  const avals = inputs.map(({ shape, dtype, weak }) => ({ shape, dtype, weak }))
  return { ...traceProgram(flat.fn, avals, backendOf(inputs)), inputs, args: structure, result: flat.result() }
}

/** The function, with its Program bound to a primitive wherever something transforms or records. */
export function wrapped<A extends unknown[], R, P extends object>(
  name: string,
  fn: (...args: A) => R,
  primitive: Primitive<P>,
  params: (traced: TracedFunction) => P,
): (...args: A) => TensorsOf<R> {
  return (...args) => {
    if (runtime.level === 0) return fn(...args) as TensorsOf<R>
    const traced = traceFunction(name, fn, args)
    const { captured, inputs, result } = traced
    return unflatten(result, bind(primitive, [...captured, ...inputs], params(traced))) as TensorsOf<R>
  }
}
