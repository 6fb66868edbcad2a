// cond: one of two branches, chosen by a scalar; a batched choice computes both and selects.

import type { Backend } from '../backend/backend.js'
import { bind } from '../bind.js'
import { identity } from '../compile/hash.js'
import { where } from '../functions/elementwise.js'
import { reshape } from '../functions/movement.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { runProgram } from '../program/run.js'
import { traceProgram } from '../program/trace.js'
import type { Tensor } from '../tensor.js'
import { instantiate, zerosOf } from '../trace/zeros.js'
import { present } from './call.js'
import { withConstants } from './constant.js'
import {
  activeOutputs,
  batchedProgram,
  forwardOnly,
  jvpProgram,
  type LinearPair,
  linearizeProgram,
  maskKey,
  once,
  transposedProgram,
} from './derived.js'
import { selfProgram } from './self.js'

/** Parameters of `cond`; inputs are the predicate, then the operands of both branches. */
export interface CondParams {
  readonly onTrue: Program
  readonly onFalse: Program
}

export const condPrimitive: Primitive<CondParams> = /* @__PURE__ */ definePrimitive<CondParams>('cond', {
  shape: (_, { onTrue }) => onTrue.outputs.map(({ shape, dtype, weak }) => ({ shape, dtype, weak })),
  run: (inputs, params) => runProgram('cond', selfProgram(condPrimitive, inputs, params), inputs),
  jvpWithOutputs: (primals, tangents, params) => linearized(primals, tangents, params),
  transpose: (cotangents, inputs, { onTrue, onFalse }) => {
    const [pred, ...operands] = inputs
    if (pred.linear) return inputs.map(() => null)
    const linear = operands.map((x) => x.linear)
    const backend = pred.value.backend
    const values = operands.flatMap((x) => (x.linear ? [] : [x.value]))
    const cts = cotangents.map((ct, i) => instantiate(ct, onTrue.outputs[i]))
    const back = {
      onTrue: transposedProgram(onTrue, linear, backend),
      onFalse: transposedProgram(onFalse, linear, backend),
    }
    const results = [...bind(condPrimitive, [pred.value, ...values, ...cts], back)]
    return [null, ...linear.map((on): MaybeZero => (on ? (results.shift() as Tensor) : null))]
  },
  vmap: ([pred, ...operands], [batchedPred, ...batched], size, { onTrue, onFalse }) => {
    const backend = pred.backend
    const lanes = {
      onTrue: batchedProgram(onTrue, batched, size, backend),
      onFalse: batchedProgram(onFalse, batched, size, backend),
    }
    if (!batchedPred) return bind(condPrimitive, [pred, ...operands], lanes)
    const [a, b] = [evaluateProgram(lanes.onTrue, operands), evaluateProgram(lanes.onFalse, operands)]
    return a.map((x, i) => where(reshape(pred, [size, ...new Array<number>(x.ndim - 1).fill(1)]), x, b[i]))
  },
})

/** Both branches are linearized; the chosen one leaves its residuals, the other zeros. */
function linearized(
  [pred, ...operands]: readonly Tensor[],
  [, ...tangents]: readonly MaybeZero[],
  { onTrue, onFalse }: CondParams,
) {
  const backend = pred.backend
  const wrt = tangents.map((t) => t !== null)
  if (forwardOnly(onTrue, wrt, backend) || forwardOnly(onFalse, wrt, backend))
    return joint(pred, operands, tangents, { onTrue, onFalse })
  const pairs = { onTrue: linearizeProgram(onTrue, wrt, backend), onFalse: linearizeProgram(onFalse, wrt, backend) }
  const active = onTrue.outputs.map((_, i) => pairs.onTrue.activeOutputs[i] || pairs.onFalse.activeOutputs[i])
  const n = onTrue.outputs.length
  const residuals = { onTrue: residualTypes(pairs.onTrue, n), onFalse: residualTypes(pairs.onFalse, n) }
  const key = `${maskKey(wrt)}:${maskKey(active)}:${identity(backend)}`
  const primal = {
    onTrue: once(pairs.onTrue.primal, `cond:true:${key}`, () =>
      padded(pairs.onTrue.primal, n, [], residuals.onFalse, backend),
    ),
    onFalse: once(pairs.onFalse.primal, `cond:false:${key}`, () =>
      padded(pairs.onFalse.primal, n, residuals.onTrue, [], backend),
    ),
  }
  const results = bind(condPrimitive, [pred, ...operands], primal)
  const types = onTrue.inputs.filter((_, i) => wrt[i])
  const linear = {
    onTrue: once(pairs.onTrue.linear, `cond:linear:true:${key}`, () =>
      spread(pairs.onTrue, [], residuals.onFalse, types, active, onTrue, backend),
    ),
    onFalse: once(pairs.onFalse.linear, `cond:linear:false:${key}`, () =>
      spread(pairs.onFalse, residuals.onTrue, [], types, active, onFalse, backend),
    ),
  }
  const pushed = [...bind(condPrimitive, [pred, ...results.slice(n), ...present(tangents)], linear)]
  return {
    outputs: results.slice(0, n),
    tangents: active.map((on): MaybeZero => (on ? (pushed.shift() as Tensor) : null)),
  }
}

/** Outputs and tangents from the same branch: forward mode through loops of unknown length. */
function joint(
  pred: Tensor,
  operands: readonly Tensor[],
  tangents: readonly MaybeZero[],
  { onTrue, onFalse }: CondParams,
) {
  const { backend } = pred
  const wrt = tangents.map((t) => t !== null)
  const [a, b] = [activeOutputs(onTrue, wrt, backend), activeOutputs(onFalse, wrt, backend)]
  const active = a.map((on, i) => on || b[i])
  const both = { onTrue: jvpProgram(onTrue, wrt, active, backend), onFalse: jvpProgram(onFalse, wrt, active, backend) }
  const results = [...bind(condPrimitive, [pred, ...operands, ...present(tangents)], both)]
  const outputs = results.splice(0, active.length)
  return { outputs, tangents: active.map((on): MaybeZero => (on ? (results.shift() as Tensor) : null)) }
}

type Types = Program['outputs']

function residualTypes({ primal, residuals }: LinearPair, outputs: number): Types {
  return primal.outputs.slice(outputs, outputs + residuals)
}

/** The branch with zeros in place of the other branch's residuals. */
function padded(primal: Program, outputs: number, before: Types, after: Types, backend: Backend): Program {
  return withConstants(
    traceProgram(
      (inputs) => {
        const results = evaluateProgram(primal, inputs)
        return [...results.slice(0, outputs), ...before.map(zerosOf), ...results.slice(outputs), ...after.map(zerosOf)]
      },
      primal.inputs,
      backend,
    ),
  )
}

/** residuals of both branches, tangents -> tangents of the active outputs. */
function spread(
  { linear, activeOutputs: own, residuals }: LinearPair,
  before: Types,
  after: Types,
  types: Types,
  active: readonly boolean[],
  branch: Program,
  backend: Backend,
): Program {
  const mine = linear.inputs.slice(0, residuals)
  return withConstants(
    traceProgram(
      (inputs) => {
        const values = inputs.slice(before.length, before.length + residuals)
        const tangents = inputs.slice(before.length + residuals + after.length)
        const results = evaluateProgram(linear, [...values, ...tangents])
        return branch.outputs.flatMap((out, i) => {
          const tangent = own[i] ? (results.shift() as Tensor) : null
          return active[i] ? [instantiate(tangent, out)] : []
        })
      },
      [...before, ...mine, ...after, ...types],
      backend,
    ),
  )
}
