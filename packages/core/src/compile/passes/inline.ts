// Replaces calls by what they call: equations whose primitive wraps a Program, at every depth.

import { type Atom, type Equation, newVariable, type Program, type Variable } from '../../program/program.js'
import { namedPrograms } from '../hash.js'

/** The Program that an equation stands for, if any. */
export type Expand = (equation: Equation) => Program | undefined

/** The Program that an equation calls. */
export function calledProgram({ primitive, params }: Equation): Program | undefined {
  return primitive.program?.(params)
}

/** The Program without calls; bodies of loops and branches are treated alike. */
export function inlineCalls(program: Program, expand: Expand = calledProgram): Program {
  const equations: Equation[] = []
  const values = new Map<Variable, Atom>()
  const read = (atom: Atom): Atom => (atom.kind === 'literal' ? atom : (values.get(atom) ?? atom))
  const copy = (source: Program, nested: boolean): void => {
    for (const equation of source.equations) {
      const inner = expand({ ...equation, inputs: equation.inputs.map(read) })
      if (inner !== undefined) {
        inner.inputs.forEach((variable, i) => {
          values.set(variable, read(equation.inputs[i]))
        })
        copy(inner, true)
        equation.outputs.forEach((out, i) => {
          values.set(out, read(inner.outputs[i]))
        })
        continue
      }
      // A Program may be called twice: its variables get fresh copies each time.
      const outputs = nested ? equation.outputs.map(newVariable) : equation.outputs
      const inputs = equation.inputs.map(read)
      equation.outputs.forEach((out, i) => {
        values.set(out, outputs[i])
      })
      equations.push({
        ...equation,
        inputs,
        outputs,
        params: withBodies(equation.params, (body) => inlineCalls(body, expand)),
      })
    }
  }
  copy(program, false)
  return { inputs: program.inputs, equations, outputs: program.outputs.map(read) }
}

/** Parameters with a pass applied to the Programs among them. */
export function withBodies(params: object, pass: (program: Program) => Program): object {
  const bodies = namedPrograms(params).map(([name, program]) => [name, pass(program)])
  return bodies.length === 0 ? params : { ...params, ...Object.fromEntries(bodies) }
}
