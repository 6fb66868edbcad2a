// Symbolic zeros: tangents that are never computed, made real only where a rule needs the tensor.

import { bind1 } from '../bind.js'
import type { MaybeZero, TransposeInput } from '../primitive.js'
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

/** The tangents that are not zero. */
export function present(tangents: readonly MaybeZero[]): Tensor[] {
  return tangents.filter((t) => t !== null)
}

/** Which tangents are not zero. */
export function marksOf(tangents: readonly MaybeZero[]): boolean[] {
  return tangents.map((t) => t !== null)
}

/** The values, in order, at the marked places; zeros elsewhere. */
export function atMarks(marks: readonly boolean[], values: readonly Tensor[]): MaybeZero[] {
  let next = 0
  return marks.map((on) => (on ? values[next++] : null))
}

/** The entries at the marked places. */
export function marked<T>(list: readonly T[], marks: readonly boolean[]): T[] {
  return list.filter((_, i) => marks[i])
}

/** All tangents as tensors of the given types; only those at the marked places, where marks are given. */
export function filled(tangents: readonly MaybeZero[], types: readonly Aval[], marks?: readonly boolean[]): Tensor[] {
  return types.flatMap((type, i) => (marks === undefined || marks[i] ? [instantiate(tangents[i], type)] : []))
}

/** The operands of a transpose rule that are not linear. */
export function knownValues(inputs: readonly TransposeInput[]): Tensor[] {
  return inputs.flatMap((x) => (x.linear ? [] : [x.value]))
}
