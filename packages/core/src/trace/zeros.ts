// Symbolic zeros: tangents that are never computed, made real only where a rule needs the tensor.

import { bind1 } from '../bind.js'
import type { MaybeZero } from '../primitive.js'
import { addPrimitive } from '../primitives/binary.js'
import { broadcastPrimitive } from '../primitives/movement.js'
import type { Aval } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'

/** A tangent as a tensor of the given type. */
export function instantiate(tangent: MaybeZero, { shape, dtype }: Aval): Tensor {
  return tangent ?? zerosOf({ shape, dtype })
}

/** A tensor of zeros of the given type. */
export function zerosOf({ shape, dtype }: Aval): Tensor {
  const zero = literalTensor(0, dtype)
  return shape.length === 0 ? zero : bind1(broadcastPrimitive, [zero], { shape })
}

/** The sum of two tangents, either of which may be zero. */
export function addMaybe(a: MaybeZero, b: MaybeZero): MaybeZero {
  if (a === null || b === null) return a ?? b
  return bind1(addPrimitive, [a, b])
}
