// checkpoint: keep only the inputs of a function for the backward pass, and compute the rest again there.
// A. Griewank, A. Walther, Algorithm 799: revolve, ACM TOMS 2000.

import type { Backend } from '../backend/backend.js'
import { defaultBackend } from '../backend/current.js'
import { bind } from '../bind.js'
import { identity } from '../compile/hash.js'
import { callPrimitive, present } from '../control/call.js'
import { withConstants } from '../control/constant.js'
import { activeOutputs, batchedProgram, jvpProgram, maskKey, once } from '../control/derived.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { traceProgram } from '../program/trace.js'
import type { Tensor } from '../tensor.js'
import { instantiate } from '../trace/zeros.js'
import { type TensorsOf, unflatten } from '../tree.js'
import { linearizeFlat, pullback } from './linearize-flat.js'
import { isPlain, traceFunction } from './traced.js'

interface CheckpointParams {
  readonly program: Program
}

interface TangentParams extends CheckpointParams {
  readonly wrt: readonly boolean[]
  readonly active: readonly boolean[]
}

/**
 * The function, with less memory in reverse mode: its intermediates are computed again in the backward pass.
 *
 * @example
 * const block = checkpoint((x: Tensor) => x.sin().exp().mul(x))
 * grad((x: Tensor) => block(x).sum())(tensor([1, 2]))
 */
export function checkpoint<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => TensorsOf<R> {
  return (...args) => {
    if (isPlain()) return fn(...args) as TensorsOf<R>
    const { program, captured, inputs, result } = traceFunction('checkpoint', fn, args)
    return unflatten(result, bind(checkpointPrimitive, [...captured, ...inputs], { program })) as TensorsOf<R>
  }
}

const checkpointPrimitive: Primitive<CheckpointParams> = /* @__PURE__ */ definePrimitive<CheckpointParams>(
  'checkpoint',
  {
    shape: (_, { program }) => program.outputs,
    program: ({ program }) => program,
    run: (inputs, { program }) => evaluateProgram(program, inputs),
    vmap: (inputs, batched, size, { program }) =>
      bind(checkpointPrimitive, inputs, { program: batchedProgram(program, batched, size, inputs[0].backend) }),
    jvpWithOutputs: (primals, tangents, { program }) => {
      const wrt = tangents.map((t) => t !== null)
      const active = activeOutputs(program, wrt, primals[0].backend)
      const outputs = bind(checkpointPrimitive, primals, { program })
      const pushed = [...bind(tangentPrimitive, [...primals, ...present(tangents)], { program, wrt, active })]
      return { outputs, tangents: active.map((on): MaybeZero => (on ? (pushed.shift() as Tensor) : null)) }
    },
  },
)

/** primals, tangents -> tangents of the active outputs; linear in the tangents, and computing all it needs. */
const tangentPrimitive: Primitive<TangentParams> = /* @__PURE__ */ definePrimitive<TangentParams>('checkpointTangent', {
  shape: (_, { program, active }) => program.outputs.filter((_, i) => active[i]),
  program: ({ program, wrt, active }) => tangentProgram(program, wrt, active),
  run: (inputs, { program, wrt, active }) => evaluateProgram(tangentProgram(program, wrt, active), inputs),
  jvpWithOutputs: (primals, tangents, { program, wrt, active }) =>
    throughCall(primals, tangents, tangentProgram(program, wrt, active)),
  transpose: (cotangents, inputs, { program, wrt, active }) => {
    const primals = inputs.flatMap((x) => (x.linear ? [] : [x.value]))
    const outputs = program.outputs.filter((_, i) => active[i])
    const cts = cotangents.map((ct, i) => instantiate(ct, outputs[i]))
    const results = [
      ...bind(recomputePrimitive, [...primals, ...cts], {
        body: pullbackProgram(program, wrt, active, primals[0].backend),
      }),
    ]
    return inputs.map((x) => (x.linear ? (results.shift() as Tensor) : null))
  },
})

/** A Program that simplification may not merge with what surrounds it: recomputing is its purpose. */
const recomputePrimitive: Primitive<{ body: Program }> = /* @__PURE__ */ definePrimitive<{ body: Program }>(
  'recompute',
  {
    shape: (_, { body }) => body.outputs,
    run: (inputs, { body }) => evaluateProgram(body, inputs),
    jvpWithOutputs: (primals, tangents, { body }) => throughCall(primals, tangents, body),
    transpose: (cotangents, inputs, { body }) =>
      callPrimitive.transpose?.(cotangents, inputs, { name: 'recompute', program: body }) ?? [],
    vmap: (inputs, batched, size, { body }) =>
      bind(recomputePrimitive, inputs, { body: batchedProgram(body, batched, size, inputs[0].backend) }),
  },
)

function throughCall(primals: readonly Tensor[], tangents: readonly MaybeZero[], program: Program) {
  const rule = callPrimitive.jvpWithOutputs as NonNullable<typeof callPrimitive.jvpWithOutputs>
  return rule(primals, tangents, { name: 'checkpoint', program })
}

function tangentProgram(program: Program, wrt: readonly boolean[], active: readonly boolean[]): Program {
  return once(program, `tangent:${maskKey(wrt)}`, () => {
    const both = jvpProgram(program, wrt, active, defaultBackend())
    return { ...both, outputs: both.outputs.slice(program.outputs.length) }
  })
}

function pullbackProgram(
  program: Program,
  wrt: readonly boolean[],
  active: readonly boolean[],
  backend: Backend,
): Program {
  return once(program, `pullback:${maskKey(wrt)}:${identity(backend)}`, () => {
    const n = program.inputs.length
    const outputs = program.outputs.filter((_, i) => active[i])
    const closed = traceProgram(
      (inputs) => {
        const linear = linearizeFlat((xs) => evaluateProgram(program, xs), inputs.slice(0, n), wrt)
        const cts = inputs.slice(n)
        const placed = active.map((on): MaybeZero => (on ? (cts.shift() as Tensor) : null))
        const results = pullback(linear, placed)
        return program.inputs.filter((_, i) => wrt[i]).map((v, i) => instantiate(results[i], v))
      },
      [...program.inputs, ...outputs],
      backend,
    )
    return withConstants(closed)
  })
}
