// scan: a loop of fixed length that carries state and collects outputs; differentiable in both directions.

import { bind } from '../bind.js'
import { AdjointError } from '../error.js'
import { add } from '../functions/arithmetic.js'
import { moveAxis } from '../functions/movement.js'
import { definePrimitive, type MaybeZero, type Primitive, type TransposeInput } from '../primitive.js'
import { everyLane } from '../primitives/rules.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program, Variable } from '../program/program.js'
import { runProgram } from '../program/run.js'
import { type Aval, formatAval, sameShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { atMarks, filled, knownValues, marked, marksOf, zerosOf } from '../trace/zeros.js'
import {
  activeOutputs,
  batchedProgram,
  forwardOnly,
  groupedProgram,
  jvpProgram,
  linearizeProgram,
  loopMarks,
  type Marks,
  once,
  transposedProgram,
} from './derived.js'
import { selfProgram } from './self.js'

/** Parameters of `scan`; inputs are constants, carry, then xs with a leading axis of `length`. */
export interface ScanParams {
  readonly body: Program
  readonly consts: number
  readonly carry: number
  readonly length: number
  readonly reverse: boolean
}

export const scanPrimitive: Primitive<ScanParams> = /* @__PURE__ */ definePrimitive<ScanParams>('scan', {
  shape: (_, params) => resultTypes(params),
  run: (inputs, params) => runProgram('scan', selfProgram(scanPrimitive, inputs, params), inputs),
  jvpWithOutputs: (primals, tangents, params) => linearized(primals, tangents, params),
  transpose: (cotangents, inputs, params) => transposed(cotangents, inputs, params),
  vmap: (inputs, batched, size, params) => batchedScan(inputs, batched, size, params),
})

/** The last carry, and what all steps return stacked. */
function resultTypes({ body, carry, length }: ScanParams): Aval[] {
  return body.outputs.map(({ shape, dtype }, i) => ({ shape: i < carry ? shape : [length, ...shape], dtype }))
}

/** What stands at the three kinds of inputs. */
interface Inputs<T> {
  readonly consts: readonly T[]
  readonly carry: readonly T[]
  readonly xs: readonly T[]
}

/** A list over the inputs by kind; only the marked ones, where marks are given. */
function byKind<T>(list: readonly T[], { consts, carry }: ScanParams, marks: Marks = list.map(() => true)): Inputs<T> {
  const part = (from: number, to?: number) => marked(list.slice(from, to), marks.slice(from, to))
  return { consts: part(0, consts), carry: part(consts, consts + carry), xs: part(consts + carry) }
}

/** Runs another loop of the same length. */
function loop(
  body: Program,
  { consts, carry, xs }: Inputs<Tensor>,
  { length, reverse }: ScanParams,
): [carry: Tensor[], ys: Tensor[]] {
  const params = { body, consts: consts.length, carry: carry.length, length, reverse }
  const results = bind(scanPrimitive, [...consts, ...carry, ...xs], params)
  return [results.slice(0, carry.length), results.slice(carry.length)]
}

/** Runs the loop keeping residuals of each step as further outputs, and scans its linear part over them. */
function linearized(primals: readonly Tensor[], tangents: readonly MaybeZero[], params: ScanParams) {
  const { body, consts, carry } = params
  const wrt = loopMarks(body, marksOf(tangents), consts, carry)
  const moving = byKind(atMarks(wrt, filled(tangents, primals, wrt)) as Tensor[], params, wrt)
  if (forwardOnly(body, wrt)) return joint(primals, moving, wrt, params)
  const split = splitResiduals(params, wrt)
  const results = bind(scanPrimitive, primals, { ...params, body: split.primal })
  const n = body.outputs.length
  const operands = {
    consts: [...moving.consts, ...split.fixed.map(([, source]) => primals[source])],
    carry: moving.carry,
    xs: [...moving.xs, ...split.columns.map(([, source]) => primals[source]), ...results.slice(n)],
  }
  const pushed = loop(linearBody(params, wrt), operands, params).flat()
  return { outputs: results.slice(0, n), tangents: atMarks(activeResults(split.active, wrt, params), pushed) }
}

/** Outputs that get a tangent: the state that does at some step, and those that do at each. */
function activeResults(active: Marks, wrt: Marks, { consts, carry }: ScanParams): Marks {
  return active.map((on, i) => (i < carry ? wrt[consts + i] : on))
}

type Source = readonly [residual: number, input: number]

interface Residuals {
  /** The body with those residuals as further outputs that differ from step to step. */
  readonly primal: Program
  readonly linear: Program
  readonly active: Marks
  /** Residuals that are constants of the loop, or its xs: they are there already. */
  readonly fixed: readonly Source[]
  readonly columns: readonly Source[]
  /** Residuals that each step leaves. */
  readonly kept: readonly number[]
}

/** Linearizes the body and sorts its residuals by where they can be had. */
function splitResiduals({ body, consts, carry }: ScanParams, wrt: Marks): Residuals {
  return once(body, 'scan-residuals', [wrt, consts, carry], () => {
    const { primal, linear, activeOutputs: active } = linearizeProgram(body, wrt)
    const n = body.outputs.length
    const residuals = primal.outputs.slice(n)
    const sources = residuals.map((r, i): Source => [i, primal.inputs.indexOf(r as Variable)])
    const fixed = sources.filter(([, source]) => source >= 0 && source < consts)
    const columns = sources.filter(([, source]) => source >= consts + carry)
    const kept = sources.filter((pair) => !fixed.includes(pair) && !columns.includes(pair)).map(([i]) => i)
    const outputs = [...primal.outputs.slice(0, n), ...kept.map((i) => residuals[i])]
    return { primal: { ...primal, outputs }, linear, active, fixed, columns, kept }
  })
}

/** One loop over values and tangents: forward mode through bodies that hold loops of unknown length. */
function joint(primals: readonly Tensor[], moving: Inputs<Tensor>, wrt: Marks, params: ScanParams) {
  const { body, carry } = params
  const active = activeResults(activeOutputs(body, wrt), wrt, params)
  const [n, dcarries] = [body.outputs.length, moving.carry.length]
  const inner = once(body, 'scan-joint', [wrt, params.consts, carry], () => {
    const pushed = jvpProgram(body, wrt, active)
    const [own, d] = [byKind(body.inputs, params), byKind(body.inputs, params, wrt)]
    const groups = {
      consts: own.consts,
      dconsts: d.consts,
      carry: own.carry,
      dcarry: d.carry,
      xs: own.xs,
      dxs: d.xs,
    }
    return groupedProgram(groups, (p) => {
      const results = evaluateProgram(pushed, [...p.consts, ...p.carry, ...p.xs, ...p.dconsts, ...p.dcarry, ...p.dxs])
      const [outputs, moved] = [results.slice(0, n), results.slice(n)]
      const next = [...outputs.slice(0, carry), ...moved.slice(0, dcarries)]
      return [...next, ...outputs.slice(carry), ...moved.slice(dcarries)]
    })
  })
  const own = byKind(primals, params)
  const operands = {
    consts: [...own.consts, ...moving.consts],
    carry: [...own.carry, ...moving.carry],
    xs: [...own.xs, ...moving.xs],
  }
  const [last, ys] = loop(inner, operands, params)
  return {
    outputs: [...last.slice(0, carry), ...ys.slice(0, n - carry)],
    tangents: atMarks(active, [...last.slice(carry), ...ys.slice(n - carry)]),
  }
}

/** (tangents of constants, fixed residuals), tangents of the carry, (tangents of xs, other residuals) -> tangents of the carry, of ys. */
function linearBody(params: ScanParams, wrt: Marks): Program {
  const { body, consts, carry } = params
  return once(body, 'scan-linear', [wrt, consts, carry], () => {
    const { linear, active, fixed, columns, kept } = splitResiduals(params, wrt)
    const order = [...fixed, ...columns].map(([i]) => i).concat(kept)
    const types = order.map((i) => linear.inputs[i])
    const d = byKind(body.inputs, params, wrt)
    const groups = {
      dconsts: d.consts,
      fixed: types.slice(0, fixed.length),
      directions: [...d.carry, ...d.xs],
      others: types.slice(fixed.length),
    }
    return groupedProgram(groups, (p) => {
      const residuals: Tensor[] = []
      ;[...p.fixed, ...p.others].forEach((value, k) => {
        residuals[order[k]] = value
      })
      const tangents = atMarks(active, evaluateProgram(linear, [...residuals, ...p.dconsts, ...p.directions]))
      return filled(tangents, body.outputs, activeResults(active, wrt, params))
    })
  })
}

/** The loop backwards: cotangents of the carry flow back, those of constants add up, those of xs are collected. */
function transposed(
  cotangents: readonly MaybeZero[],
  inputs: readonly TransposeInput[],
  params: ScanParams,
): MaybeZero[] {
  const { consts, carry, reverse } = params
  // A carry that starts at a known zero is linear all the same.
  const linear = inputs.map((x, i) => x.linear || (i >= consts && i < consts + carry))
  const fixed = byKind(
    inputs,
    params,
    linear.map((on) => !on),
  )
  const sums = marked(inputs.slice(0, consts), linear)
  const cts = filled(cotangents, resultTypes(params))
  const operands = {
    consts: knownValues(fixed.consts),
    carry: [...sums.map((x) => zerosOf(x.aval)), ...cts.slice(0, carry)],
    xs: [...knownValues(fixed.xs), ...cts.slice(carry)],
  }
  const results = loop(backwardBody(params, linear), operands, { ...params, reverse: !reverse })
  return atMarks(linear, results.flat())
}

/** fixed constants, (sums of constant cotangents, carry cotangents), (fixed xs, y cotangents) -> the same carries, x cotangents. */
function backwardBody(params: ScanParams, linear: Marks): Program {
  const { body, consts, carry } = params
  return once(body, 'scan-back', [linear, consts, carry], () => {
    const back = transposedProgram(body, linear)
    const fixed = byKind(
      body.inputs,
      params,
      linear.map((on) => !on),
    )
    const groups = {
      constants: fixed.consts,
      sums: marked(body.inputs.slice(0, consts), linear),
      carries: body.outputs.slice(0, carry),
      xs: fixed.xs,
      ys: body.outputs.slice(carry),
    }
    return groupedProgram(groups, ({ constants, sums, carries, xs, ys }) => {
      const results = evaluateProgram(back, [...constants, ...xs, ...carries, ...ys])
      return [...sums.map((total, i) => add(total, results[i])), ...results.slice(sums.length)]
    })
  })
}

function batchedScan(inputs: readonly Tensor[], batched: Marks, size: number, params: ScanParams): readonly Tensor[] {
  const { body, consts, carry } = params
  // Carries become batched once a step makes them so; batching all of them is right and keeps one Program.
  const isCarry = (i: number) => i >= consts && i < consts + carry
  const operands = inputs.map((x, i) => {
    if (isCarry(i)) return everyLane(x, batched[i], size)
    return i >= consts && batched[i] ? moveAxis(x, 0, 1) : x
  })
  const lanes = batched.map((on, i) => on || isCarry(i))
  const results = bind(scanPrimitive, operands, { ...params, body: batchedProgram(body, lanes, size) })
  return results.map((out, i) => (i < carry ? out : moveAxis(out, 0, 1)))
}

/** Refuses a body that returns its state under another type. */
export function checkLoopTypes(fn: string, before: readonly Aval[], after: readonly Aval[]): void {
  const wrong = before.findIndex(
    (x, i) => after[i] === undefined || !sameShape(x.shape, after[i].shape) || x.dtype !== after[i].dtype,
  )
  if (wrong < 0 && before.length === after.length) return
  const given =
    before.length === after.length
      ? `${formatAval(before[wrong])} that became ${formatAval(after[wrong])} in one step`
      : `${before.length} values that became ${after.length}`
  throw new AdjointError('loop-changed-type', {
    fn,
    given: `state ${given}`,
    expected: 'the structure, shapes and dtypes it had',
    fix: 'Cast or reshape it, or start from the final type; for growing sizes use bucket() and masks',
  })
}
