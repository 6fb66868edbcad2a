// Rules that primitives share: batches that only shift parameters, and linearity in operands.

import { bind } from '../bind.js'
import { broadcastTo } from '../functions/movement.js'
import {
  definePrimitive,
  type MaybeZero,
  type Primitive,
  type PrimitiveRules,
  type TransposeInput,
} from '../primitive.js'
import type { Tensor } from '../tensor.js'
import { instantiate } from '../trace/zeros.js'

/** Rules from which others follow. */
export interface SharedRules<P extends object> extends PrimitiveRules<P> {
  /** Gives `vmap`: the parameters when every operand has the batch as a new axis 0. */
  lanes?(params: P, size: number): P
  /** Gives `jvp` and `transpose` of a primitive linear in all but its `fixed` operands: the operands' cotangents. */
  back?(ct: Tensor, inputs: readonly TransposeInput[], params: P, fixed: readonly Tensor[]): readonly MaybeZero[]
  /** Operands that carry no derivative, such as indices. */
  readonly fixed?: readonly number[]
}

/** A primitive some of whose rules follow from `lanes` and `back`. */
export function sharedPrimitive<P extends object = object>(
  name: string,
  { lanes, back, fixed = [], ...rules }: SharedRules<P>,
): Primitive<P> {
  const vmap: PrimitiveRules<P>['vmap'] = (inputs, batched, size, params) => {
    const operands = inputs.map((x, i) => everyLane(x, batched[i], size))
    return bind(primitive, operands, (lanes as NonNullable<typeof lanes>)(params, size))
  }
  const jvp: PrimitiveRules<P>['jvp'] = (primals, tangents, _, params) => {
    if (tangents.every((t) => t === null)) return [null]
    const moved = primals.map((x, i) => (fixed.includes(i) ? x : instantiate(tangents[i], x)))
    return bind(primitive, moved, params)
  }
  const transpose: PrimitiveRules<P>['transpose'] = ([ct], inputs, params) => {
    const known = fixed.flatMap((i) => (inputs[i].linear ? [] : [inputs[i].value]))
    if (ct === null || known.length < fixed.length) return inputs.map(() => null)
    return (back as NonNullable<typeof back>)(ct, inputs, params, known)
  }
  const primitive: Primitive<P> = definePrimitive<P>(name, {
    ...(lanes && { vmap }),
    ...(back && { jvp, transpose }),
    ...rules,
  })
  return primitive
}

/** The operand with lanes along axis 0, the same in each where it has none. */
export function everyLane(x: Tensor, batched: boolean, size: number): Tensor {
  return batched ? x : broadcastTo(x, [size, ...x.shape])
}
