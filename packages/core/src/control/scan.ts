// scan: a loop of fixed length that carries state and collects outputs; differentiable in both directions.

import type { Backend } from '../backend/backend.js'
import { bind } from '../bind.js'
import { identity } from '../compile/hash.js'
import { AdjointError } from '../error.js'
import { definePrimitive, type MaybeZero, type Primitive } from '../primitive.js'
import { evaluateProgram } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { runProgram } from '../program/run.js'
import { traceProgram } from '../program/trace.js'
import { type Aval, formatAval, sameShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { instantiate, zerosOf } from '../trace/zeros.js'
import { present } from './call.js'
import { withConstants } from './constant.js'
import {
  activeOutputs,
  batchedProgram,
  forwardOnly,
  jvpProgram,
  linearizeProgram,
  maskKey,
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
  shape: (_, { body, carry, length }) =>
    body.outputs.map(({ shape, dtype }, i) => ({ shape: i < carry ? shape : [length, ...shape], dtype })),
  run: (inputs, params) => runProgram('scan', selfProgram(scanPrimitive, inputs, params), inputs),
  jvpWithOutputs: (primals, tangents, params) => linearized(primals, tangents, params),
  transpose: (cotangents, inputs, params) =>
    transposed(
      cotangents,
      inputs.map((x) => ({ aval: x.aval, value: x.linear ? null : x.value })),
      params,
    ),
  vmap: (inputs, batched, size, params) => batchedScan(inputs, batched, size, params),
})

/** Carries that get a tangent: those whose tangent is given or grows into being by the body. */
function activeCarry({ body, consts, carry }: ScanParams, wrt: readonly boolean[], backend: Backend): boolean[] {
  let active = wrt.slice(consts, consts + carry)
  for (;;) {
    const inputs = [...wrt.slice(0, consts), ...active, ...wrt.slice(consts + carry)]
    const outputs = activeOutputs(body, inputs, backend)
    const next = active.map((on, i) => on || outputs[i])
    if (next.every((on, i) => on === active[i])) return active
    active = next
  }
}

/** Runs the loop keeping residuals of each step as further outputs, and scans its linear part over them. */
function linearized(primals: readonly Tensor[], tangents: readonly MaybeZero[], params: ScanParams) {
  const { body, consts, carry } = params
  const backend = primals[0].backend
  const carried = activeCarry(
    params,
    tangents.map((t) => t !== null),
    backend,
  )
  const given = tangents.map((t, i) =>
    i >= consts && i < consts + carry && carried[i - consts] ? instantiate(t, primals[i]) : t,
  )
  const wrt = given.map((t) => t !== null)
  if (forwardOnly(body, wrt, backend)) return joint(primals, given, carried, params)
  const split = splitResiduals(params, wrt, backend)
  const results = bind(scanPrimitive, primals, { ...params, body: split.primal })
  const outputs = results.slice(0, body.outputs.length)
  const fixed = [...present(given.slice(0, consts)), ...split.fixed.map(([, source]) => primals[source])]
  const linearCarry = present(given.slice(consts, consts + carry))
  const columns = [...split.columns.map(([, source]) => primals[source]), ...results.slice(body.outputs.length)]
  const pushed = [
    ...bind(scanPrimitive, [...fixed, ...linearCarry, ...present(given.slice(consts + carry)), ...columns], {
      ...params,
      body: linearBody(params, wrt, carried, backend),
      consts: fixed.length,
      carry: linearCarry.length,
    }),
  ]
  return {
    outputs,
    tangents: outputs.map(
      (_, i): MaybeZero => ((i < carry ? carried[i] : split.active[i]) ? (pushed.shift() as Tensor) : null),
    ),
  }
}

interface Residuals {
  /** The body with those residuals as further outputs that differ from step to step. */
  readonly primal: Program
  readonly linear: Program
  readonly active: readonly boolean[]
  /** Residuals that are constants of the loop, or its xs: they are there already. Pairs of residual and input. */
  readonly fixed: readonly (readonly [residual: number, input: number])[]
  readonly columns: readonly (readonly [residual: number, input: number])[]
  /** Residuals that each step leaves. */
  readonly kept: readonly number[]
}

