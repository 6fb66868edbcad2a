// Threefry-2x32, 20 rounds, on the device: the same bits as on the host.
// J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011.

import type { Scalar, Statement } from '@adjoint/core'
import { binary, constant, int, plus, sizeOf, times, variable } from '@adjoint/core/codegen'
import type { ShapeParams } from '@adjoint/core/primitives'
import { assign, declare, eachElement, load } from './ir.js'
import type { KernelFactory } from './table.js'

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]
const PARITY = 0x1bd11bda

const word = (value: number) => constant(value, 'uint32')
const named = (name: string) => variable(name, 'uint32')

/** Element i of a key is the two words of counter i, combined by xor. */
export const randomBits: KernelFactory = (engine, { inputs: [key], outputs: [out], params }) => {
  const size = sizeOf((params as ShapeParams).shape)
  const lanes = sizeOf(key.shape) / 2
  const [a, b] = [named('a'), named('b')]
  const keys = [named('k0'), named('k1'), named('k2')]
  return eachElement(engine, 'randomBits', [key], { ...out, shape: [lanes, size] }, ([lane, i]) => {
    const counter: Scalar = { op: 'cast', args: [i], dtype: 'uint32' }
    const rounds = Array.from({ length: 20 }, (_, round) => mix(a, b, keys, round))
    return [
      [
        declare('k0', load(0, 'uint32', times(lane, 2))),
        declare('k1', load(0, 'uint32', plus(times(lane, 2), int(1)))),
        declare('k2', binary('xor', binary('xor', keys[0], keys[1]), word(PARITY))),
        declare('a', keys[0], true),
        declare('b', binary('add', counter, keys[1]), true),
        ...rounds.flat(),
      ],
      binary('xor', a, b),
    ]
  })
}

/** One round; every fourth is followed by a share of the key. */
function mix(a: Scalar, b: Scalar, keys: readonly Scalar[], round: number): Statement[] {
  const turn = ROTATIONS[round % ROTATIONS.length]
  const rotated = binary('or', binary('shiftLeft', b, word(turn)), binary('shiftRight', b, word(32 - turn)))
  const steps = [assign('a', binary('add', a, b)), assign('b', binary('xor', rotated, a))]
  if (round % 4 !== 3) return steps
  const share = (round + 1) / 4
  const second = binary('add', keys[(share + 1) % 3], word(share))
  return [...steps, assign('a', binary('add', a, keys[share % 3])), assign('b', binary('add', b, second))]
}
