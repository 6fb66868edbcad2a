// Runs a Program on concrete tensors: compiled for their backend, dispatched as one piece of work.

import { defaultBackend } from '../backend/current.js'
import { dispatch } from '../backend/dispatch.js'
import { commonBackend } from '../bind.js'
import { compileProgram } from '../compile/executable.js'
import type { Tensor } from '../tensor.js'
import type { Program } from './program.js'

/** The outputs of a Program for concrete inputs. */
export function runProgram(
  name: string,
  program: Program,
  inputs: readonly Tensor[],
  donated: readonly number[] = [],
): Tensor[] {
  const backend = inputs.length === 0 ? defaultBackend() : commonBackend(name, inputs)
  const { executable, scalars } = compileProgram(program, backend)
  const { aliases } = executable
  const owned = donated.length === 0 ? undefined : ownedOf(inputs, donated, aliases)
  return dispatch(
    backend,
    name,
    inputs,
    program.outputs,
    (storages) => executable.run(storages, scalars, owned),
    aliases,
    owned,
  )
}

/** Donated inputs that are nothing else as well: another input, an output, or memory of the user. */
function ownedOf(
  inputs: readonly Tensor[],
  donated: readonly number[],
  aliases: readonly (number | undefined)[],
): ReadonlySet<number> {
  const free = donated.filter((i) => {
    const { buffer } = inputs[i]
    const isAlone = inputs.every((x, k) => k === i || x.buffer !== buffer)
    return buffer !== null && !buffer.borrowed && isAlone && !aliases.includes(i)
  })
  return new Set(free)
}