/** Linearizes the body and sorts its residuals by where they can be had. */
function splitResiduals({ body, consts, carry }: ScanParams, wrt: readonly boolean[], backend: Backend): Residuals {
  return once(body, `scan-residuals:${maskKey(wrt)}:${identity(backend)}`, () => {
    const { primal, linear, residuals, activeOutputs: active } = linearizeProgram(body, wrt, backend)
    const n = body.outputs.length
    const sources = range(0, residuals).map((r) => primal.inputs.findIndex((v) => v === primal.outputs[n + r]))
    const pick = (test: (source: number) => boolean) => range(0, residuals).filter((r) => test(sources[r]))
    const isColumn = (source: number) => source >= consts + carry
    const isFixed = (source: number) => source >= 0 && source < consts
    const kept = pick((source) => !isFixed(source) && !isColumn(source))
    return {
      primal: { ...primal, outputs: [...primal.outputs.slice(0, n), ...kept.map((r) => primal.outputs[n + r])] },
      linear,
      active,
      fixed: pick(isFixed).map((r) => [r, sources[r]] as const),
      columns: pick(isColumn).map((r) => [r, sources[r]] as const),
      kept,
    }
  })
}

/** One loop over values and tangents: forward mode through bodies that hold loops of unknown length. */
function joint(
  primals: readonly Tensor[],
  tangents: readonly MaybeZero[],
  carried: readonly boolean[],
  params: ScanParams,
) {
  const { body, consts, carry } = params
  const { backend } = primals[0]
  const wrt = tangents.map((t) => t !== null)
  const active = activeOutputs(body, wrt, backend).map((on, i) => (i < carry ? carried[i] : on))
  const pushed = jvpProgram(body, wrt, active, backend)
  const types = (from: number, to: number) => [
    ...body.inputs.slice(from, to),
    ...body.inputs.slice(from, to).filter((_, i) => wrt[from + i]),
  ]
  const values = (from: number, to: number) => [...primals.slice(from, to), ...present(tangents.slice(from, to))]
  const n = primals.length
  const parts = [
    [0, consts],
    [consts, consts + carry],
    [consts + carry, n],
  ] as const
  const inner = once(body, `scan-joint:${consts}:${carry}:${maskKey(wrt)}:${identity(backend)}`, () => {
    const closed = traceProgram(
      (inputs) => {
        const [own, directions]: [Tensor[], Tensor[]] = [[], []]
        for (const [from, to] of parts) {
          own.push(...inputs.splice(0, to - from))
          directions.push(...inputs.splice(0, count(wrt.slice(from, to))))
        }
        const results = evaluateProgram(pushed, [...own, ...directions])
        const [outputs, moved] = [results.slice(0, active.length), results.slice(active.length)]
        const k = count(carried)
        return [...outputs.slice(0, carry), ...moved.slice(0, k), ...outputs.slice(carry), ...moved.slice(k)]
      },
      parts.flatMap(([from, to]) => types(from, to)),
      backend,
    )
    return withConstants(closed)
  })
  const operands = parts.flatMap(([from, to]) => values(from, to))
  const k = count(carried)
  const results = bind(scanPrimitive, operands, {
    ...params,
    body: inner,
    consts: consts + count(wrt.slice(0, consts)),
    carry: carry + k,
  })
  const ys = body.outputs.length - carry
  const outputs = [...results.slice(0, carry), ...results.slice(carry + k, carry + k + ys)]
  const moved = [...results.slice(carry, carry + k), ...results.slice(carry + k + ys)]
  return { outputs, tangents: active.map((on): MaybeZero => (on ? (moved.shift() as Tensor) : null)) }
}

/** (tangents of constants, fixed residuals), tangents of the carry, (tangents of xs, other residuals) -> tangents of the carry, of ys. */
function linearBody(
  params: ScanParams,
  wrt: readonly boolean[],
  carried: readonly boolean[],
  backend: Backend,
): Program {
  const { body, consts, carry } = params
  return once(body, `scan-linear:${maskKey(wrt)}:${identity(backend)}`, () => {
    const { linear, active, fixed, columns, kept } = splitResiduals(params, wrt, backend)
    const types = body.inputs.filter((_, i) => wrt[i])
    const early = count(wrt.slice(0, consts))
    const order = [...fixed.map(([r]) => r), ...columns.map(([r]) => r), ...kept]
    const residualTypes = (list: readonly number[]) => list.map((r) => linear.inputs[r])
    const avals = [
      ...types.slice(0, early),
      ...residualTypes(order.slice(0, fixed.length)),
      ...types.slice(early),
      ...residualTypes(order.slice(fixed.length)),
    ]
    const closed = traceProgram(
      (inputs) => {
        const constants = inputs.splice(0, early)
        const values = inputs.splice(0, fixed.length)
        const directions = [...constants, ...inputs.splice(0, types.length - early)]
        const residuals: Tensor[] = []
        ;[...values, ...inputs].forEach((value, k) => {
          residuals[order[k]] = value
        })
        const results = evaluateProgram(linear, [...residuals, ...directions])
        return body.outputs.flatMap((out, i) => {
          const tangent = active[i] ? (results.shift() as Tensor) : null
          return (i < carry ? carried[i] : active[i]) ? [instantiate(tangent, out)] : []
        })
      },
      avals,
      backend,
    )
    return withConstants(closed)
  })
}

