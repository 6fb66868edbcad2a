// Drops equations whose outputs nothing uses.

import type { Atom, Equation, Program } from '../../program/program.js'

/** The Program without unused equations. */
export function removeDeadCode(program: Program): Program {
  const used = new Set<Atom>(program.outputs)
  const kept: Equation[] = []
  for (let i = program.equations.length - 1; i >= 0; i--) {
    const equation = program.equations[i]
    if (!equation.outputs.some((out) => used.has(out))) continue
    for (const input of equation.inputs) used.add(input)
    kept.push(equation)
  }
  return { ...program, equations: kept.reverse() }
}
