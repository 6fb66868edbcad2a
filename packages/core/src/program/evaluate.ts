// Applies a Program to tensors, equation by equation, so that the active transformations see every primitive.

import { bind } from '../bind.js'
import { definePrimitive, type Primitive, type PrimitiveRules } from '../primitive.js'
import { releasing } from '../temporaries.js'
import { literalTensor, type Tensor } from '../tensor.js'
import type { Atom, Program, Variable } from './program.js'

/** The outputs of a Program for the given inputs. */
export function evaluateProgram(program: Program, inputs: readonly Tensor[]): Tensor[] {
  const values = new Map<Variable, Tensor>()
  program.inputs.forEach((variable, i) => {
    values.set(variable, inputs[i])
  })
  const read = (atom: Atom) => valueOf(atom, values)
  for (const { primitive, inputs: atoms, outputs, params } of program.equations) {
    const results = bind(primitive, atoms.map(read), params)
    outputs.forEach((variable, i) => {
      values.set(variable, results[i])
    })
  }
  return program.outputs.map(read)
}

/** The same for concrete inputs: intermediates are released at the end. */
export function runEquations(program: Program, inputs: readonly Tensor[]): Tensor[] {
  return releasing(
    () => evaluateProgram(program, inputs),
    (outputs) => outputs,
  )
}

/** A primitive that stands for a Program over its inputs: concrete ones go through it equation by equation. */
export function programPrimitive<P extends object>(
  name: string,
  program: (params: P) => Program,
  rules: Partial<PrimitiveRules<P>>,
): Primitive<P> {
  return definePrimitive<P>(name, {
    shape: (_, params) => program(params).outputs,
    program,
    run: (inputs, params) => runEquations(program(params), inputs),
    ...rules,
  })
}

/** The tensor an atom stands for. */
export function valueOf(atom: Atom, values: ReadonlyMap<Variable, Tensor>): Tensor {
  return atom.kind === 'literal' ? literalTensor(atom.value, atom.dtype, atom.weak) : (values.get(atom) as Tensor)
}
