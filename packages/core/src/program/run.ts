// Runs a Program on concrete tensors: compiled for their backend, dispatched as one piece of work.

import type { Buffer } from '../backend/buffer.js'
import { defaultBackend } from '../backend/current.js'
import { dispatch } from '../backend/dispatch.js'
import { commonBackend } from '../bind.js'
import { compileProgram } from '../compile/executable.js'
import { named } from '../error.js'
import { orElse, whenReady } from '../maybe.js'
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
  const owned = donated.length === 0 ? NONE : ownedOf(inputs, donated, aliases)
  return dispatch(
    backend,
    name,
    inputs,
    program.outputs,
    (storages) => {
      const surrenderAll = () => owned.forEach((i) => void surrender(inputs[i].buffer))
      const run = orElse(
        () => executable.run(storages, scalars, owned),
        (error) => {
          surrenderAll()
          throw named(error, name)
        },
      )
      return whenReady(run, (results) => {
        surrenderAll()
        return results
      })
    },
    aliases,
  )
}

/** The storage of a donated input belongs to the work that has it now. */
function surrender(buffer: Buffer | null): void {
  if (buffer === null) return
  buffer.state = 'donated'
  buffer.kept = false
  buffer.storage = undefined
}

const NONE: ReadonlySet<number> = /* @__PURE__ */ new Set()

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
