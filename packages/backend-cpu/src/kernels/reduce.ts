// Sums, products and extremes over axes, in memory order: rows with four running accumulators, columns with a row of them.
// Sums are blocked, so that rounding errors grow with the number of blocks instead of the number of elements.

import type { CpuKernelFactory, DType } from '@adjoint/core'
import type { BinaryOp, Scalar, Statement } from '@adjoint/core/codegen'
import {
  binary,
  constant,
  highest,
  int,
  isFloat,
  lowest,
  plus,
  sizeOf,
  stridesOf,
  variable,
} from '@adjoint/core/codegen'
import {
  assign,
  type Builder,
  cast,
  compileLoops,
  declare,
  independent,
  load,
  loop,
  named,
  newBuilder,
  store,
  times,
} from '../loops/builder.js'
import { along, collapse, nest, type Walk } from '../loops/walk.js'

/** Which reduction. */
export type Reduction = 'sum' | 'prod' | 'max' | 'min'

/** Elements summed before their sum joins the total. */
const BLOCK = 512
/** Rows added before their sums join the totals. */
const ROW_BLOCK = 128
/** Elements from which reductions run as WebAssembly. */
const LARGE = 1024
/** Columns whose accumulators stay in the cache. */
const STRIP = 2048

/** How a reduction combines two values of its accumulator's dtype. */
export interface Combiner {
  readonly dtype: DType
  /** The result for no values. */
  readonly start: number
  readonly identity: Scalar
  combine(a: Scalar, b: Scalar): Scalar
}

/** Floats accumulate in float64; bool extremes are the logical operations. */
export function combiner(reduction: Reduction, element: DType): Combiner {
  const dtype = isFloat(element) ? 'float64' : element
  const logical = { max: 'or', min: 'and' } as const
  const arithmetic = { sum: 'add', prod: 'mul', max: 'max', min: 'min' } as const
  const op: BinaryOp =
    dtype === 'bool' && (reduction === 'max' || reduction === 'min') ? logical[reduction] : arithmetic[reduction]
  const start = { sum: 0, prod: 1, max: lowest(dtype), min: highest(dtype) }[reduction]
  return { dtype, start, identity: constant(start, dtype), combine: (a, b) => binary(op, a, b) }
}

/** A factory for one of the four reductions. */
export function reduce(reduction: Reduction): CpuKernelFactory<{ readonly axes: readonly number[] }> {
  return (api, { inputs: [x], outputs: [out], params: { axes } }) => {
    const { dtype } = x
    const rule = combiner(reduction, dtype)
    const walk = reductionWalk(x.shape, axes)
    const reduced = walk.shape.map((_, i) => i).filter((i) => walk.strides[1][i] === 0)
    if (sizeOf(x.shape) === 0) return (_, [result]) => void result.fill(rule.start)
    if (reduced.length === 0) return ([data], [result]) => result.set(data)
    const builder = newBuilder()
    if (reduced[reduced.length - 1] === walk.shape.length - 1) {
      // WebAssembly sums several elements at once by itself.
      const plain = sizeOf(x.shape) >= LARGE && api.memory !== null
      const body = rows(builder, rule, walk, reduced, dtype, plain)
      return compileLoops(api, `reduce ${reduction}`, [dtype, out.dtype], 1, builder, body)
    }
    const body = columns(builder, rule, walk, reduced, dtype)
    const run = compileLoops(api, `reduce ${reduction}`, [dtype, out.dtype, rule.dtype, rule.dtype], 1, builder, body)
    const strip = Math.min(STRIP, walk.shape[walk.shape.length - 1])
    return ([data], [result]) => run([data], [result, api.scratch(rule.dtype, strip), api.scratch(rule.dtype, strip)])
  }
}

/** The input's index space with the strides of input and output; those of the output are 0 along reduced axes. */
function reductionWalk(shape: readonly number[], axes: readonly number[]): Walk {
  const kept = stridesOf(shape.map((n, i) => (axes.includes(i) ? 1 : n)))
  return collapse({ shape, strides: [stridesOf(shape), kept.map((s, i) => (axes.includes(i) ? 0 : s))] })
}

/** The last axis is reduced: every output element is a sum of rows. */
function rows(
  builder: Builder,
  rule: Combiner,
  walk: Walk,
  reduced: readonly number[],
  dtype: DType,
  plain: boolean,
): Statement[] {
  const kept = walk.shape.map((_, i) => i).filter((i) => !reduced.includes(i))
  const last = walk.shape.length - 1
  const total = builder.name()
  const row = walk.shape[last] < 32 ? shortRow : plain ? blockedRow : longRow
  const one = ([from, to]: readonly Scalar[]) => [
    declare(total, rule.identity, true),
    ...nest(builder, along(walk, reduced.slice(0, -1)), [from], ([start]) =>
      row(builder, rule, total, start, builder.number(walk.shape[last]), dtype),
    ),
    store(1, to, cast(variable(total, rule.dtype), dtype)),
  ]
  return nest(builder, along(walk, kept), [int(0), int(0)], one, independent)
}

