// Programs derived from Programs: linearized, transposed, batched. Each is traced once per Program and pattern.

import type { Backend } from '../backend/backend.js'
import { identity, nestedPrograms } from '../compile/hash.js'
import { isAdjointError } from '../error.js'
import type { MaybeZero } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { type FlatFunction, traceProgram } from '../program/trace.js'
import type { Aval } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { instantiate } from '../trace/zeros.js'
import { jvpFlat, linearizeFlat, transposeProgram } from '../transforms/linearize-flat.js'
import { mapLanes } from '../transforms/vmap.js'
import { withConstants } from './constant.js'

const caches = /* @__PURE__ */ new WeakMap<Program, Map<string, unknown>>()

/** Computes once per Program and key. */
export function once<T>(program: Program, key: string, make: () => T): T {
  const cache = caches.get(program) ?? new Map<string, unknown>()
  caches.set(program, cache)
  const found = cache.get(key)
  if (found !== undefined) return found as T
  const made = make()
  cache.set(key, made)
  return made
}

/** A Program that needs nothing but its inputs. */
function closedProgram(fn: FlatFunction, avals: readonly Aval[], backend: Backend): Program {
  return withConstants(traceProgram(fn, avals, backend))
}

/** A mask as part of a key. */
export function maskKey(mask: readonly boolean[]): string {
  return mask.map(Number).join('')
}

/** A Program split at a point into what depends on values and what is linear in tangents. */
export interface LinearPair {
  /** inputs -> outputs, then residuals. */
  readonly primal: Program
  /** residuals, tangents of the active inputs -> tangents of the active outputs. */
  readonly linear: Program
  readonly residuals: number
  readonly activeOutputs: readonly boolean[]
}

/** Linearizes a Program with respect to the marked inputs. */
export function linearizeProgram(program: Program, wrt: readonly boolean[], backend: Backend): LinearPair {
  return once(program, `linearize:${maskKey(wrt)}:${identity(backend)}`, () => {
    let linear: Program | undefined
    let active: readonly boolean[] = []
    let residuals = 0
    const primal = closedProgram(
      (inputs) => {
        const result = linearizeFlat((xs) => evaluateProgram(program, xs), inputs, wrt)
        linear = result.program
        active = result.active
        residuals = result.captured.length
        return [...result.outputs, ...result.captured]
      },
      program.inputs,
      backend,
    )
    return { primal, linear: linear as Program, residuals, activeOutputs: active }
  })
}

/** inputs, tangents of the marked inputs -> outputs, tangents of the marked outputs (zeros made real). */
export function jvpProgram(
  program: Program,
  wrt: readonly boolean[],
  wanted: readonly boolean[],
  backend: Backend,
): Program {
  return once(program, `jvp:${maskKey(wrt)}:${maskKey(wanted)}:${identity(backend)}`, () => {
    const n = program.inputs.length
    const tangents = program.inputs.filter((_, i) => wrt[i])
    return closedProgram(
      (inputs) => {
        const directions = inputs.slice(n)
        const { outputs, tangents: pushed } = jvpFlat(
          (xs) => evaluateProgram(program, xs),
          inputs.slice(0, n),
          wrt.map((on): MaybeZero => (on ? (directions.shift() as Tensor) : null)),
        )
        return [...outputs, ...outputs.flatMap((out, i) => (wanted[i] ? [instantiate(pushed[i], out)] : []))]
      },
      [...program.inputs, ...tangents],
      backend,
    )
  })
}

/** Which outputs get a tangent when the marked inputs have one. */
export function activeOutputs(program: Program, wrt: readonly boolean[], backend: Backend): readonly boolean[] {
  return once(program, `active:${maskKey(wrt)}:${identity(backend)}`, () => {
    let active: readonly boolean[] = []
    const n = program.inputs.length
    closedProgram(
      (inputs) => {
        const directions = inputs.slice(n)
        const { outputs, tangents } = jvpFlat(
          (xs) => evaluateProgram(program, xs),
          inputs.slice(0, n),
          wrt.map((on): MaybeZero => (on ? (directions.shift() as Tensor) : null)),
        )
        active = tangents.map((t) => t !== null)
        return outputs
      },
      [...program.inputs, ...program.inputs.filter((_, i) => wrt[i])],
      backend,
    )
    return active
  })
}

/** Whether tangents run through a loop that only forward mode can differentiate. */
export function forwardOnly(program: Program, wrt: readonly boolean[], backend: Backend): boolean {
  // Loops over what has no tangent, and those inside a custom rule's function, are no obstacle: only trying tells.
  return (
    hasWhile(program) &&
    once(program, `forward:${maskKey(wrt)}:${identity(backend)}`, () => !linearizes(program, wrt, backend))
  )
}

function linearizes(program: Program, wrt: readonly boolean[], backend: Backend): boolean {
  try {
    linearizeProgram(program, wrt, backend)
    return true
  } catch (error) {
    if (isAdjointError(error) && error.code === 'not-differentiable') return false
    throw error
  }
}

/** Whether a Program holds a while, at any depth. */
function hasWhile(program: Program): boolean {
  return once(program, 'while', () =>
    program.equations.some(({ primitive, params }) => {
      const inner = primitive.program?.(params)
      return (
        primitive.name === 'while' || (inner !== undefined && hasWhile(inner)) || nestedPrograms(params).some(hasWhile)
      )
    }),
  )
}

/** values (inputs not linear), cotangents of all outputs -> cotangents of the linear inputs, zeros made real. */
export function transposedProgram(program: Program, linear: readonly boolean[], backend: Backend): Program {
  return once(program, `transpose:${maskKey(linear)}:${identity(backend)}`, () => {
    const fixed = program.inputs.filter((_, i) => !linear[i])
    return closedProgram(
      (inputs) => {
        const values = inputs.slice(0, fixed.length)
        const cotangents = inputs.slice(fixed.length)
        const results = transposeProgram(
          program,
          linear,
          linear.map((on) => (on ? null : (values.shift() as Tensor))),
          cotangents,
        )
        return program.inputs.flatMap((v, i) => (linear[i] ? [instantiate(results[i], v)] : []))
      },
      [...fixed, ...program.outputs],
      backend,
    )
  })
}

/** The Program over lanes: marked inputs and all outputs carry them as axis 0. */
export function batchedProgram(program: Program, marked: readonly boolean[], size: number, backend: Backend): Program {
  return once(program, `batch:${maskKey(marked)}:${size}:${identity(backend)}`, () => {
    const avals = program.inputs.map((v, i) => (marked[i] ? { ...v, shape: [size, ...v.shape] } : v))
    return closedProgram(
      (inputs) => mapLanes((xs) => evaluateProgram(program, xs), inputs, marked, size),
      avals,
      backend,
    )
  })
}
