// A generator on the host: the same stream of words as `bits`, one at a time.

import { AdjointError } from '../error.js'
import { checkKey, type Key } from './key.js'
import { threefry } from './threefry.js'

/** Numbers one at a time, for host algorithms. */
export interface HostGenerator {
  /** The next uint32; the i-th call gives element i of `random.bits`. */
  bits(): number
  /** Uniform in [0, 1), with 32 random bits. */
  uniform(): number
  /** Standard normal. */
  normal(): number
  /** An integer from 0 to n - 1. */
  integer(n: number): number
  /** The array's items in random order; the array itself stays. */
  shuffle<T>(items: readonly T[]): T[]
}

/**
 * A generator on the host from a key.
 *
 * @throws AdjointError `traced-value` for a key that is being traced
 * @example
 * random.host(random.key(0)).uniform()
 */
export function host(key: Key): HostGenerator {
  const given = checkKey('random.host', key).consume('random.host')
  const words = given.words ?? (Array.from(given.tensor().dataSync()) as [number, number])
  if (words.length !== 2)
    throw new AdjointError('invalid-argument', {
      fn: 'random.host',
      given: `${words.length} words`,
      expected: 'one key',
    })
  let counter = 0
  const bits = (): number => {
    const [a, b] = threefry(words[0], words[1], 0, counter++)
    return (a ^ b) >>> 0
  }
  const uniform = () => bits() * 2 ** -32
  const integer = (n: number) => Math.floor(uniform() * n)
  return {
    bits,
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log1p(-uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle: (items) => {
      const out = [...items]
      for (let i = out.length - 1; i > 0; i--) {
        const j = integer(i + 1)
        ;[out[i], out[j]] = [out[j], out[i]]
      }
      return out
    },
  }
}
