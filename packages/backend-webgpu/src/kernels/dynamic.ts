// Windows whose start is on the device; starts are moved so that the window fits.

import type { Scalar, Shape } from '@adjoint/core'
import { binary, int, plus } from '@adjoint/core/codegen'
import { clamped, compare, eachElement, every, load, rowMajor, select } from './ir.js'
import type { KernelFactory } from './table.js'

function starts(buffer: number, shape: Shape, sizes: Shape): Scalar[] {
  return sizes.map((n, axis) => clamped(load(buffer, 'int32', int(axis)), shape[axis] - n))
}

/** The window of a tensor. */
export const dynamicSlice: KernelFactory = (engine, { inputs: [x, start], outputs: [out] }) =>
  eachElement(engine, 'dynamicSlice', [x, start], out, (at) => {
    const from = starts(1, x.shape, out.shape)
    return load(
      0,
      x.dtype,
      rowMajor(
        at.map((index, axis) => plus(index, from[axis])),
        x.shape,
      ),
    )
  })

/** A copy with a window replaced. */
export const dynamicUpdate: KernelFactory = (engine, { inputs: [x, update, start], outputs: [out] }) =>
  eachElement(engine, 'dynamicUpdate', [x, update, start], out, (at) => {
    const from = starts(2, x.shape, update.shape)
    const within = at.map((index, axis) => binary('sub', index, from[axis]))
    const inside = within.flatMap((index, axis) => [
      compare('le', int(0), index),
      compare('lt', index, int(update.shape[axis])),
    ])
    return select(
      every(inside),
      load(1, x.dtype, rowMajor(within, update.shape)),
      load(0, x.dtype, rowMajor(at, x.shape)),
    )
  })
