// detached: a function as a constant to derivatives, what it captures included.

import { bind } from '../bind.js'
import { batchedProgram } from '../control/derived.js'
import type { Primitive } from '../primitive.js'
import { programPrimitive } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { type TensorsOf, unflatten } from '../tree.js'
import { traceFunction } from './traced.js'

/**
 * The function, constant to derivatives: neither its arguments nor what it captures have any, and nothing inside it,
 * such as a loop of unknown length, meets a tangent. It is traced at each call, so it reads no values.
 *
 * @example
 * const below = detached((x: Tensor) => whileLoop({ cond: (s) => s.gt(1), body: (s) => s.mul(0.5), init: x }))
 * grad((x: Tensor) => x.mul(below(x)))(tensor(4))   // 1: what the loop found is a constant
 */
export function detached<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => TensorsOf<R> {
  return (...args) => {
    const { captured, inputs, program, result } = traceFunction('detached', fn, args)
    return unflatten(result, bind(detachedPrimitive, [...captured, ...inputs], { program })) as TensorsOf<R>
  }
}

const detachedPrimitive: Primitive<{ program: Program }> = /* @__PURE__ */ programPrimitive<{ program: Program }>(
  'detached',
  ({ program }) => program,
  {
    jvpWithOutputs: (primals, _, params) => {
      const outputs = bind(detachedPrimitive, primals, params)
      return { outputs, tangents: outputs.map(() => null) }
    },
    vmap: (inputs, batched, size, { program }) =>
      bind(detachedPrimitive, inputs, { program: batchedProgram(program, batched, size) }),
  },
)
