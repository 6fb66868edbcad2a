// A concrete tensor inside a Program: data that a derivative rule made while it was traced.

import { bind1 } from '../bind.js'
import { broadcastTo } from '../functions/movement.js'
import { definePrimitive, type Primitive } from '../primitive.js'
import type { Equation, Program } from '../program/program.js'
import type { Tensor } from '../tensor.js'
import type { Closed } from '../trace/record.js'

/** Parameters of `constant`. */
export interface ConstantParams {
  readonly value: Tensor
}

const constantPrimitive: Primitive<ConstantParams> = /* @__PURE__ */ definePrimitive<ConstantParams>('constant', {
  shape: (_, { value }) => [{ shape: value.shape, dtype: value.dtype }],
  jvp: () => [null],
  vmap: (_, __, size, params) => [broadcastTo(bind1(constantPrimitive, [], params), [size, ...params.value.shape])],
  run: (_, { value }) => [value],
})

/** The Program with its captured tensors inside, as constants. */
export function withConstants({ program, captured }: Closed): Program {
  if (captured.length === 0) return program
  const constants = captured.map(
    (value, i): Equation => ({
      primitive: constantPrimitive as never,
      inputs: [],
      outputs: [program.inputs[i]],
      params: { value },
    }),
  )
  return {
    inputs: program.inputs.slice(captured.length),
    equations: [...constants, ...program.equations],
    outputs: program.outputs,
  }
}
