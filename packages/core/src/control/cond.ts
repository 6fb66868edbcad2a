// cond: one of two branches, chosen by a scalar; a batched choice computes both and selects.

import { bind } from '../bind.js'
import { where } from '../functions/elementwise.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { runProgram } from '../program/run.js'
import type { Tensor } from '../tensor.js'
import { atMarks, filled, knownValues, marked, marksOf, present, zerosOf } from '../trace/zeros.js'
import {
  activeOutputs,
  batchedProgram,
  closedProgram,
  forwardOnly,
  groupedProgram,
  jvpProgram,
  type LinearPair,
  linearizeProgram,
  type Marks,
  transposedProgram,
} from './derived.js'
import { selfProgram } from './self.js'
import { expandLike } from './while.js'

/** Parameters of `cond`; inputs are the predicate, then the operands of both branches. */
export interface CondParams {
  readonly onTrue: Program
  readonly onFalse: Program
}

/** The same of both branches. */
function both<T>({ onTrue, onFalse }: CondParams, make: (branch: Program) => T): { onTrue: T; onFalse: T } {
  return { onTrue: make(onTrue), onFalse: make(onFalse) }
}

export const condPrimitive: Primitive<CondParams> = /* @__PURE__ */ definePrimitive<CondParams>('cond', {
  shape: (_, { onTrue }) => onTrue.outputs.map(({ shape, dtype, weak }) => ({ shape, dtype, weak })),
  run: (inputs, params) => runProgram('cond', selfProgram(condPrimitive, inputs, params), inputs),
  jvpWithOutputs: (primals, tangents, params) => linearized(primals, tangents, params),
  transpose: (cotangents, inputs, params) => {
    const [pred, ...operands] = inputs
    if (pred.linear) return inputs.map(() => null)
    const linear = operands.map((x) => x.linear)
    const back = both(params, (branch) => transposedProgram(branch, linear))
    const cts = filled(cotangents, params.onTrue.outputs)
    return [null, ...atMarks(linear, bind(condPrimitive, [...knownValues(inputs), ...cts], back))]
  },
  vmap: ([pred, ...operands], [batchedPred, ...batched], size, params) => {
    const lanes = both(params, (branch) => batchedProgram(branch, batched, size))
    if (!batchedPred) return bind(condPrimitive, [pred, ...operands], lanes)
    const { onTrue, onFalse } = both(lanes, (branch) => evaluateProgram(branch, operands))
    return onTrue.map((x, i) => where(expandLike(pred, x), x, onFalse[i]))
  },
})

/** Both branches are linearized; the chosen one leaves its residuals, the other zeros. */
function linearized([pred, ...operands]: readonly Tensor[], [, ...tangents]: readonly MaybeZero[], params: CondParams) {
  const wrt = marksOf(tangents)
  const { onTrue, onFalse } = params
  if (forwardOnly(onTrue, wrt) || forwardOnly(onFalse, wrt)) return joint(pred, operands, tangents, params)
  const [a, b] = [linearizeProgram(onTrue, wrt), linearizeProgram(onFalse, wrt)]
  const { outputs } = onTrue
  const n = outputs.length
  const active = outputs.map((_, i) => a.activeOutputs[i] || b.activeOutputs[i])
  const [yes, no] = [a.primal.outputs.slice(n), b.primal.outputs.slice(n)]
  const primal = { onTrue: padded(a, n, [], no), onFalse: padded(b, n, yes, []) }
  const results = bind(condPrimitive, [pred, ...operands], primal)
  const directions = marked(onTrue.inputs, wrt)
  const linear = {
    onTrue: spread(a, { own: yes, other: no, directions }, active, outputs),
    onFalse: spread(b, { other: yes, own: no, directions }, active, outputs),
  }
  const pushed = bind(condPrimitive, [pred, ...results.slice(n), ...present(tangents)], linear)
  return { outputs: results.slice(0, n), tangents: atMarks(active, pushed) }
}

/** Outputs and tangents from the same branch: forward mode through loops of unknown length. */
function joint(pred: Tensor, operands: readonly Tensor[], tangents: readonly MaybeZero[], params: CondParams) {
  const wrt = marksOf(tangents)
  const { onTrue, onFalse } = both(params, (branch) => activeOutputs(branch, wrt))
  const active = onTrue.map((on, i) => on || onFalse[i])
  const programs = both(params, (branch) => jvpProgram(branch, wrt, active))
  const results = bind(condPrimitive, [pred, ...operands, ...present(tangents)], programs)
  const n = active.length
  return { outputs: results.slice(0, n), tangents: atMarks(active, results.slice(n)) }
}

type Types = Program['outputs']

/** The branch with zeros in place of the other branch's residuals. */
function padded({ primal }: LinearPair, n: number, before: Types, after: Types): Program {
  return closedProgram((inputs) => {
    const results = evaluateProgram(primal, inputs)
    return [...results.slice(0, n), ...before.map(zerosOf), ...results.slice(n), ...after.map(zerosOf)]
  }, primal.inputs)
}

/** residuals of both branches, tangents -> tangents of the active outputs. */
function spread(
  { linear, activeOutputs: own }: LinearPair,
  groups: Readonly<Record<'own' | 'other' | 'directions', Types>>,
  active: Marks,
  outputs: Types,
): Program {
  return groupedProgram(groups, ({ own: residuals, directions }) => {
    const tangents = atMarks(own, evaluateProgram(linear, [...residuals, ...directions]))
    return filled(tangents, outputs, active)
  })
}
