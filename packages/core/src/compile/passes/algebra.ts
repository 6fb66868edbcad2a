// Identities that always hold, NaN and infinity included: neutral elements, inverses, movements that cancel.

import { isInteger } from '../../dtype.js'
import type { TransposeParams } from '../../primitives/movement.js'
import type { Atom, Equation } from '../../program/program.js'
import { sameShape } from '../../shape.js'
import type { Rule, Scene } from './rewrite.js'

/** Neutral elements and self-inverses of element-wise primitives. */
export const neutralElements: Rule = ({ equation, definition }) => {
  const { primitive, inputs, outputs } = equation
  const [a, b] = inputs
  const keep = (atom: Atom) =>
    sameShape(atom.shape, outputs[0].shape) && atom.dtype === outputs[0].dtype ? [atom] : undefined
  switch (primitive.name) {
    case 'add':
      // x + 0 would turn -0 into 0; x + (-0) would not. Equal as numbers, and worth it.
      return is(a, 0) ? keep(b) : is(b, 0) ? keep(a) : undefined
    case 'sub':
      return is(b, 0) ? keep(a) : undefined
    case 'mul':
      if (isInteger(outputs[0].dtype) && (is(a, 0) || is(b, 0))) return keep(is(a, 0) ? a : b)
      return is(a, 1) ? keep(b) : is(b, 1) ? keep(a) : undefined
    case 'div':
      return is(b, 1) ? keep(a) : undefined
    case 'neg':
    case 'not': {
      const inner = definition(a)
      return inner?.primitive.name === primitive.name ? keep(inner.inputs[0]) : undefined
    }
    case 'select':
      return inputs[1] === inputs[2] ? keep(inputs[1]) : undefined
    case 'cast':
    case 'stopGradient':
      return keep(a)
    default:
      return undefined
  }
}

function is(atom: Atom, value: number): boolean {
  return atom.kind === 'literal' && atom.value === value
}

/** Element-wise primitives broadcast by themselves: a broadcast operand is read at its source. */
export const absorbBroadcasts: Rule = ({ equation, definition }) => {
  const { primitive, inputs, outputs, params } = equation
  if (primitive.scalar === undefined || inputs.length < 2) return undefined
  let changed = false
  const sources = inputs.map((atom) => {
    const inner = definition(atom)
    if (inner?.primitive.name !== 'broadcast') return atom
    changed = true
    return inner.inputs[0]
  })
  if (!changed) return undefined
  const [result] = broadcastable(primitive, sources, params)
  return result !== undefined && sameShape(result, outputs[0].shape)
    ? { ...equation, inputs: sources }
    : partial(equation, definition)
}

function broadcastable(primitive: Equation['primitive'], inputs: readonly Atom[], params: object) {
  return primitive.shape(inputs, params).map((aval) => aval.shape)
}

/** One operand must keep the shape: all others may be read at their sources. */
function partial(equation: Equation, definition: Scene['definition']): Equation | undefined {
  const { inputs, outputs } = equation
  const anchor = inputs.findIndex((atom) => sameShape(atom.shape, outputs[0].shape))
  if (anchor < 0) return undefined
  const sources = inputs.map((atom, i) => {
    const inner = i === anchor ? undefined : definition(atom)
    return inner?.primitive.name === 'broadcast' ? inner.inputs[0] : atom
  })
  return sources.every((atom, i) => atom === inputs[i]) ? undefined : { ...equation, inputs: sources }
}

/** Movements that do nothing, or continue the one before. */
export const mergeMovements: Rule = ({ equation, definition, emit }) => {
  const { primitive, inputs, outputs, params, site } = equation
  if (!['reshape', 'broadcast', 'transpose'].includes(primitive.name)) return undefined
  const [x] = inputs
  const { permutation } = params as Partial<TransposeParams>
  if (permutation?.every((axis, i) => axis === i) ?? sameShape(x.shape, outputs[0].shape)) return [x]
  const inner = definition(x)
  if (inner?.primitive !== primitive) return undefined
  const first = inner.params as Partial<TransposeParams>
  const both = permutation && { permutation: permutation.map((axis) => first.permutation?.[axis]) }
  return [emit({ primitive, inputs: inner.inputs, params: both ?? params, site })]
}
