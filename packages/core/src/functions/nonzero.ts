// Index vectors of elements that are not zero, from values on the host.

import type { TypedArray } from '../dtype.js'
import { stridesOf } from '../shape.js'
import { type Tensor, tensorFromArray } from '../tensor.js'

/** @internal */
export function nonzeroIndices(data: TypedArray, { shape, backend }: Tensor): Tensor {
  const strides = stridesOf(shape)
  const out: number[] = []
  let count = 0
  data.forEach((value, at) => {
    if (value === 0) return
    count++
    shape.forEach((n, axis) => {
      out.push(Math.floor(at / strides[axis]) % n)
    })
  })
  return tensorFromArray(backend, Int32Array.from(out), [count, shape.length], 'int32')
}
