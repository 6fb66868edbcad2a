// Runs a Program on concrete tensors: compiled for their backend, dispatched as one piece of work.

import { defaultBackend } from '../backend/current.js'
import { dispatch } from '../backend/dispatch.js'
import { commonBackend } from '../bind.js'
import { compileProgram } from '../compile/executable.js'
import type { Tensor } from '../tensor.js'
import type { Program } from './program.js'

/** The outputs of a Program for concrete inputs. */
export function runProgram(name: string, program: Program, inputs: readonly Tensor[]): Tensor[] {
  const backend = inputs.length === 0 ? defaultBackend() : commonBackend(name, inputs)
  const { executable, scalars } = compileProgram(program, backend)
  return dispatch(
    backend,
    name,
    inputs,
    program.outputs,
    (storages) => executable.run(storages, scalars),
    executable.aliases,
  )
}
