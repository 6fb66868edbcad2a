// Random keys: explicit, splittable, never consumed silently. Two uint32 words on the host, or a traced pair.

import type { Backend } from '../backend/backend.js'
import { defaultBackend, hostBackend } from '../backend/current.js'
import { bind1 } from '../bind.js'
import { AdjointError } from '../error.js'
import { tensor } from '../functions/create.js'
import { bitcast, cast, xor } from '../functions/elementwise.js'
import { concat, reshape } from '../functions/movement.js'
import { randomBitsPrimitive } from '../primitives/random-bits.js'
import { runtime, type Trace } from '../runtime.js'
import type { Shape } from '../shape.js'
import { isTensor, literalTensor, type Tensor } from '../tensor.js'
import { TREE, type TreeNode } from '../tree.js'
import { threefry } from './threefry.js'

/** Keys of different uses differ in their second word, so that children never repeat a parent's numbers. */
const SPLIT = 0x5deece66
const FOLD = 0x2545f491

/**
 * The state of a random stream. Use each key once: to sample, to split, or to fold.
 *
 * Keys are pytree nodes with one uint32 `[2]` leaf, so they pass through jit, vmap and scan.
 */
export class Key {
  /** @internal */
  static readonly [TREE]: TreeNode<Key, readonly [Tensor]> = {
    flatten: (key) => [key.tensor()],
    unflatten: ([leaf]) => new Key(leaf),
  }
  private readonly value: readonly [number, number] | Tensor
  private used = false

  /** @internal */
  constructor(value: readonly [number, number] | Tensor) {
    this.value = value
  }

  /** The words, where they are known on the host. */
  get words(): readonly [number, number] | null {
    return Array.isArray(this.value) ? (this.value as readonly [number, number]) : null
  }

  /** @internal The transformation that traces it, if any. */
  get trace(): Trace | null {
    return isTensor(this.value) ? this.value.trace : null
  }

  /** @internal The words as uint32 `[2]`, on a backend that has integers of 32 bits. */
  tensor(): Tensor {
    return isTensor(this.value)
      ? this.value
      : tensor(Uint32Array.from(this.value as readonly number[]), { backend: keyBackend() })
  }

  /** @internal Marks the key used; under `configure({ checkKeys: true })` a second use is an error. */
  consume(fn: string): this {
    if (runtime.settings.checkKeys && this.used) {
      throw new AdjointError('key-reused', {
        fn,
        given: 'a key that was used before',
        expected: 'a fresh key for each draw',
        fix: 'Split it first: const [a, b] = random.split(key)',
      })
    }
    this.used = true
    return this
  }
}

/** @internal Where bits are drawn: the default backend, or the host where that lacks uint32. */
export function keyBackend(): Backend {
  const backend = defaultBackend()
  return backend.dtypes.includes('uint32') ? backend : hostBackend()
}

/**
 * A key from a seed.
 *
 * @param seed - an integer; equal seeds give equal numbers on every backend
 * @throws AdjointError `invalid-argument` unless the seed is a safe integer
 * @example
 * random.uniform(random.key(0), [2])
 */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed)) {
    throw new AdjointError('invalid-argument', {
      fn: 'random.key',
      given: `seed ${seed}`,
      expected: 'an integer within 2^53',
    })
  }
  return new Key([Math.floor(seed / 2 ** 32) >>> 0, seed >>> 0])
}

/**
 * Independent keys from one.
 *
 * @param count - how many
 * @example
 * const [a, b] = random.split(random.key(0))
 */
export function split(parent: Key, count = 2): Key[] {
  const { words } = checkKey('random.split', parent).consume('random.split')
  if (words !== null)
    return Array.from(
      { length: count },
      (_, i) => new Key([childWord(words, SPLIT, 2 * i), childWord(words, SPLIT, 2 * i + 1)]),
    )
  const bits = reshape(childBits(parent.tensor(), literalTensor(SPLIT, 'uint32'), [2 * count]), [count, 2])
  return Array.from({ length: count }, (_, i) => new Key(bits.slice(i)))
}

/**
 * A key for each number: the same key and number give the same result.
 *
 * @param data - an integer, or a traced int32 or uint32 scalar such as a step counter
 * @example
 * const step3 = random.foldIn(random.key(0), 3)
 */
export function foldIn(parent: Key, data: number | Tensor): Key {
  const { words } = checkKey('random.foldIn', parent)
  if (words !== null && typeof data === 'number') {
    const mixed = [(words[0] ^ data) >>> 0, words[1]] as const
    return new Key([childWord(mixed, FOLD, 0), childWord(mixed, FOLD, 1)])
  }
  const number = isTensor(data)
    ? data.dtype === 'int32'
      ? bitcast(data, 'uint32')
      : cast(data, 'uint32')
    : literalTensor(data >>> 0, 'uint32')
  const own = parent.tensor()
  const mixed = concat([reshape(xor(own.slice(0), number), [1]), own.slice([1, 2])])
  return new Key(childBits(mixed, literalTensor(FOLD, 'uint32'), [2]))
}

function childWord([k0, k1]: readonly [number, number], use: number, i: number): number {
  const [a, b] = threefry(k0, (k1 ^ use) >>> 0, 0, i)
  return (a ^ b) >>> 0
}

function childBits(words: Tensor, use: Tensor, shape: Shape): Tensor {
  const own = concat([words.slice([0, 1]), reshape(xor(words.slice(1), use), [1])])
  return bind1(randomBitsPrimitive, [own], { shape })
}

/** @internal */
export function checkKey(fn: string, value: unknown): Key {
  if (value instanceof Object && 'consume' in value) return value as Key
  throw new AdjointError('invalid-argument', {
    fn,
    given: typeof value === 'number' ? `the number ${value}` : `a ${typeof value}`,
    expected: 'a key',
    fix: 'Make one with random.key(seed)',
  })
}
