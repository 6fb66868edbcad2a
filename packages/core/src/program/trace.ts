// Traces a function of flat tensors to a Program.

import type { Backend } from '../backend/backend.js'
import { withBackend } from '../backend/current.js'
import { withTrace } from '../runtime.js'
import type { Aval } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { type Closed, RecordTrace } from '../trace/record.js'

/** A function from tensors to tensors. */
export type FlatFunction = (inputs: Tensor[]) => readonly Tensor[]

/** Records everything `fn` does. Tensors from outside become the first inputs of the Program. */
export function traceProgram(fn: FlatFunction, avals: readonly Aval[], backend: Backend): Closed {
  return withTrace(
    (level) => new RecordTrace(level, backend, true),
    true,
    (trace) => withBackend(backend, () => trace.close(fn(avals.map((aval) => trace.input(aval))))),
  )
}
