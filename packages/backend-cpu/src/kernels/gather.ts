// gather and scatter: rows of a tensor addressed by index tuples, clipped into range or dropped outside it.

import type { CpuKernelApi, CpuKernelFactory, KernelCall } from '@adjoint/core'
import type { BinaryOp, Scalar, Statement } from '@adjoint/core/codegen'
import { binary, constant, int, plus, sizeOf } from '@adjoint/core/codegen'
import {
  type Builder,
  compileLoops,
  type Loops,
  load,
  loop,
  named,
  newBuilder,
  store,
  times,
  when,
} from '../loops/builder.js'

/** Parameters that gather and scatter share. */
export interface IndexParams {
  /** Leading axes that data and indices have in common. */
  readonly batch: number
  readonly mode: 'clip' | 'drop'
}

/** Parameters of scatter. */
export interface ScatterParams extends IndexParams {
  readonly combine: 'add' | 'set' | 'min' | 'max'
}

/** What happens for one index tuple: where its row of data starts, and its row of gathered values or updates. */
type RowBody = (data: Scalar, row: Scalar, length: Scalar) => { inside: Statement[]; outside: Statement[] }

/** `[B.., D1..Dk, R..]` at `[B.., N.., k]` gives `[B.., N.., R..]`; zeros where an index is dropped. */
export const gather: CpuKernelFactory<IndexParams> = (api, call) => {
  const { dtype } = call.inputs[0]
  return compileRows(api, 'gather', call, call.inputs.slice(0, 2), (builder, buffers) => (data, row, length) => {
    const fill = (value: (j: Scalar) => Scalar) => [
      loop(builder, int(0), length, 1, (j) => [store(buffers - 1, plus(row, j), value(j))]),
    ]
    return { inside: fill((j) => load(0, plus(data, j), dtype)), outside: fill(() => constant(0, dtype)) }
  })
}

/** The data with rows `[B.., N.., R..]` combined into it, in row-major order: the last one set stays. */
export const scatter: CpuKernelFactory<ScatterParams> = (api, call) => {
  const { inputs, params } = call
  const { dtype } = inputs[0]
  const merge = (old: Scalar, value: Scalar): Scalar =>
    params.combine === 'set' ? value : binary(OPERATIONS[params.combine], old, value)
  const run = compileRows(api, `scatter ${params.combine}`, call, inputs, (builder, buffers) => (data, row, length) => {
    const out = buffers - 1
    const body = loop(builder, int(0), length, 1, (j) =>
      named(builder, plus(data, j), (at) => [
        store(out, at, merge(load(out, at, dtype), load(2, plus(row, j), dtype))),
      ]),
    )
    return { inside: [body], outside: [] }
  })
  return (arrays, outputs) => {
    outputs[0].set(arrays[0])
    run(arrays, outputs)
  }
}

const OPERATIONS: Record<'add' | 'min' | 'max', BinaryOp> = { add: 'add', min: 'min', max: 'max' }

function compileRows(
  api: CpuKernelApi,
  name: string,
  { inputs, outputs, params }: KernelCall<IndexParams>,
  read: KernelCall['inputs'],
  rowBody: (builder: Builder, buffers: number) => RowBody,
): Loops {
  const [{ shape: data }, { shape: indices }] = inputs
  const { batch, mode } = params
  const depth = indices[indices.length - 1]
  const builder = newBuilder()
  const rest = data.slice(batch + depth)
  const dims = data.slice(batch, batch + depth)
  const [batches, tuples, length, block] = [
    sizeOf(data.slice(0, batch)),
    sizeOf(indices.slice(batch, -1)),
    sizeOf(rest),
    sizeOf(data.slice(batch)),
  ].map((n) => builder.number(n))
  const limits = dims.map((n) => builder.number(n))
  const steps = dims.map((_, i) => builder.number(sizeOf(data.slice(batch + i + 1))))
  // Along an empty axis even a clipped index finds nothing.
  if (dims.includes(0)) return (_, outs) => void outs[0].fill(0)
  const body = rowBody(builder, read.length + 1)

  const tuple = (b: Scalar, t: Scalar): Statement[] => {
    const row = times(t, length)
    const visit = (d: number, at: Scalar, valid: Scalar | undefined): Statement[] => {
      if (d === depth) {
        const { inside, outside } = body(at, row, length)
        return valid === undefined ? inside : [when(valid, inside, outside)]
      }
      return named(builder, load(1, plus(times(t, int(depth)), int(d)), 'int32'), (index) => {
        const inRange = mode === 'clip' ? clipped(index, limits[d]) : index
        const within = mode === 'clip' ? undefined : both(valid, isInside(index, limits[d]))
        return named(builder, plus(at, times(inRange, steps[d])), (next) => visit(d + 1, next, within))
      })
    }
    return named(builder, times(b, block), (start) => visit(0, start, undefined))
  }

  const loops = loop(builder, int(0), batches, 1, (b) => [
    loop(builder, int(0), tuples, 1, (i) => named(builder, plus(times(b, tuples), i), (t) => tuple(b, t))),
  ])
  return compileLoops(api, name, [...read.map((x) => x.dtype), outputs[0].dtype], read.length, builder, [loops])
}

function clipped(index: Scalar, limit: Scalar): Scalar {
  return binary('max', binary('min', index, binary('sub', limit, int(1))), int(0))
}

function isInside(index: Scalar, limit: Scalar): Scalar {
  const aboveZero: Scalar = { op: 'le', args: [int(0), index], dtype: 'bool' }
  return binary('and', aboveZero, { op: 'lt', args: [index, limit], dtype: 'bool' })
}

function both(a: Scalar | undefined, b: Scalar): Scalar {
  return a === undefined ? b : binary('and', a, b)
}
