// A case: one call of a primitive with the values it is tested on, and what its derivatives may be asked.

import type { DType, Primitive, Shape } from '@adjoint/core'

/** One operand of a case. */
export interface CaseInput {
  readonly dtype: DType
  readonly shape: Shape
  /** Row-major values. */
  readonly data: readonly number[]
}

/** One call of a primitive. */
export interface PrimitiveCase<P extends object = object> {
  /** What is special about it: `broadcast`, `empty`, `ties`. */
  readonly name: string
  readonly inputs: readonly CaseInput[]
  readonly params?: P
  /** Inputs in which the primitive is smooth around these values; derivatives are checked for float64. */
  readonly smooth?: readonly number[]
  /** Highest derivative to check. @defaultValue 3 */
  readonly order?: number
  /** Largest `|error| / max(1, |value|)` between a backend and the reference. @defaultValue by dtype */
  readonly tolerance?: number
}

/** A primitive with its cases. */
export interface PrimitiveCases {
  readonly primitive: Primitive
  readonly cases: readonly PrimitiveCase[]
}

/** Pairs a primitive with its cases, which have its parameters. */
export function casesOf<P extends object>(primitive: Primitive<P>, cases: readonly PrimitiveCase<P>[]): PrimitiveCases {
  return { primitive: primitive as unknown as Primitive, cases }
}

/** All dtypes that a case needs. */
export function dtypesOf({ inputs, params }: PrimitiveCase): readonly DType[] {
  const own = (params as { dtype?: DType } | undefined)?.dtype
  return [...inputs.map((x) => x.dtype), ...(own === undefined ? [] : [own])]
}
