// The Program: typed single-assignment equations over primitives, what every transform and compiler pass works on.

import type { DType } from '../dtype.js'
import type { Primitive } from '../primitive.js'
import type { Aval, Shape } from '../shape.js'

/** A value computed inside a Program. Compared by identity. */
export interface Variable extends Aval {
  readonly kind: 'variable'
}

/** A scalar known while tracing. Compilation lifts it to an input, so that its value is not part of the code. */
export interface Literal {
  readonly kind: 'literal'
  readonly value: number
  readonly shape: Shape
  readonly dtype: DType
  readonly weak?: boolean
}

/** An operand of an equation. */
export type Atom = Variable | Literal

/** `outputs = primitive(inputs, params)`. */
export interface Equation {
  readonly primitive: Primitive
  readonly inputs: readonly Atom[]
  readonly outputs: readonly Variable[]
  readonly params: object
  /** Where the user's call stands that recorded it, as `file:line:column`; worked out when asked. */
  readonly site?: (() => string | undefined) | undefined
}

/** A closed function: everything it uses is an input. */
export interface Program {
  readonly inputs: readonly Variable[]
  readonly equations: readonly Equation[]
  readonly outputs: readonly Atom[]
}

/** A fresh variable of the given type. */
export function newVariable({ shape, dtype, weak }: Aval): Variable {
  return weak ? { kind: 'variable', shape, dtype, weak } : { kind: 'variable', shape, dtype }
}
