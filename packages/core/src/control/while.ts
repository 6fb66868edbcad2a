// while: a loop whose length depends on its state; forward mode only, each lane of a batch to its own end.

import { bind } from '../bind.js'
import { where } from '../functions/elementwise.js'
import { reshape } from '../functions/movement.js'
import { any } from '../functions/reductions.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { everyLane } from '../primitives/rules.js'
import { evaluateProgram } from '../program/evaluate.js'
import { newVariable, type Program } from '../program/program.js'
import { runProgram } from '../program/run.js'
import { typeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { atMarks, filled, marked, marksOf } from '../trace/zeros.js'
import { batchedProgram, closedProgram, groupedProgram, jvpProgram, loopMarks, type Marks, once } from './derived.js'
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
  shape: (_, { body }) => body.outputs.map(typeOf),
  run: (inputs, params) => runProgram('while', selfProgram(whilePrimitive, inputs, params), inputs),
  jvpWithOutputs: (primals, tangents, params) => joint(primals, tangents, params),
  vmap: (inputs, batched, size, params) => batchedWhile(inputs, batched, size, params),
})

/** One loop over the state and its tangents. */
function joint(primals: readonly Tensor[], tangents: readonly MaybeZero[], params: WhileParams) {
  const { body, condConsts, bodyConsts } = params
  const [values, directions] = [primals.slice(condConsts), tangents.slice(condConsts)]
  const n = body.outputs.length
  const wrt = loopMarks(body, marksOf(directions), bodyConsts, n)
  if (!wrt.includes(true))
    return { outputs: bind(whilePrimitive, primals, params), tangents: body.outputs.map(() => null) }
  const [consts, state] = [values.slice(0, bodyConsts), values.slice(bodyConsts)]
  const moved = filled(directions, values, wrt)
  const dconsts = moved.splice(0, wrt.slice(0, bodyConsts).filter(Boolean).length)
  const operands = [...primals.slice(0, condConsts), ...consts, ...dconsts, ...state, ...moved]
  const results = bind(whilePrimitive, operands, {
    ...params,
    ...jointPrograms(params, wrt),
    bodyConsts: bodyConsts + dconsts.length,
  })
  return { outputs: results.slice(0, n), tangents: atMarks(wrt.slice(bodyConsts), results.slice(n)) }
}

function jointPrograms({ cond, body, bodyConsts }: WhileParams, wrt: Marks) {
  const [consts, state] = [body.inputs.slice(0, bodyConsts), body.inputs.slice(bodyConsts)]
  const dconsts = marked(consts, wrt)
  const dstate = marked(state, wrt.slice(bodyConsts))
  const pushed = jvpProgram(body, wrt, wrt.slice(bodyConsts))
  return {
    cond: once(cond, 'while-cond', [wrt, bodyConsts], () => ({
      ...cond,
      inputs: [...cond.inputs, ...dstate.map(newVariable)],
    })),
    body: once(body, 'while-body', [wrt, bodyConsts], () =>
      groupedProgram({ consts, dconsts, state, dstate }, (p) =>
        evaluateProgram(pushed, [...p.consts, ...p.state, ...p.dconsts, ...p.dstate]),
      ),
    ),
  }
}

/** The lanes step together while any goes on; those that are done keep their state. */
function batchedWhile(inputs: readonly Tensor[], batched: Marks, size: number, params: WhileParams): readonly Tensor[] {
  const { cond, body, condConsts, bodyConsts } = params
  const consts = condConsts + bodyConsts
  const everyState = body.outputs.map(() => true)
  const lanesCond = batchedProgram(cond, [...batched.slice(0, condConsts), ...everyState], size)
  const lanesBody = batchedProgram(body, [...batched.slice(condConsts, consts), ...everyState], size)
  const anyCond = once(lanesCond, 'any', [], () =>
    closedProgram((xs) => [any(evaluateProgram(lanesCond, xs)[0])], lanesCond.inputs),
  )
  const groups = { forCond: lanesCond.inputs.slice(0, condConsts), forBody: lanesBody.inputs }
  const masked = once(lanesBody, 'masked', [batched, condConsts], () =>
    groupedProgram(groups, ({ forCond, forBody }) => {
      const state = forBody.slice(bodyConsts)
      const [going] = evaluateProgram(lanesCond, [...forCond, ...state])
      return evaluateProgram(lanesBody, forBody).map((y, i) => where(expandLike(going, y), y, state[i]))
    }),
  )
  const state = inputs.slice(consts).map((x, i) => everyLane(x, batched[consts + i], size))
  const operands = [...inputs.slice(0, condConsts), ...inputs.slice(0, consts), ...state]
  return bind(whilePrimitive, operands, { ...params, cond: anyCond, body: masked, bodyConsts: consts })
}

/** One flag for each lane, in as many axes as the values it chooses. */
export function expandLike(lanes: Tensor, { ndim }: Tensor): Tensor {
  return reshape(lanes, [lanes.size, ...new Array<number>(ndim - 1).fill(1)])
}
