// Random bits from a key: element i is Threefry of counter i, so that any part can be computed alone.

import { bind1 } from '../bind.js'
import { AdjointError } from '../error.js'
import { add, or, shiftLeft, shiftRight, xor } from '../functions/elementwise.js'
import { broadcastTo, expandDims, reshape } from '../functions/movement.js'
import type { Primitive } from '../primitive.js'
import { PARITY, ROTATIONS, threefry } from '../random/threefry.js'
import { formatAval, type Shape, sizeOf } from '../shape.js'
import { literalTensor, type Tensor } from '../tensor.js'
import { iotaPrimitive, type ShapeParams } from './movement.js'
import { sharedPrimitive } from './rules.js'

/** `[key]`, uint32 `[2]` -> uint32 of the given shape: the two words of each counter, combined by xor. */
export const randomBitsPrimitive: Primitive<ShapeParams> = /* @__PURE__ */ sharedPrimitive<ShapeParams>('randomBits', {
  shape: ([key], { shape }) => {
    if (key.dtype !== 'uint32' || key.shape[key.shape.length - 1] !== 2) {
      throw new AdjointError('invalid-argument', {
        fn: 'randomBits',
        given: formatAval(key),
        expected: 'a key, uint32 [..., 2]',
        fix: 'Make one with random.key(seed)',
      })
    }
    return [{ shape: [...key.shape.slice(0, -1), ...shape], dtype: 'uint32' }]
  },
  jvp: () => [null],
  lanes: (params) => params,
  decompose: ([key], { shape }) => [decomposed(key, shape)],
  reference: ([keys], { shape }) => {
    const size = sizeOf(shape)
    const data = new Uint32Array((keys.data.length / 2) * size)
    for (let lane = 0; lane < keys.data.length / 2; lane++) {
      for (let i = 0; i < size; i++) {
        const [a, b] = threefry(keys.data[2 * lane], keys.data[2 * lane + 1], 0, i)
        data[lane * size + i] = a ^ b
      }
    }
    return [data]
  },
})

/** The same rounds as tensor operations, for backends without a kernel. */
function decomposed(key: Tensor, shape: Shape): Tensor {
  const lanes = key.shape.slice(0, -1)
  const size = sizeOf(shape)
  const word = (i: number) => expandDims(reshape(key.slice(...lanes.map(() => null), i), lanes), -1)
  const [k0, k1] = [word(0), word(1)]
  const keys = [k0, k1, xor(xor(k0, k1), literalTensor(PARITY, 'uint32'))]
  const counter = bind1(iotaPrimitive, [], { shape: [size], dtype: 'uint32', axis: 0 })
  let x0 = broadcastTo(k0, [...lanes, size])
  let x1 = add(counter, k1)
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round % 8]
    x0 = add(x0, x1)
    x1 = xor(or(shiftLeft(x1, by), shiftRight(x1, 32 - by)), x0)
    if (round % 4 === 3) {
      const step = (round + 1) / 4
      x0 = add(x0, keys[step % 3])
      x1 = add(add(x1, keys[(step + 1) % 3]), step)
    }
  }
  return reshape(xor(x0, x1), [...lanes, ...shape])
}
