// Movement that does not fuse: windows, reversals, borders, and operands one after the other.

import type { Scalar } from '@adjoint/core'
import { binary, int, plus, sizeOf, stridesOf, times } from '@adjoint/core/codegen'
import type { ConcatParams, FlipParams, PadParams, SliceParams } from '@adjoint/core/primitives'
import {
  buffersOf,
  compare,
  eachElement,
  every,
  gridIndices,
  kernelOf,
  load,
  placeOf,
  rowMajor,
  select,
  store,
} from './ir.js'
import type { KernelFactory } from './table.js'

/** A window with steps. */
export const slice: KernelFactory = (engine, { inputs: [x], outputs: [out], params }) => {
  const { starts, strides } = params as SliceParams
  const own = stridesOf(x.shape)
  const start = starts.reduce((sum, s, axis) => sum + s * own[axis], 0)
  return eachElement(engine, 'slice', [x], out, (at) =>
    load(
      0,
      x.dtype,
      placeOf(
        at,
        own.map((s, axis) => s * strides[axis]),
        start,
      ),
    ),
  )
}

/** Reversed along axes. */
export const flip: KernelFactory = (engine, { inputs: [x], outputs: [out], params }) => {
  const { axes } = params as FlipParams
  return eachElement(engine, 'flip', [x], out, (at) =>
    load(
      0,
      x.dtype,
      rowMajor(
        at.map((index, axis) => (axes.includes(axis) ? binary('sub', int(x.shape[axis] - 1), index) : index)),
        x.shape,
      ),
    ),
  )
}

/** A value around and between elements. */
export const pad: KernelFactory = (engine, { inputs: [x, value], outputs: [out], params }) => {
  const { low, interior } = params as PadParams
  return eachElement(engine, 'pad', [x, value], out, (at) => {
    const inside: Scalar[] = []
    const from = at.map((index, axis) => {
      const moved = binary('sub', index, int(low[axis]))
      const step = int(interior[axis] + 1)
      const source = interior[axis] === 0 ? moved : binary('div', moved, step)
      inside.push(compare('le', int(0), moved), compare('lt', source, int(x.shape[axis])))
      if (interior[axis] > 0) inside.push(compare('eq', binary('rem', moved, step), int(0)))
      return source
    })
    return select(every(inside), load(0, x.dtype, rowMajor(from, x.shape)), load(1, x.dtype, int(0)))
  })
}

/** Operands one after the other along an axis. */
export const concat: KernelFactory = (engine, { inputs, outputs: [out], params }) => {
  const { axis } = params as ConcatParams
  const size = sizeOf(out.shape)
  const inner = sizeOf(out.shape.slice(axis + 1))
  const contiguous = sizeOf(out.shape.slice(0, axis)) === 1
  let start = 0
  const parts = inputs.map((x) => {
    const offset = start * inner
    start += x.shape[axis]
    const at = gridIndices(x.shape.length)
    return {
      offset,
      size: sizeOf(x.shape),
      run: engine.compile(
        kernelOf({
          name: 'concat',
          buffers: buffersOf([x], [out]),
          grid: x.shape,
          body: [
            store(1, plus(rowMajor(at, out.shape), times(int(offset), 1)), load(0, x.dtype, rowMajor(at, x.shape))),
          ],
        }),
      ),
    }
  })
  return (storages) => {
    const result = engine.allocate(size)
    parts.forEach(({ offset, size: length, run }, i) => {
      if (contiguous) engine.commands.copy(storages[i], 0, result, 4 * offset, 4 * length)
      else run([storages[i]], [result], [])
    })
    return [result]
  }
}
