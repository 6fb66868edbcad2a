// call: a Program applied as one operation; what a jitted function becomes to the transformations around it.

import { bind } from '../bind.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import type { Program } from '../program/program.js'
import { runProgram } from '../program/run.js'
import type { Tensor } from '../tensor.js'
import { instantiate } from '../trace/zeros.js'
import {
  activeOutputs,
  batchedProgram,
  forwardOnly,
  jvpProgram,
  linearizeProgram,
  transposedProgram,
} from './derived.js'

/** Parameters of `call`. */
export interface CallParams {
  readonly name: string
  readonly program: Program
}

export const callPrimitive: Primitive<CallParams> = /* @__PURE__ */ definePrimitive<CallParams>('call', {
  shape: (_, { program }) => program.outputs,
  program: ({ program }) => program,
  run: (inputs, { name, program }) => runProgram(name, program, inputs),
  jvpWithOutputs: (primals, tangents, { name, program }) => {
    const wrt = tangents.map((t) => t !== null)
    const { backend } = primals[0]
    if (forwardOnly(program, wrt, backend)) {
      const active = activeOutputs(program, wrt, backend)
      return joint(primals, tangents, active, { name, program: jvpProgram(program, wrt, active, backend) })
    }
    const pair = linearizeProgram(program, wrt, backend)
    const results = bind(callPrimitive, primals, { name, program: pair.primal })
    const outputs = results.slice(0, program.outputs.length)
    const pushed = [
      ...bind(callPrimitive, [...results.slice(program.outputs.length), ...present(tangents)], {
        name: `${name} (tangent)`,
        program: pair.linear,
      }),
    ]
    return { outputs, tangents: pair.activeOutputs.map((on): MaybeZero => (on ? (pushed.shift() as Tensor) : null)) }
  },
  transpose: (cotangents, inputs, { name, program }) => {
    const linear = inputs.map((x) => x.linear)
    const backend = (cotangents.find((ct) => ct !== null) as Tensor).backend
    const values = inputs.flatMap((x) => (x.linear ? [] : [x.value]))
    const cts = cotangents.map((ct, i) => instantiate(ct, program.outputs[i]))
    const results = [
      ...bind(callPrimitive, [...values, ...cts], {
        name: `${name} (transpose)`,
        program: transposedProgram(program, linear, backend),
      }),
    ]
    return linear.map((on) => (on ? (results.shift() as Tensor) : null))
  },
  vmap: (inputs, batched, size, { name, program }) =>
    bind(callPrimitive, inputs, { name, program: batchedProgram(program, batched, size, inputs[0].backend) }),
})

/** Outputs and tangents in one call: forward mode through loops of unknown length. */
function joint(
  primals: readonly Tensor[],
  tangents: readonly MaybeZero[],
  active: readonly boolean[],
  params: CallParams,
) {
  const results = [...bind(callPrimitive, [...primals, ...present(tangents)], params)]
  const outputs = results.splice(0, active.length)
  return { outputs, tangents: active.map((on): MaybeZero => (on ? (results.shift() as Tensor) : null)) }
}

/** The tangents that are not zero. */
export function present(tangents: readonly MaybeZero[]): Tensor[] {
  return tangents.filter((t) => t !== null)
}
