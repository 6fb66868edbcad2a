// while: a loop whose length depends on its state; forward mode only, each lane of a batch to its own end.

import type { Backend } from '../backend/backend.js'
import { bind } from '../bind.js'
import { identity } from '../compile/hash.js'
import { where } from '../functions/elementwise.js'
import { reshape } from '../functions/movement.js'
import { any } from '../functions/reductions.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { runProgram } from '../program/run.js'
import { traceProgram } from '../program/trace.js'
import type { Tensor } from '../tensor.js'
import { instantiate } from '../trace/zeros.js'
import { present } from './call.js'
import { withConstants } from './constant.js'
import { activeOutputs, batchedProgram, jvpProgram, maskKey, once } from './derived.js'
import { selfProgram } from './self.js'

/** Parameters of `while`; inputs are constants of the condition, of the body, then the state. */
export interface WhileParams {
  readonly cond: Program
  readonly body: Program
  readonly condConsts: number
  readonly bodyConsts: number
  readonly maxSteps: number | null
}

export const whilePrimitive: Primitive<WhileParams> = /* @__PURE__ */ definePrimitive<WhileParams>('while', {
  shape: (_, { body }) => body.outputs.map(({ shape, dtype }) => ({ shape, dtype })),
  run: (inputs, params) => runProgram('while', selfProgram(whilePrimitive, inputs, params), inputs),
  jvpWithOutputs: (primals, tangents, params) => joint(primals, tangents, params),
  vmap: (inputs, batched, size, params) => batchedWhile(inputs, batched, size, params),
})

/** One loop over the state and its tangents. */
function joint(primals: readonly Tensor[], tangents: readonly MaybeZero[], params: WhileParams) {
  const { body, condConsts, bodyConsts } = params
  const backend = primals[0].backend
  const constTangents = tangents.slice(condConsts, condConsts + bodyConsts)
  const state = primals.slice(condConsts + bodyConsts)
  const carried = activeState(
    body,
    constTangents.map((t) => t !== null),
    tangents.slice(condConsts + bodyConsts).map((t) => t !== null),
    backend,
  )
  const wrt = [...constTangents.map((t) => t !== null), ...carried]
  if (!wrt.includes(true)) return { outputs: bind(whilePrimitive, primals, params), tangents: state.map(() => null) }
  const given = state.flatMap((x, i) => (carried[i] ? [instantiate(tangents[condConsts + bodyConsts + i], x)] : []))
  const consts = present(constTangents)
  const bodies = jointPrograms(params, wrt, carried, backend)
  const operands = [
    ...primals.slice(0, condConsts),
    ...primals.slice(condConsts, condConsts + bodyConsts),
    ...consts,
    ...state,
    ...given,
  ]
  const results = [...bind(whilePrimitive, operands, { ...params, ...bodies, bodyConsts: bodyConsts + consts.length })]
  const outputs = results.splice(0, state.length)
  return { outputs, tangents: carried.map((on): MaybeZero => (on ? (results.shift() as Tensor) : null)) }
}

function activeState(
  body: Program,
  consts: readonly boolean[],
  start: readonly boolean[],
  backend: Backend,
): boolean[] {
  let active = [...start]
  for (;;) {
    const outputs = activeOutputs(body, [...consts, ...active], backend)
    const next = active.map((on, i) => on || outputs[i])
    if (next.every((on, i) => on === active[i])) return active
    active = next
  }
}

function jointPrograms(
  { cond, body, condConsts, bodyConsts }: WhileParams,
  wrt: readonly boolean[],
  carried: readonly boolean[],
  backend: Backend,
) {
  const stateTypes = body.outputs
  const tangentTypes = stateTypes.filter((_, i) => carried[i])
  const key = `${condConsts}:${bodyConsts}:${maskKey(wrt)}:${identity(backend)}`
  const jointCond = once(cond, `while-cond:${key}`, () => ({
    ...cond,
    inputs: [...cond.inputs, ...tangentTypes.map(({ shape, dtype }) => ({ kind: 'variable' as const, shape, dtype }))],
  }))
  const jointBody = once(body, `while-body:${key}`, () => {
    const constTangents = body.inputs.slice(0, bodyConsts).filter((_, i) => wrt[i])
    const pushed = jvpProgram(body, wrt, carried, backend)
    const avals = [...body.inputs.slice(0, bodyConsts), ...constTangents, ...stateTypes, ...tangentTypes]
    const closed = traceProgram(
      (inputs) => {
        const take = (k: number) => inputs.splice(0, k)
        const [consts, dconsts, state, dstate] = [
          take(bodyConsts),
          take(constTangents.length),
          take(stateTypes.length),
          inputs,
        ]
        return evaluateProgram(pushed, [...consts, ...state, ...dconsts, ...dstate])
      },
      avals,
      backend,
    )
    return withConstants(closed)
  })
  return { cond: jointCond, body: jointBody }
}

/** The lanes step together while any goes on; those that are done keep their state. */
function batchedWhile(
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
  params: WhileParams,
): readonly Tensor[] {
  const { cond, body, condConsts, bodyConsts } = params
  const backend = inputs[0].backend
  const [condMarks, bodyMarks] = [batched.slice(0, condConsts), batched.slice(condConsts, condConsts + bodyConsts)]
  const everyState = body.outputs.map(() => true)
  const lanesCond = batchedProgram(cond, [...condMarks, ...everyState], size, backend)
  const lanesBody = batchedProgram(body, [...bodyMarks, ...everyState], size, backend)
  const stateTypes = lanesBody.inputs.slice(bodyConsts)
  const condTypes = lanesCond.inputs.slice(0, condConsts)
  const key = `${condConsts}:${bodyConsts}:${maskKey(batched)}:${size}:${identity(backend)}`
  const anyCond = once(lanesCond, `any:${key}`, () =>
    withConstants(traceProgram((xs) => [any(evaluateProgram(lanesCond, xs)[0])], lanesCond.inputs, backend)),
  )
  const masked = once(lanesBody, `masked:${key}`, () => {
    const avals = [...condTypes, ...lanesBody.inputs.slice(0, bodyConsts), ...stateTypes]
    const closed = traceProgram(
      (xs) => {
        const [forCond, forBody, state] = [
          xs.slice(0, condConsts),
          xs.slice(condConsts, condConsts + bodyConsts),
          xs.slice(condConsts + bodyConsts),
        ]
        const [going] = evaluateProgram(lanesCond, [...forCond, ...state])
        const next = evaluateProgram(lanesBody, [...forBody, ...state])
        return next.map((y, i) => where(reshape(going, [size, ...new Array<number>(y.ndim - 1).fill(1)]), y, state[i]))
      },
      avals,
      backend,
    )
    return withConstants(closed)
  })
  const state = inputs
    .slice(condConsts + bodyConsts)
    .map((x, i) => (batched[condConsts + bodyConsts + i] ? x : x.broadcastTo([size, ...x.shape])))
  const consts = inputs.slice(0, condConsts + bodyConsts)
  return bind(whilePrimitive, [...inputs.slice(0, condConsts), ...consts, ...state], {
    ...params,
    cond: anyCond,
    body: masked,
    bodyConsts: condConsts + bodyConsts,
  })
}
