// Threefry-2x32 with 20 rounds, one block per element.
// J. Salmon, M. Moraes, R. Dror, D. Shaw, Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011.

import type { CpuKernelFactory, Shape } from '@adjoint/core'
import type { Scalar, Statement } from '@adjoint/core/codegen'
import { binary, constant, int, plus, sizeOf, variable } from '@adjoint/core/codegen'
import { assign, cast, compileLoops, declare, load, loop, newBuilder, store, times } from '../loops/builder.js'

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]
const ROUNDS = 20
const PARITY = 0x1bd11bda

/** Per key, element `i` is the exclusive or of the two words that the key maps the counter `(0, i)` to. */
export const randomBits: CpuKernelFactory<{ readonly shape: Shape }> = (api, { inputs, params }) => {
  const builder = newBuilder()
  const keyCount = builder.number(sizeOf(inputs[0].shape) / 2)
  const length = builder.number(sizeOf(params.shape))
  const word = (name: string) => variable(name, 'uint32')
  const keys = [word('k0'), word('k1'), word('k2')]
  const half = (at: Scalar) => load(0, at, 'uint32')
  const element = (place: Scalar, i: Scalar) => [
    declare('a', keys[0], true),
    declare('b', binary('add', keys[1], cast(i, 'uint32')), true),
    ...Array.from({ length: ROUNDS }, (_, round) => mix(word('a'), word('b'), keys, round)).flat(),
    store(1, place, binary('xor', word('a'), word('b'))),
  ]
  const body = loop(builder, int(0), keyCount, 1, (lane) => [
    declare('k0', half(times(lane, int(2)))),
    declare('k1', half(plus(times(lane, int(2)), int(1)))),
    declare('k2', binary('xor', binary('xor', keys[0], keys[1]), constant(PARITY, 'uint32'))),
    declare('start', times(lane, length)),
    loop(builder, int(0), length, 1, (i) => element(plus(variable('start'), i), i)),
  ])
  return compileLoops(api, 'randomBits', ['uint32', 'uint32'], 1, builder, [body])
}

/** One round; every fourth is followed by a share of the key. */
function mix(a: Scalar, b: Scalar, keys: readonly Scalar[], round: number): Statement[] {
  const turn = ROTATIONS[round % ROTATIONS.length]
  const left = binary('shiftLeft', b, constant(turn, 'uint32'))
  const right = binary('shiftRight', b, constant(32 - turn, 'uint32'))
  const steps = [assign('a', binary('add', a, b)), assign('b', binary('xor', binary('or', left, right), a))]
  if (round % 4 !== 3) return steps
  const share = (round + 1) / 4
  const second = binary('add', keys[(share + 1) % 3], constant(share, 'uint32'))
  return [...steps, assign('a', binary('add', a, keys[share % 3])), assign('b', binary('add', b, second))]
}
