// Compiles Programs for a backend: steps over slots, intermediates released at their last use. Equal structure, equal code.

import type { Backend, Codegen } from '../backend/backend.js'
import type { Storage } from '../backend/kernel.js'
import { decomposes } from '../backend/lookup.js'
import { type Maybe, orElse } from '../maybe.js'
import type { Atom, Equation, Program } from '../program/program.js'
import { traceProgram } from '../program/trace.js'
import { controlStep } from './control.js'
import { literalValues, nestedPrograms, programKey } from './hash.js'
import { calledProgram } from './passes/inline.js'
import { simplify } from './passes/simplify.js'
import { Frame, type RunStep, Slots } from './slots.js'
import { constantStep, copyStep, equationStep, fusedStep, literalStep } from './steps.js'

/** Compiled code for a Program's structure on one backend. */
export interface Executable {
  /**
   * Storages of the outputs; `scalars` are the Program's `literalValues`. Inputs are neither changed nor released, but for
   * donated ones, which the run takes for its results or releases.
   */
  run(inputs: readonly Storage[], scalars: readonly number[], donated?: ReadonlySet<number>): Maybe<Storage[]>
  /** Output `i` is the storage of input `aliases[i]`, where set. */
  readonly aliases: readonly (number | undefined)[]
  /** Fused kernels and single operations in one run, loops not counted. */
  readonly kernels: number
  readonly operations: number
}

/** A Program ready to run: shared code with its own numbers. */
export interface Compiled {
  readonly executable: Executable
  readonly scalars: readonly number[]
}

/** What compilation has done so far. */
export const compileStats = { compiles: 0, hits: 0, compileMilliseconds: 0 }

const executables = /* @__PURE__ */ new WeakMap<Backend, Map<string, Executable>>()
const compiled = /* @__PURE__ */ new WeakMap<Program, Map<Backend, Compiled>>()
const MOST_EXECUTABLES = 4096

/** Code for a Program on a backend; Programs of equal structure share it. */
export function compileProgram(program: Program, backend: Backend): Compiled {
  const known = compiled.get(program)?.get(backend)
  if (known !== undefined) return known
  const start = performance.now()
  const simple = simplify(program, (equation) => calledProgram(equation) ?? decomposition(equation, backend))
  const made = { executable: executableOf(simple, backend), scalars: literalValues(simple) }
  const byBackend = compiled.get(program) ?? new Map<Backend, Compiled>()
  compiled.set(program, byBackend.set(backend, made))
  compileStats.compileMilliseconds += performance.now() - start
  return made
}

/** What the backend runs instead of a primitive that it has no kernel for. */
function decomposition({ primitive, inputs, outputs, params }: Equation, backend: Backend): Program | undefined {
  if (!decomposes(backend, primitive, { inputs, outputs, params })) return undefined
  return traceProgram((xs) => primitive.decompose?.(xs, params) ?? [], inputs, backend).program
}

/** Code for a Program that is simple already, such as a loop body. */
export function executableOf(program: Program, backend: Backend): Executable {
  const cache = executables.get(backend) ?? new Map<string, Executable>()
  executables.set(backend, cache)
  const key = programKey(program)
  const found = cache.get(key)
  if (found !== undefined) {
    compileStats.hits++
    return found
  }
  if (cache.size >= MOST_EXECUTABLES) cache.clear()
  compileStats.compiles++
  const made = build(program, backend)
  cache.set(key, made)
  return made
}

function build(program: Program, backend: Backend): Executable {
  const slots = new Slots(program, backend)
  const { codegen } = backend
  const plan = codegen?.plan(program) ?? program.equations
  const steps = plan.flatMap((step) =>
    'primitive' in step ? equationSteps(step, slots) : fusedStep(step, codegen as Codegen, slots),
  )
  const kernels = plan.filter((step) => !('primitive' in step)).length
  const results = finalOutputs(program.outputs, slots, steps)
  const places = results.map((r) => r.slot)
  const dying = slots.lastUses(steps, places)
  steps.forEach((step, i) => void step.overwrite?.(dying[i]))
  const all = dying.flat().concat(places)
  return {
    aliases: results.map((r) => r.alias),
    kernels,
    operations: steps.length - kernels,
    run(inputs, scalars, donated) {
      const frame = new Frame(slots, scalars, donated)
      for (let i = 0; i < inputs.length; i++) frame.storages[i] = inputs[i]
      const free = (released: readonly number[]) => {
        if (backend.release === undefined) return
        for (const slot of released) {
          if (frame.storages[slot] === undefined || !frame.owns(slot)) continue
          backend.release(frame.storages[slot])
          frame.storages[slot] = undefined
        }
      }
      const from = (start: number): Maybe<Storage[]> => {
        for (let i = start; i < steps.length; i++) {
          const pending = steps[i].run(frame)
          if (pending instanceof Promise) {
            return pending.then(() => {
              free(dying[i])
              return from(i + 1)
            })
          }
          free(dying[i])
        }
        free(dying[steps.length])
        return places.map((slot) => frame.storages[slot])
      }
      return orElse(
        () => from(0),
        (error) => {
          free(all)
          throw error
        },
      )
    },
  }
}

/** What runs one equation; views of values need nothing. */
function equationSteps(equation: Equation, slots: Slots): RunStep[] {
  const { primitive, inputs, outputs, params } = equation
  if (primitive.name === 'constant') return [constantStep(equation, slots)]
  if (nestedPrograms(params).length > 0) return [controlStep(equation, slots)]
  if (primitive.view !== true) return [equationStep(equation, slots)]
  if (inputs[0].kind !== 'variable') return [literalStep(equation, slots)]
  slots.alias(outputs[0], inputs[0])
  return []
}

interface Result {
  readonly slot: number
  readonly alias: number | undefined
}

/** Each output in a storage of its own, but for those that are an input's. */
function finalOutputs(outputs: readonly Atom[], slots: Slots, steps: RunStep[]): Result[] {
  const taken = new Set<number>()
  return outputs.map((atom, i) => {
    const slot = atom.kind === 'variable' ? slots.of(atom) : -1
    const alias = slot >= 0 && slots.isInput(slot) ? slot : undefined
    if (slot >= 0 && (alias !== undefined || !(taken.has(slot) || slots.isBorrowed(slot)))) {
      taken.add(slot)
      return { slot, alias }
    }
    const copy = copyStep(atom, slots, slots.outputLiteral(i))
    steps.push(copy)
    return { slot: copy.writes[0], alias: undefined }
  })
}