type Row = (b: Builder, rule: Combiner, total: string, start: Scalar, length: Scalar, dtype: DType) => Statement[]

const shortRow: Row = (builder, rule, total, start, length, dtype) => [
  loop(builder, int(0), length, 1, (i) => [accumulate(rule, total, load(0, plus(start, i), dtype))]),
]

const blockedRow: Row = (builder, rule, total, start, length, dtype) => [
  loop(builder, int(0), length, BLOCK, (block) =>
    named(builder, binary('min', plus(block, int(BLOCK)), length), (end) => {
      const sum = builder.name()
      return [
        declare(sum, rule.identity, true),
        loop(builder, block, end, 1, (i) => [accumulate(rule, sum, load(0, plus(start, i), dtype))]),
        accumulate(rule, total, variable(sum, rule.dtype)),
      ]
    }),
  ),
]

const longRow: Row = (builder, rule, total, start, length, dtype) => {
  const sums = [0, 1, 2, 3].map(() => builder.name())
  const values = sums.map((s) => variable(s, rule.dtype))
  const pair = (i: number) => rule.combine(values[i], values[i + 1])
  const element = (i: Scalar) => load(0, plus(start, i), dtype)
  return [
    loop(builder, int(0), length, BLOCK, (block) =>
      named(builder, binary('min', plus(block, int(BLOCK)), length), (end) =>
        named(builder, binary('sub', end, binary('and', binary('sub', end, block), int(3))), (whole) => [
          ...sums.map((s) => declare(s, rule.identity, true)),
          loop(builder, block, whole, 4, (i) => sums.map((s, k) => accumulate(rule, s, element(plus(i, int(k)))))),
          loop(builder, whole, end, 1, (i) => [accumulate(rule, sums[0], element(i))]),
          accumulate(rule, total, rule.combine(pair(0), pair(2))),
        ]),
      ),
    ),
  ]
}

function accumulate(rule: Combiner, name: string, value: Scalar): Statement {
  return assign(name, rule.combine(variable(name, rule.dtype), cast(value, rule.dtype)))
}

/** The last axis is kept: rows are added up, strip by strip, in buffers 2 (totals) and 3 (sums of a block of rows). */
function columns(builder: Builder, rule: Combiner, walk: Walk, reduced: readonly number[], dtype: DType): Statement[] {
  const last = walk.shape.length - 1
  const kept = walk.shape.map((_, i) => i).filter((i) => i !== last && !reduced.includes(i))
  const deepest = reduced[reduced.length - 1]
  const length = builder.number(walk.shape[last])
  const depth = builder.number(walk.shape[deepest])
  const step = builder.number(walk.strides[0][deepest])
  const at = (buffer: number, j: Scalar) => load(buffer, j, rule.dtype)

  const strip = (from: Scalar, to: Scalar, width: Scalar): Statement[] => {
    const each = (body: (j: Scalar) => Statement) => loop(builder, int(0), width, 1, (j) => [body(j)])
    const addRow = (buffer: number, start: Scalar) =>
      each((j) => store(buffer, j, rule.combine(at(buffer, j), cast(load(0, plus(start, j), dtype), rule.dtype))))
    const addRows = (buffer: number, start: Scalar, first: Scalar, end: Scalar) =>
      loop(builder, first, end, 1, (i) => named(builder, plus(start, times(i, step)), (row) => [addRow(buffer, row)]))
    const blocks = (start: Scalar) =>
      loop(builder, int(0), depth, ROW_BLOCK, (block) => [
        each((j) => store(3, j, rule.identity)),
        ...named(builder, binary('min', plus(block, int(ROW_BLOCK)), depth), (end) => [addRows(3, start, block, end)]),
        each((j) => store(2, j, rule.combine(at(2, j), at(3, j)))),
      ])
    const deep = walk.shape[deepest] > ROW_BLOCK
    return [
      each((j) => store(2, j, rule.identity)),
      ...nest(builder, along(walk, reduced.slice(0, -1)), [from], ([start]) => [
        deep ? blocks(start) : addRows(2, start, int(0), depth),
      ]),
      each((j) => store(1, plus(to, j), cast(at(2, j), dtype))),
    ]
  }

  return nest(builder, along(walk, kept), [int(0), int(0)], ([from, to]) => [
    loop(builder, int(0), length, STRIP, (j0) =>
      named(builder, binary('min', binary('sub', length, j0), int(STRIP)), (width) =>
        named(builder, plus(from, j0), (a) => named(builder, plus(to, j0), (b) => strip(a, b, width))),
      ),
    ),
  ])
}
