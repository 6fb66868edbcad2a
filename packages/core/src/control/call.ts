// call: a Program applied as one operation; what a jitted function becomes to the transformations around it.

import { bind } from '../bind.js'
import { definePrimitive, type Primitive } from '../primitive.js'
import type { Program } from '../program/program.js'
import { runProgram } from '../program/run.js'
import { atMarks, filled, knownValues, marksOf, present } from '../trace/zeros.js'
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
  /** Inputs that nobody reads afterwards: a run at once may write into them. */
  readonly donated?: readonly number[]
}

export const callPrimitive: Primitive<CallParams> = /* @__PURE__ */ definePrimitive<CallParams>('call', {
  shape: (_, { program }) => program.outputs,
  program: ({ program }) => program,
  run: (inputs, { name, program, donated }) => runProgram(name, program, inputs, donated),
  jvpWithOutputs: (primals, tangents, { name, program }) => {
    const wrt = marksOf(tangents)
    const n = program.outputs.length
    if (forwardOnly(program, wrt)) {
      // Outputs and tangents in one call: forward mode through loops of unknown length.
      const active = activeOutputs(program, wrt)
      const joint = { name, program: jvpProgram(program, wrt, active) }
      const results = bind(callPrimitive, [...primals, ...present(tangents)], joint)
      return { outputs: results.slice(0, n), tangents: atMarks(active, results.slice(n)) }
    }
    const pair = linearizeProgram(program, wrt)
    const results = bind(callPrimitive, primals, { name, program: pair.primal })
    const linear = { name: `${name} (tangent)`, program: pair.linear }
    const pushed = bind(callPrimitive, [...results.slice(n), ...present(tangents)], linear)
    return { outputs: results.slice(0, n), tangents: atMarks(pair.activeOutputs, pushed) }
  },
  transpose: (cotangents, inputs, { name, program }) => {
    const linear = inputs.map((x) => x.linear)
    const operands = [...knownValues(inputs), ...filled(cotangents, program.outputs)]
    const back = { name: `${name} (transpose)`, program: transposedProgram(program, linear) }
    return atMarks(linear, bind(callPrimitive, operands, back))
  },
  vmap: (inputs, batched, size, { name, program }) =>
    bind(callPrimitive, inputs, { name, program: batchedProgram(program, batched, size) }),
})
