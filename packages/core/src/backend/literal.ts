// Element-wise primitives of numbers alone: computed at once, by the reference rule.

import { convert, type DType, wideArray } from '../dtype.js'
import type { Primitive } from '../primitive.js'
import type { Aval } from '../shape.js'

/** A tensor or an operand of an equation: what is a number has a value. */
interface Operand {
  readonly dtype: DType
  readonly literal?: number | undefined
}

/** The number that an element-wise primitive makes of numbers; undefined where an operand is none. */
export function literalResult<P extends object>(
  { scalar, reference }: Primitive<P>,
  operands: readonly Operand[],
  params: P,
  out: Aval,
): number | undefined {
  if (scalar === undefined || reference === undefined || out.shape.length > 0) return undefined
  if (operands.some((x) => x.literal === undefined)) return undefined
  const arrays = operands.map(({ dtype, literal }) => ({
    shape: [],
    dtype,
    data: wideArray(dtype, 1).fill(literal as number),
  }))
  return convert(out.dtype, reference(arrays, params, [out])[0][0])
}
