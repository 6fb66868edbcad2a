// Windows whose start is a tensor: read (dynamicSlice) and overwritten (dynamicUpdate); starts are moved so that they fit.

import { bind, bind1 } from '../bind.js'
import type { TypedArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { add, clip } from '../functions/elementwise.js'
import { broadcastTo, concat, expandDims, pad, reshape } from '../functions/movement.js'
import type { HostArray, Primitive } from '../primitive.js'
import { type Aval, formatAval, formatShape, type Shape, sizeOf, stridesOf, typeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { zerosOf } from '../trace/zeros.js'
import { gatherPrimitive, scatterPrimitive } from './gather.js'
import { iotaPrimitive } from './movement.js'
import { everyLane, sharedPrimitive } from './rules.js'
import { gatherStrided, visit } from './strided.js'

/** Parameters of `dynamicSlice`. */
export interface WindowParams {
  readonly sizes: Shape
}

function checkWindow(fn: string, x: Aval, sizes: Shape, start: Aval): void {
  const fits =
    sizes.length === x.shape.length &&
    sizes.every((n, i) => n <= x.shape[i]) &&
    start.dtype === 'int32' &&
    start.shape.length === 1 &&
    start.shape[0] === sizes.length
  if (fits) return
  throw new AdjointError('shape-mismatch', {
    fn,
    given: `${formatAval(x)}, a window ${formatShape(sizes)} and start ${formatAval(start)}`,
    expected: `a window no larger than the tensor, and an int32 start [${x.shape.length}]`,
  })
}

function clampedOffset(x: HostArray, sizes: Shape, start: TypedArray): number {
  const strides = stridesOf(x.shape)
  return strides.reduce((sum, s, i) => sum + s * Math.min(Math.max(start[i], 0), x.shape[i] - sizes[i]), 0)
}

/** `[x, start]`: the window of x of the given sizes. */
export const dynamicSlicePrimitive: Primitive<WindowParams> = /* @__PURE__ */ sharedPrimitive<WindowParams>(
  'dynamicSlice',
  {
    shape: ([x, start], { sizes }) => {
      checkWindow('dynamicSlice', x, sizes, start)
      return [{ shape: sizes, dtype: x.dtype }]
    },
    fixed: [1],
    back: (ct, [x], _, [start]) => [bind1(dynamicUpdatePrimitive, [zerosOf(x.aval), ct, start]), null],
    vmap: ([x, start], [batchedX, batchedStart], size, { sizes }) => {
      if (!batchedStart) return bind(dynamicSlicePrimitive, [x, withZero(start)], { sizes: [size, ...sizes] })
      const full = everyLane(x, batchedX, size)
      const points = windowPoints(start, full.shape.slice(1), sizes)
      return [reshape(bind1(gatherPrimitive, [full, points], { batch: 1, mode: 'clip' }), [size, ...sizes])]
    },
    reference: ([x, start], { sizes }) => [
      gatherStrided(x.data, sizes, stridesOf(x.shape), clampedOffset(x, sizes, start.data)),
    ],
  },
)

/** `[x, update, start]`: a copy of x with a window replaced. */
export const dynamicUpdatePrimitive: Primitive = /* @__PURE__ */ sharedPrimitive('dynamicUpdate', {
  shape: ([x, update, start]) => {
    checkWindow('dynamicUpdate', x, update.shape, start)
    if (update.dtype !== x.dtype) {
      throw new AdjointError('dtype-mismatch', {
        fn: 'dynamicUpdate',
        given: `${formatAval(update)} into ${formatAval(x)}`,
        expected: 'one dtype',
      })
    }
    return [typeOf(x)]
  },
  fixed: [2],
  back: (ct, [x, update], _, [start]) => [
    x.linear ? bind1(dynamicUpdatePrimitive, [ct, zerosOf(update.aval), start]) : null,
    update.linear ? bind1(dynamicSlicePrimitive, [ct, start], { sizes: update.aval.shape }) : null,
    null,
  ],
  vmap: ([x, update, start], [bx, bu, bs], size) => {
    const full = everyLane(x, bx, size)
    const window = everyLane(update, bu, size)
    if (!bs) return bind(dynamicUpdatePrimitive, [full, window, withZero(start)])
    const points = windowPoints(start, full.shape.slice(1), window.shape.slice(1))
    const flat = reshape(window, [size, sizeOf(window.shape.slice(1))])
    return bind(scatterPrimitive, [full, points, flat], { batch: 1, mode: 'clip', combine: 'set' })
  },
  reference: ([x, update, start]) => {
    const data = x.data.slice()
    visit(update.shape, stridesOf(x.shape), clampedOffset(x, update.shape, start.data), (i, at) => {
      data[at] = update.data[i]
    })
    return [data]
  },
})

function withZero(start: Tensor): Tensor {
  return pad(start, [[1, 0]])
}

/** The index vectors of each lane's window. `start [size, d]` -> `[size, elements, d]` */
function windowPoints(start: Tensor, shape: Shape, sizes: Shape): Tensor {
  const axes = sizes.map((_, axis) =>
    reshape(bind1(iotaPrimitive, [], { shape: sizes, dtype: 'int32', axis }), [1, sizeOf(sizes), 1]),
  )
  const inside = clampedStarts(start, shape, sizes)
  if (axes.length === 0) return broadcastTo(expandDims(start, 1), [start.shape[0], 1, 0])
  return add(concat(axes, 2), expandDims(inside, 1))
}

function clampedStarts(start: Tensor, shape: Shape, sizes: Shape): Tensor {
  const columns = shape.map((n, i) => clip(start.slice(null, [i, i + 1]), 0, n - sizes[i]))
  return columns.length === 0 ? start : concat(columns, 1)
}