interface Operand {
  readonly aval: Aval
  /** Null for a linear operand. */
  readonly value: Tensor | null
}

/** The loop backwards: cotangents of the carry flow back, those of constants add up, those of xs are collected. */
function transposed(cotangents: readonly MaybeZero[], inputs: readonly Operand[], params: ScanParams): MaybeZero[] {
  const { body, consts, carry, length, reverse } = params
  const backend = (cotangents.find((ct) => ct !== null) as Tensor).backend
  // A carry that starts at a known zero is linear all the same.
  const linear = inputs.map((x, i) => x.value === null || (i >= consts && i < consts + carry))
  const parts = { consts: range(0, consts), xs: range(consts + carry, inputs.length) }
  const linearConsts = parts.consts.filter((i) => linear[i])
  const fixedConsts = parts.consts.filter((i) => !linear[i])
  const linearXs = parts.xs.filter((i) => linear[i])
  const fixedXs = parts.xs.filter((i) => !linear[i])
  const back = backwardBody(params, linear, backend)
  const valueOf = (i: number) => inputs[i].value as Tensor
  const start = [
    ...linearConsts.map((i) => zerosOf(inputs[i].aval)),
    ...range(0, carry).map((i) => instantiate(cotangents[i], body.outputs[i])),
  ]
  const ys = range(carry, body.outputs.length).map((i) =>
    instantiate(cotangents[i], { shape: [length, ...body.outputs[i].shape], dtype: body.outputs[i].dtype }),
  )
  const results = bind(scanPrimitive, [...fixedConsts.map(valueOf), ...start, ...fixedXs.map(valueOf), ...ys], {
    body: back,
    consts: fixedConsts.length,
    carry: start.length,
    length,
    reverse: !reverse,
  })
  const out: MaybeZero[] = inputs.map(() => null)
  const order = [...linearConsts, ...range(consts, consts + carry), ...linearXs]
  order.forEach((i, k) => {
    out[i] = results[k]
  })
  return out
}

/** fixed constants, (sums of constant cotangents, carry cotangents), (fixed xs, y cotangents) -> the same carries, x cotangents. */
function backwardBody({ body, consts, carry }: ScanParams, linear: readonly boolean[], backend: Backend): Program {
  return once(body, `scan-back:${consts}:${carry}:${maskKey(linear)}:${identity(backend)}`, () => {
    const pick = (from: number, to: number, on: boolean) => range(from, to).filter((i) => linear[i] === on)
    const n = body.inputs.length
    const [fixedConsts, sums, fixedXs] = [pick(0, consts, false), pick(0, consts, true), pick(consts + carry, n, false)]
    const transposedBody = transposedProgram(body, linear, backend)
    const types = [...fixedConsts, ...sums].map((i): Aval => body.inputs[i])
    const avals = [
      ...types,
      ...body.outputs.slice(0, carry),
      ...fixedXs.map((i) => body.inputs[i]),
      ...body.outputs.slice(carry),
    ]
    const closed = traceProgram(
      (inputs) => {
        const take = (k: number) => inputs.splice(0, k)
        const [constants, totals, carryCts, xs, yCts] = [
          take(fixedConsts.length),
          take(sums.length),
          take(carry),
          take(fixedXs.length),
          inputs,
        ]
        const results = evaluateProgram(transposedBody, [...constants, ...xs, ...carryCts, ...yCts])
        const added = totals.map((total, i) => total.add(results[i]))
        return [...added, ...results.slice(sums.length)]
      },
      avals,
      backend,
    )
    return withConstants(closed)
  })
}

function batchedScan(
  inputs: readonly Tensor[],
  batched: readonly boolean[],
  size: number,
  params: ScanParams,
): readonly Tensor[] {
  const { body, consts, carry } = params
  // Carries become batched once a step makes them so; batching all of them is right and keeps one Program.
  const marks = batched.map((on, i) => (i >= consts && i < consts + carry ? true : on))
  const inner = batchedProgram(body, marks, size, inputs[0].backend)
  const operands = inputs.map((x, i) => {
    if (i < consts) return x
    if (i < consts + carry) return batched[i] ? x : x.broadcastTo([size, ...x.shape])
    return batched[i] ? x.transpose([1, 0, ...range(2, x.ndim)]) : x
  })
  const results = bind(scanPrimitive, operands, { ...params, body: inner })
  return results.map((out, i) => (i < carry ? out : out.transpose([1, 0, ...range(2, out.ndim)])))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
}

function count(mask: readonly boolean[]): number {
  return mask.filter(Boolean).length
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
    expected: 'a body that returns its state in the structure, shapes and dtypes it got',
    fix: 'Cast or reshape before returning; start from a state of the final type; for growing sizes use bucket() and masks',
  })
}
