// argMax and argMin along an axis: the first winner, and the first NaN before all numbers.

import type { CpuKernelFactory } from '@adjoint/core'
import type { Scalar, Statement } from '@adjoint/core/codegen'
import { binary, int, isFloat, plus, sizeOf, variable } from '@adjoint/core/codegen'
import { assign, compileLoops, declare, load, loop, named, newBuilder, store, times, when } from '../loops/builder.js'

/** A factory for one of the two; `dtype` of the output is int32. */
export function argReduce(which: 'max' | 'min'): CpuKernelFactory<{ readonly axis: number }> {
  return (api, { inputs: [{ shape, dtype }], params: { axis } }) => {
    const builder = newBuilder()
    const [outer, length, inner] = [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))].map((n) =>
      builder.number(n),
    )
    const wins = (value: Scalar, best: Scalar): Scalar => {
      const less = (a: Scalar, b: Scalar): Scalar => ({ op: 'lt', args: [a, b], dtype: 'bool' })
      const better = which === 'max' ? less(best, value) : less(value, best)
      if (!isFloat(dtype)) return better
      const isNumber = (x: Scalar): Scalar => ({ op: 'eq', args: [x, x], dtype: 'bool' })
      const becomesNaN = binary('and', { op: 'not', args: [isNumber(value)], dtype: 'bool' }, isNumber(best))
      return binary('or', better, becomesNaN)
    }
    const block = times(length, inner)

    const alongRow = (row: Scalar): Statement[] => {
      const [best, where] = [builder.name(), builder.name()]
      const element = (i: Scalar) => load(0, plus(times(row, length), i), dtype)
      return [
        declare(best, element(int(0)), true),
        declare(where, int(0), true),
        loop(builder, int(1), length, 1, (i) =>
          named(builder, element(i), (value) => [
            when(wins(value, variable(best, dtype)), [assign(best, value), assign(where, i)]),
          ]),
        ),
        store(1, row, variable(where)),
      ]
    }

    const alongColumns = (k: Scalar): Statement[] =>
      named(builder, times(k, block), (from) =>
        named(builder, times(k, inner), (to) => [
          loop(builder, int(0), inner, 1, (j) => [
            store(1, plus(to, j), int(0)),
            store(2, j, load(0, plus(from, j), dtype)),
          ]),
          loop(builder, int(1), length, 1, (i) =>
            named(builder, plus(from, times(i, inner)), (row) => [
              loop(builder, int(0), inner, 1, (j) =>
                named(builder, load(0, plus(row, j), dtype), (value) => [
                  when(wins(value, load(2, j, dtype)), [store(2, j, value), store(1, plus(to, j), i)]),
                ]),
              ),
            ]),
          ),
        ]),
      )

    const width = sizeOf(shape.slice(axis + 1))
    if (sizeOf(shape) === 0) return () => {}
    const body = [loop(builder, int(0), outer, 1, (k) => (width === 1 ? alongRow(k) : alongColumns(k)))]
    if (width === 1) return compileLoops(api, 'argReduce', [dtype, 'int32'], 1, builder, body)
    const run = compileLoops(api, 'argReduce', [dtype, 'int32', dtype], 1, builder, body)
    return ([x], [out]) => run([x], [out, api.scratch(dtype, width)])
  }
}
