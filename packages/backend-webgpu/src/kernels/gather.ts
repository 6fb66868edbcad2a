// gather: rows of x by index vectors.

import { constant, int, plus, sizeOf, times, variable } from '@adjoint/core/codegen'
import type { GatherParams } from '@adjoint/core/primitives'
import { compare, declare, eachElement, load, select } from './ir.js'
import { rowLayout, rowOf } from './rows.js'
import type { KernelFactory } from './table.js'

/** The elements, or slices, of x at each index vector. */
export const gather: KernelFactory = (engine, { inputs: [x, indices], outputs: [out], params }) => {
  const { mode } = params as GatherParams
  const layout = rowLayout(x, indices, params as GatherParams)
  const { batches, points, width } = layout
  const flat = { ...out, shape: [batches * points, width] }
  const run = eachElement(engine, 'gather', [x, indices], flat, ([point, column]) => {
    const row = variable('row')
    const value = load(0, x.dtype, plus(times(row, width), column))
    const zero = constant(0, x.dtype)
    return [
      [declare('row', rowOf(point, 1, layout, mode))],
      sizeOf(x.shape) === 0 ? zero : select(compare('le', int(0), row), value, zero),
    ]
  })
  return run
}
