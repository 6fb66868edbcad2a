// Computes element-wise equations of literals while compiling, by the primitive's reference rule.

import { convert, newArray } from '../../dtype.js'
import type { Atom, Literal } from '../../program/program.js'
import { sizeOf } from '../../shape.js'
import type { Rule } from './rewrite.js'

/** Literals in, a literal out. */
export const foldConstants: Rule = ({ equation }) => {
  const { primitive, inputs, outputs, params } = equation
  if (primitive.scalar === undefined || primitive.reference === undefined) return undefined
  if (inputs.length === 0 || !inputs.every(isLiteral) || sizeOf(outputs[0].shape) !== 1 || outputs[0].shape.length > 0)
    return undefined
  const arrays = inputs.map(({ value, dtype }) => {
    const data = newArray(dtype === 'float32' ? 'float64' : dtype, 1)
    data[0] = value
    return { data, shape: [], dtype }
  })
  const [result] = primitive.reference(arrays, params, outputs)
  const { dtype, weak } = outputs[0]
  return [{ kind: 'literal', value: convert(dtype, result[0]), shape: [], dtype, weak } satisfies Literal]
}

function isLiteral(atom: Atom): atom is Literal {
  return atom.kind === 'literal'
}
