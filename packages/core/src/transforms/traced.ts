// Traces a user's function of pytrees on the given arguments, for rules that keep it as a Program.

import { defaultBackend } from '../backend/current.js'
import { traceProgram } from '../program/trace.js'
import { runtime } from '../runtime.js'
import type { Tensor } from '../tensor.js'
import type { Closed } from '../trace/record.js'
import { flatten, type Structure } from '../tree.js'
import { flattenFunction, leafTensor } from './flat.js'

/** A function's Program at given arguments, with both structures. */
export interface TracedFunction extends Closed {
  readonly inputs: readonly Tensor[]
  readonly args: Structure
  readonly result: Structure
}

/** Whether nothing transforms or records: functions may simply run. */
export function isPlain(): boolean {
  return runtime.level === 0
}

export function traceFunction(
  name: string,
  fn: (...args: never[]) => unknown,
  values: readonly unknown[],
): TracedFunction {
  const { leaves, structure } = flatten(values)
  const inputs = leaves.map(leafTensor)
  const flat = flattenFunction(name, fn, structure)
  const backend = inputs.find((x) => x.trace !== null || x.buffer !== null)?.backend ?? defaultBackend()
  const closed = traceProgram(
    flat.fn,
    inputs.map(({ shape, dtype, weak }) => ({ shape, dtype, weak })),
    backend,
  )
  return { ...closed, inputs, args: structure, result: flat.result() }
}
