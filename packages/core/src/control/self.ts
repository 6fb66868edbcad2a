// A Program of one equation: how control flow on concrete tensors reaches the compiler.

import type { Primitive } from '../primitive.js'
import { newVariable, type Program } from '../program/program.js'
import { typeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'

/** `inputs -> primitive(inputs)`. */
export function selfProgram<P extends object>(primitive: Primitive<P>, tensors: readonly Tensor[], params: P): Program {
  const inputs = tensors.map((x) => newVariable(typeOf(x)))
  const outputs = primitive.shape(inputs, params).map(newVariable)
  return { inputs, equations: [{ primitive: primitive as unknown as Primitive, inputs, outputs, params }], outputs }
}
