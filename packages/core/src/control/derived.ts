// Programs derived from Programs: linearized, transposed, batched. Each is traced once per Program and pattern,
// for the default backend: rules run with that of their operands.

import { defaultBackend } from '../backend/current.js'
import { identity, nestedPrograms } from '../compile/hash.js'
import { isAdjointError } from '../error.js'
import type { MaybeZero } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { type FlatFunction, traceProgram } from '../program/trace.js'
import type { Aval } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { atMarks, filled, marked, marksOf } from '../trace/zeros.js'
import { jvpFlat, linearizeFlat, transposeProgram } from '../transforms/linearize-flat.js'
import { mapLanes } from '../transforms/vmap.js'
import { withConstants } from './constant.js'

const caches = /* @__PURE__ */ new WeakMap<Program, Map<string, unknown>>()

/** Marks of the inputs or outputs of a Program. */
export type Marks = readonly boolean[]

/** Computes once per Program, kind, backend, and what else it depends on. */
export function once<T>(program: Program, kind: string, parts: readonly (Marks | number)[], make: () => T): T {
  const cache = caches.get(program) ?? new Map<string, unknown>()
  caches.set(program, cache)
  const texts = parts.map((part) => (typeof part === 'number' ? part : part.map(Number).join('')))
  const key = [kind, identity(defaultBackend()), ...texts].join(':')
  const found = cache.get(key)
  if (found !== undefined) return found as T
  const made = make()
  cache.set(key, made)
  return made
}

/** A Program that needs nothing but its inputs. */
export function closedProgram(fn: FlatFunction, avals: readonly Aval[]): Program {
  return withConstants(traceProgram(fn, avals, defaultBackend()))
}

/** A closed Program over named groups of inputs, in the order of the groups. */
export function groupedProgram<K extends string>(
  groups: Readonly<Record<K, readonly Aval[]>>,
  fn: (inputs: Readonly<Record<K, Tensor[]>>) => readonly Tensor[],
): Program {
  const names = Object.keys(groups) as K[]
  const types = names.flatMap((name) => groups[name])
  return closedProgram((inputs) => {
    const rest = [...inputs]
    const byName = names.map((name) => [name, rest.splice(0, groups[name].length)] as const)
    return fn(Object.fromEntries(byName) as Record<K, Tensor[]>)
  }, types)
}

/** A Program split at a point into what depends on values and what is linear in tangents. */
export interface LinearPair {
  /** inputs -> outputs, then residuals. */
  readonly primal: Program
  /** residuals, tangents of the active inputs -> tangents of the active outputs. */
  readonly linear: Program
  readonly activeOutputs: Marks
}

/** Linearizes a Program with respect to the marked inputs. */
export function linearizeProgram(program: Program, wrt: Marks): LinearPair {
  return once(program, 'linearize', [wrt], () => {
    let pair: Pick<LinearPair, 'linear' | 'activeOutputs'> | undefined
    const primal = closedProgram((inputs) => {
      const result = linearizeFlat((xs) => evaluateProgram(program, xs), inputs, wrt)
      pair = { linear: result.program, activeOutputs: result.active }
      return [...result.outputs, ...result.captured]
    }, program.inputs)
    return { primal, ...(pair as NonNullable<typeof pair>) }
  })
}

/** inputs, tangents of the marked inputs -> outputs, tangents of the marked outputs (zeros made real). */
export function jvpProgram(program: Program, wrt: Marks, wanted: Marks): Program {
  return once(program, 'jvp', [wrt, wanted], () =>
    pushedProgram(program, wrt, (outputs, tangents) => [...outputs, ...filled(tangents, outputs, wanted)]),
  )
}

/** Which outputs get a tangent when the marked inputs have one. */
export function activeOutputs(program: Program, wrt: Marks): Marks {
  return once(program, 'active', [wrt], () => {
    let active: Marks = []
    pushedProgram(program, wrt, (outputs, tangents) => {
      active = marksOf(tangents)
      return outputs
    })
    return active
  })
}

function pushedProgram(
  program: Program,
  wrt: Marks,
  results: (outputs: readonly Tensor[], tangents: readonly MaybeZero[]) => readonly Tensor[],
): Program {
  const groups = { primals: program.inputs, directions: marked(program.inputs, wrt) }
  return groupedProgram(groups, ({ primals, directions }) => {
    const pushed = jvpFlat((xs) => evaluateProgram(program, xs), primals, atMarks(wrt, directions))
    return results(pushed.outputs, pushed.tangents)
  })
}

/** Marks of a loop's inputs: its state, `count` inputs from `start` on, gets a tangent once a step gives it one. */
export function loopMarks(body: Program, given: Marks, start: number, count: number): Marks {
  const outputs = activeOutputs(body, given)
  const next = given.map((on, i) => on || (i >= start && i < start + count && outputs[i - start]))
  return next.every((on, i) => on === given[i]) ? next : loopMarks(body, next, start, count)
}

/** Whether tangents run through a loop that only forward mode can differentiate. */
export function forwardOnly(program: Program, wrt: Marks): boolean {
  // Loops over what has no tangent, and those inside a custom rule's function, are no obstacle: only trying tells.
  return hasWhile(program) && once(program, 'forward', [wrt], () => !linearizes(program, wrt))
}

function linearizes(program: Program, wrt: Marks): boolean {
  try {
    linearizeProgram(program, wrt)
    return true
  } catch (error) {
    if (isAdjointError(error) && error.code === 'not-differentiable') return false
    throw error
  }
}

/** Whether a Program holds a while, at any depth. */
function hasWhile(program: Program): boolean {
  return once(program, 'while', [], () =>
    program.equations.some(({ primitive, params }) => {
      const inner = primitive.program?.(params)
      return (
        primitive.name === 'while' || (inner !== undefined && hasWhile(inner)) || nestedPrograms(params).some(hasWhile)
      )
    }),
  )
}

/** values (inputs not linear), cotangents of all outputs -> cotangents of the linear inputs, zeros made real. */
export function transposedProgram(program: Program, linear: Marks): Program {
  const fixed = linear.map((on) => !on)
  const groups = { values: marked(program.inputs, fixed), cotangents: program.outputs }
  return once(program, 'transpose', [linear], () =>
    groupedProgram(groups, ({ values, cotangents }) => {
      const results = transposeProgram(program, linear, atMarks(fixed, values), cotangents)
      return filled(results, program.inputs, linear)
    }),
  )
}

/** The Program over lanes: marked inputs and all outputs carry them as axis 0. */
export function batchedProgram(program: Program, lanes: Marks, size: number): Program {
  const avals = program.inputs.map((v, i) => (lanes[i] ? { ...v, shape: [size, ...v.shape] } : v))
  return once(program, 'batch', [lanes, size], () =>
    closedProgram((inputs) => mapLanes((xs) => evaluateProgram(program, xs), inputs, lanes, size), avals),
  )
}
