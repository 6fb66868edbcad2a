// The engine of differentiation: run a function once, keep its linear part as a Program, and run that backwards.
// A. Radul, A. Paszke, R. Frostig, M. Johnson, D. Maclaurin, You Only Linearize Once, POPL 2023.

import { beside } from '../backend/current.js'
import { bind } from '../bind.js'
import { AdjointError } from '../error.js'
import type { MaybeZero, TransposeInput } from '../primitive.js'
import { valueOf } from '../program/evaluate.js'
import type { Atom, Equation, Program, Variable } from '../program/program.js'
import type { FlatFunction } from '../program/trace.js'
import { withTrace } from '../runtime.js'
import type { Tensor } from '../tensor.js'
import { JvpTrace } from '../trace/jvp.js'
import { type Closed, RecordTrace } from '../trace/record.js'
import { addMaybe, marked, marksOf, present, zerosOf } from '../trace/zeros.js'

/** A function's outputs at a point, with the linear map of its tangents. */
export interface Linearized extends Closed {
  readonly outputs: readonly Tensor[]
  /** Which outputs have a tangent; the Program computes just those. */
  readonly active: readonly boolean[]
}

/** Outputs and tangents of `fn` in one forward pass. */
export function jvpFlat(
  fn: FlatFunction,
  primals: readonly Tensor[],
  tangents: readonly MaybeZero[],
): { outputs: Tensor[]; tangents: MaybeZero[] } {
  return withTrace(
    (level) => new JvpTrace(level),
    false,
    (trace) => {
      const results = fn(primals.map((x, i) => trace.dual(x, tangents[i])))
      return { outputs: results.map((y) => trace.primalOf(y)), tangents: results.map((y) => trace.tangentOf(y)) }
    },
  )
}

/** Runs `fn` and records how its tangents depend on those of the inputs marked in `wrt`. */
export function linearizeFlat(fn: FlatFunction, primals: readonly Tensor[], wrt: readonly boolean[]): Linearized {
  const backend = primals[0]?.backend
  return withTrace(
    (level) => new RecordTrace(level, backend, false),
    false,
    (tape) => {
      const tangents = primals.map((x, i) => (wrt[i] ? tape.input(x) : null))
      const { outputs, tangents: pushed } = jvpFlat(fn, primals, tangents)
      const stuck = outputs.find((out) => out.trace === tape)
      if (stuck !== undefined) throw forwardOnly()
      const linear = tape.close(present(pushed))
      return { outputs, active: marksOf(pushed), ...linear }
    },
  )
}

function forwardOnly(): AdjointError {
  return new AdjointError('not-differentiable', {
    fn: 'whileLoop',
    given: 'reverse mode through a loop of unknown length',
    expected: '`reverse: true` with `maxSteps`, scan, or fori',
    fix: 'For fixed points use customRoot',
  })
}

/**
 * Runs a Program, linear in the inputs marked in `linear`, backwards: cotangents of those inputs, `null` elsewhere.
 *
 * @param values - the inputs that are not linear, in their places
 */
export function transposeProgram(
  program: Program,
  linear: readonly boolean[],
  values: readonly (Tensor | null)[],
  cotangents: readonly MaybeZero[],
): MaybeZero[] {
  const known = new Map<Variable, Tensor>()
  const isLinear = new Set<Atom>()
  program.inputs.forEach((variable, i) => {
    if (linear[i]) isLinear.add(variable)
    else known.set(variable, values[i] as Tensor)
  })
  for (const equation of program.equations) forward(equation, known, isLinear)
  const sums = new Map<Atom, MaybeZero>()
  const accumulate = (atom: Atom, ct: MaybeZero) => sums.set(atom, addMaybe(sums.get(atom) ?? null, ct))
  program.outputs.forEach((atom, i) => {
    if (isLinear.has(atom)) accumulate(atom, cotangents[i])
  })
  for (let e = program.equations.length - 1; e >= 0; e--)
    backward(program.equations[e], known, isLinear, sums, accumulate)
  return program.inputs.map((variable) => sums.get(variable) ?? null)
}

function forward(
  { primitive, inputs, outputs, params }: Equation,
  known: Map<Variable, Tensor>,
  isLinear: Set<Atom>,
): void {
  if (inputs.some((atom) => isLinear.has(atom))) {
    for (const out of outputs) isLinear.add(out)
    return
  }
  const values = inputs.map((atom) => valueOf(atom, known))
  const results = bind(primitive, values, params)
  outputs.forEach((out, i) => {
    known.set(out, results[i])
  })
}

function backward(
  { primitive, inputs, outputs, params }: Equation,
  known: ReadonlyMap<Variable, Tensor>,
  isLinear: ReadonlySet<Atom>,
  sums: Map<Atom, MaybeZero>,
  accumulate: (atom: Atom, ct: MaybeZero) => void,
): void {
  const cotangents = outputs.map((out) => sums.get(out) ?? null)
  for (const out of outputs) sums.delete(out)
  if (cotangents.every((ct) => ct === null)) return
  if (primitive.transpose === undefined) throw noTranspose(primitive.name)
  const described = inputs.map(
    (atom): TransposeInput =>
      isLinear.has(atom) ? { linear: true, aval: atom } : { linear: false, aval: atom, value: valueOf(atom, known) },
  )
  const { transpose } = primitive
  const results = beside(present(cotangents), () => transpose(cotangents, described, params))
  inputs.forEach((atom, i) => {
    const ct = results[i] ?? null
    if (ct !== null && isLinear.has(atom)) accumulate(atom, ct)
  })
}

function noTranspose(fn: string): AdjointError {
  if (fn === 'while') return forwardOnly()
  return new AdjointError('missing-rule', {
    fn,
    given: 'reverse mode',
    expected: 'a primitive with a transpose rule',
    fix: 'Give definePrimitive a `transpose`, or write the `jvp` with primitives that have one',
  })
}

/** The pullback of a linearized function: cotangents of the outputs to cotangents of the inputs in `wrt`. */
export function pullback(
  { program, captured, active, outputs }: Linearized,
  cotangents: readonly MaybeZero[],
): MaybeZero[] {
  const linear = program.inputs.map((_, i) => i >= captured.length)
  const values = program.inputs.map((_, i) => captured[i] ?? null)
  // A cotangent may be a number that lies nowhere yet: what is made from it belongs beside the outputs.
  const arrived = marked(cotangents, active)
  const results = beside(outputs, () => transposeProgram(program, linear, values, arrived))
  return results.slice(captured.length)
}

/** Cotangents made real: zeros where nothing arrived. */
export function orZeros(cotangents: readonly MaybeZero[], primals: readonly Tensor[]): Tensor[] {
  return cotangents.map((ct, i) => ct ?? beside([primals[i]], () => zerosOf(primals[i])))
}
