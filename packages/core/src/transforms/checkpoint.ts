// checkpoint: keep only the inputs of a function for the backward pass, and compute the rest again there.
// A. Griewank, A. Walther, Algorithm 799: revolve, ACM TOMS 2000.

import { bind } from '../bind.js'
import { callPrimitive } from '../control/call.js'
import { activeOutputs, batchedProgram, groupedProgram, jvpProgram, type Marks, once } from '../control/derived.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { evaluateProgram, programPrimitive, runEquations } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import type { Tensor } from '../tensor.js'
import { atMarks, filled, knownValues, marked, marksOf, present } from '../trace/zeros.js'
import type { TensorsOf } from '../tree.js'
import { linearizeFlat, pullback } from './linearize-flat.js'
import { wrapped } from './traced.js'

interface CheckpointParams {
  readonly program: Program
}

interface TangentParams extends CheckpointParams {
  readonly wrt: Marks
  readonly active: Marks
}

/**
 * The function, with less memory in reverse mode: its intermediates are computed again in the backward pass.
 *
 * @example
 * const block = checkpoint((x: Tensor) => x.sin().exp().mul(x))
 * grad((x: Tensor) => block(x).sum())(tensor([1, 2]))
 */
export function checkpoint<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => TensorsOf<R> {
  return wrapped('checkpoint', fn, checkpointPrimitive, ({ program }) => ({ program }))
}

const checkpointPrimitive: Primitive<CheckpointParams> = /* @__PURE__ */ programPrimitive<CheckpointParams>(
  'checkpoint',
  ({ program }) => program,
  {
    vmap: (inputs, batched, size, { program }) =>
      bind(checkpointPrimitive, inputs, { program: batchedProgram(program, batched, size) }),
    jvpWithOutputs: (primals, tangents, { program }) => {
      const wrt = marksOf(tangents)
      const active = activeOutputs(program, wrt)
      const outputs = bind(checkpointPrimitive, primals, { program })
      const pushed = bind(tangentPrimitive, [...primals, ...present(tangents)], { program, wrt, active })
      return { outputs, tangents: atMarks(active, pushed) }
    },
  },
)

/** primals, tangents -> tangents of the active outputs; linear in the tangents, and computing all it needs. */
const tangentPrimitive: Primitive<TangentParams> = /* @__PURE__ */ programPrimitive<TangentParams>(
  'checkpointTangent',
  tangentProgram,
  {
    shape: (_, { program, active }) => marked(program.outputs, active),
    jvpWithOutputs: (primals, tangents, params) => throughCall(primals, tangents, tangentProgram(params)),
    transpose: (cotangents, inputs, { program, wrt, active }) => {
      const operands = [...knownValues(inputs), ...filled(cotangents, marked(program.outputs, active))]
      const body = pullbackProgram(program, wrt, active)
      return atMarks(
        inputs.map((x) => x.linear),
        bind(recomputePrimitive, operands, { body }),
      )
    },
  },
)

/** A Program that simplification may not merge with what surrounds it: recomputing is its purpose. */
const recomputePrimitive: Primitive<{ body: Program }> = /* @__PURE__ */ definePrimitive<{ body: Program }>(
  'recompute',
  {
    shape: (_, { body }) => body.outputs,
    run: (inputs, { body }) => runEquations(body, inputs),
    jvpWithOutputs: (primals, tangents, { body }) => throughCall(primals, tangents, body),
    transpose: (cotangents, inputs, { body }) =>
      callPrimitive.transpose?.(cotangents, inputs, { name: 'recompute', program: body }) ?? [],
    vmap: (inputs, batched, size, { body }) =>
      bind(recomputePrimitive, inputs, { body: batchedProgram(body, batched, size) }),
  },
)

function throughCall(primals: readonly Tensor[], tangents: readonly MaybeZero[], program: Program) {
  const rule = callPrimitive.jvpWithOutputs as NonNullable<typeof callPrimitive.jvpWithOutputs>
  return rule(primals, tangents, { name: 'checkpoint', program })
}

function tangentProgram({ program, wrt, active }: TangentParams): Program {
  return once(program, 'tangent', [wrt], () => {
    const both = jvpProgram(program, wrt, active)
    return { ...both, outputs: both.outputs.slice(program.outputs.length) }
  })
}

function pullbackProgram(program: Program, wrt: Marks, active: Marks): Program {
  const groups = { primals: program.inputs, cotangents: marked(program.outputs, active) }
  return once(program, 'pullback', [wrt], () =>
    groupedProgram(groups, ({ primals, cotangents }) => {
      const linear = linearizeFlat((xs) => evaluateProgram(program, xs), primals, wrt)
      return filled(pullback(linear, atMarks(active, cotangents)), marked(program.inputs, wrt))
    }),
  )
}
