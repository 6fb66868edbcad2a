// Running sums, products and extremes along an axis, forwards or backwards, accumulated in float64.

import type { CpuKernelFactory } from '@adjoint/core'
import type { Scalar, Statement } from '@adjoint/core/codegen'
import { int, plus, sizeOf, variable } from '@adjoint/core/codegen'
import { assign, cast, compileLoops, declare, load, loop, named, newBuilder, store, times } from '../loops/builder.js'
import { combiner, type Reduction } from './reduce.js'

/** Parameters of cumulative. */
export interface CumulativeParams {
  readonly op: Reduction
  readonly axis: number
  readonly reverse: boolean
}

/** Element `i` of the output combines elements `0..i` of the input, or `i..n-1` in reverse. */
export const cumulative: CpuKernelFactory<CumulativeParams> = (api, { inputs: [{ shape, dtype }], params }) => {
  const { op, axis, reverse } = params
  const rule = combiner(op, dtype)
  const builder = newBuilder()
  const width = sizeOf(shape.slice(axis + 1))
  if (sizeOf(shape) === 0) return () => {}
  const outer = builder.number(sizeOf(shape.slice(0, axis)))
  const length = builder.number(shape[axis])
  const inner = builder.number(width)
  const step = builder.number(reverse ? -width : width)
  const first = builder.number(reverse ? (shape[axis] - 1) * width : 0)
  const block = times(length, inner)

  const alongRow = (from: Scalar): Statement[] => {
    const sum = builder.name()
    const value = variable(sum, rule.dtype)
    return [
      declare(sum, rule.identity, true),
      loop(builder, int(0), length, 1, (i) =>
        named(builder, plus(from, times(i, step)), (at) => [
          assign(sum, rule.combine(value, cast(load(0, at, dtype), rule.dtype))),
          store(1, at, cast(value, dtype)),
        ]),
      ),
    ]
  }

  const alongColumns = (from: Scalar): Statement[] => [
    loop(builder, int(0), inner, 1, (j) => [store(2, j, rule.identity)]),
    loop(builder, int(0), length, 1, (i) =>
      named(builder, plus(from, times(i, step)), (row) => [
        loop(builder, int(0), inner, 1, (j) => {
          const element = cast(load(0, plus(row, j), dtype), rule.dtype)
          return [
            store(2, j, rule.combine(load(2, j, rule.dtype), element)),
            store(1, plus(row, j), cast(load(2, j, rule.dtype), dtype)),
          ]
        }),
      ]),
    ),
  ]

  const body = [
    loop(builder, int(0), outer, 1, (k) =>
      named(builder, plus(times(k, block), first), width === 1 ? alongRow : alongColumns),
    ),
  ]
  if (width === 1) return compileLoops(api, 'cumulative', [dtype, dtype], 1, builder, body)
  const run = compileLoops(api, 'cumulative', [dtype, dtype, rule.dtype], 1, builder, body)
  return ([x], [out]) => run([x], [out, api.scratch(rule.dtype, width)])
}
