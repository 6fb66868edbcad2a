// The frame of the simplifying passes: one walk over a Program that replaces outputs, drops repeats, and re-emits the rest.

import { type Atom, type Equation, newVariable, type Program } from '../../program/program.js'
import { equationKey, namer } from '../hash.js'

/** What a rule sees: the equation with its operands already rewritten, and where operands come from. */
export interface Scene {
  readonly equation: Equation
  /** The equation that computes an atom, if one does. */
  definition(atom: Atom): Equation | undefined
  /** Adds an equation before this one and returns its only output. */
  emit(equation: Omit<Equation, 'outputs'>): Atom
}

/** A rule gives the atoms that replace the outputs, a better equation of the same outputs, or nothing. */
export type Rule = (scene: Scene) => readonly Atom[] | Equation | undefined

/** Applies rules and common subexpression elimination, in one walk. */
export function rewrite(program: Program, rules: readonly Rule[]): Program {
  const replaced = new Map<Atom, Atom>()
  const definitions = new Map<Atom, Equation>()
  const seen = new Map<string, Equation>()
  const equations: Equation[] = []
  const name = namer()
  const current = (atom: Atom) => replaced.get(atom) ?? atom

  const append = (equation: Equation): Equation => {
    const key = equationKey(equation, name)
    const earlier = seen.get(key)
    if (earlier !== undefined) return earlier
    seen.set(key, equation)
    equations.push(equation)
    for (const out of equation.outputs) definitions.set(out, equation)
    return equation
  }
  const emit = (partial: Omit<Equation, 'outputs'>): Atom => {
    const outputs = partial.primitive.shape(partial.inputs, partial.params).map(newVariable)
    return append({ ...partial, outputs }).outputs[0]
  }

  for (const original of program.equations) {
    let equation: Equation = { ...original, inputs: original.inputs.map(current) }
    let results: readonly Atom[] | undefined
    for (const rule of rules) {
      const better = rule({ equation, definition: (atom) => definitions.get(atom), emit })
      if (better === undefined) continue
      if ('primitive' in better) equation = better
      else {
        results = better
        break
      }
    }
    const outputs = results ?? append(equation).outputs
    original.outputs.forEach((out, i) => {
      if (outputs[i] !== out) replaced.set(out, outputs[i])
    })
  }
  return { inputs: program.inputs, equations, outputs: program.outputs.map(current) }
}
