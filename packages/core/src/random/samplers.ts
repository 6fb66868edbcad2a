// Samplers: pure functions of a key. Bits, uniforms and permutations are equal on every backend.

import { defaultBackend, withBackend } from '../backend/current.js'
import { bind, bind1 } from '../bind.js'
import { AdjointError } from '../error.js'
import {
  add,
  bitcast,
  cast,
  cos,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  or,
  rem,
  shiftRight,
  sqrt,
  sub,
} from '../functions/elementwise.js'
import { take } from '../functions/indexing.js'
import { slice } from '../functions/movement.js'
import { argMax } from '../functions/reductions.js'
import { iotaPrimitive } from '../primitives/movement.js'
import { randomBitsPrimitive } from '../primitives/random-bits.js'
import { sortPrimitive } from '../primitives/sort.js'
import { checkShape, type Shape } from '../shape.js'
import { composed } from '../temporaries.js'
import { literalTensor, type Tensor } from '../tensor.js'
import { checkKey, type Key, keyBackend } from './key.js'
import { normalCdf, normalQuantile } from './quantile.js'

/** Options of samplers. */
export interface SampleOptions {
  /** @defaultValue 'float32' */
  readonly dtype?: 'float32' | 'float64'
}

/** Options of `uniform`. */
export interface UniformOptions extends SampleOptions {
  /** Least value, included. @defaultValue 0 */
  readonly min?: number
  /** Greatest value, not reached. @defaultValue 1 */
  readonly max?: number
}

/** Draws where there are integers of 32 bits, and brings the result to the default backend. */
function draw(fn: string, key: Key, make: (words: Tensor) => Tensor): Tensor {
  const given = checkKey(fn, key).consume(fn)
  const home = keyBackend()
  const target = defaultBackend()
  return composed([given], () => {
    const words = given.tensor()
    return home === target ? make(words) : withBackend(home, () => make(words)).to(target)
  })
}

/**
 * Random uint32 words.
 *
 * @example
 * random.bits(random.key(0), [2]).dtype   // 'uint32'
 */
export function bits(key: Key, shape: Shape): Tensor {
  return draw('random.bits', key, (words) => rawBits(words, checkShape('random.bits', shape)))
}

function rawBits(words: Tensor, shape: Shape): Tensor {
  return bind1(randomBitsPrimitive, [words], { shape })
}

/** Uniform in [0, 1): 23 random bits in float32, 52 in float64. */
function unit(words: Tensor, shape: Shape, dtype: 'float32' | 'float64'): Tensor {
  if (dtype === 'float32') {
    const mantissa = or(shiftRight(rawBits(words, shape), 9), 0x3f800000)
    return sub(bitcast(mantissa, 'float32'), 1)
  }
  const pairs = rawBits(words, [2, ...shape])
  const half = (i: number, by: number) => cast(shiftRight(slice(pairs, i), by), 'float64')
  return mul(add(mul(half(0, 6), 2 ** 26), half(1, 6)), 2 ** -52)
}

/**
 * Uniform numbers in [min, max).
 *
 * @example
 * random.uniform(random.key(0), [3]).shape   // [3]
 */
export function uniform(key: Key, shape: Shape, { dtype = 'float32', min = 0, max = 1 }: UniformOptions = {}): Tensor {
  checkShape('random.uniform', shape)
  return draw('random.uniform', key, (words) => {
    const u = unit(words, shape, dtype)
    return min === 0 && max === 1 ? u : minimum(add(mul(u, max - min), min), below(max, dtype))
  })
}

/** The greatest number of a dtype that is less than x: scaling may round up to the bound. */
function below(x: number, dtype: 'float32' | 'float64'): number {
  const step = Math.abs(x) * (dtype === 'float32' ? 2 ** -24 : 2 ** -53)
  return x - Math.max(step, Number.MIN_VALUE)
}

/**
 * Standard normal numbers, by Box and Muller's transform.
 *
 * @example
 * random.normal(random.key(0), [2, 2]).shape   // [2, 2]
 */
export function normal(key: Key, shape: Shape, { dtype = 'float32' }: SampleOptions = {}): Tensor {
  checkShape('random.normal', shape)
  return draw('random.normal', key, (words) => {
    const pair = unit(words, [2, ...shape], dtype)
    const radius = sqrt(mul(log1p(neg(slice(pair, 0))), -2))
    return mul(radius, cos(mul(slice(pair, 1), 2 * Math.PI)))
  })
}

/**
 * Standard normal numbers between two bounds, by inversion.
 *
 * @param low - least value; may be -Infinity
 * @param high - greatest value; may be Infinity
 * @throws AdjointError `invalid-argument` unless low < high
 * @example
 * random.truncatedNormal(random.key(0), -2, 2, [3])
 */
export function truncatedNormal(
  key: Key,
  low: number,
  high: number,
  shape: Shape,
  { dtype = 'float32' }: SampleOptions = {},
): Tensor {
  if (!(low < high))
    throw new AdjointError('invalid-argument', {
      fn: 'random.truncatedNormal',
      given: `bounds ${low} and ${high}`,
      expected: 'low < high',
    })
  // Probabilities near 0 keep their digits, those near 1 round to it: an interval more on the right
  // is sampled as its mirror image.
  const mirrored = low + high > 0
  const [from, to] = mirrored ? [normalCdf(-high), normalCdf(-low)] : [normalCdf(low), normalCdf(high)]
  return draw('random.truncatedNormal', key, (words) => {
    const [halfStep, least] = dtype === 'float32' ? [2 ** -24, 2 ** -126] : [2 ** -53, 2 ** -1022]
    const p = add(mul(add(unit(words, shape, dtype), halfStep), to - from), from)
    // So far out that no float holds the probability, all of it is at the near bound.
    const x = normalQuantile(maximum(p, least))
    return (mirrored ? neg(x) : x).clip(low, high)
  })
}

/**
 * Exponential numbers of rate 1.
 *
 * @example
 * random.exponential(random.key(0), [3])
 */
export function exponential(key: Key, shape: Shape, { dtype = 'float32' }: SampleOptions = {}): Tensor {
  checkShape('random.exponential', shape)
  return draw('random.exponential', key, (words) => neg(log1p(neg(unit(words, shape, dtype)))))
}

/**
 * Standard Gumbel numbers.
 *
 * @example
 * random.gumbel(random.key(0), [3])
 */
export function gumbel(key: Key, shape: Shape, { dtype = 'float32' }: SampleOptions = {}): Tensor {
  checkShape('random.gumbel', shape)
  return draw('random.gumbel', key, (words) => {
    const inside = add(mul(unit(words, shape, dtype), 1 - 2 ** -23), 2 ** -24)
    return neg(log(neg(log(inside))))
  })
}

/**
 * Classes drawn with probabilities softmax(logits), by the Gumbel-max trick. `[..., n]` -> `[...]`, int32
 *
 * @param shape - shape of the draws, which ends with the leading axes of the logits
 * @example
 * random.categorical(random.key(0), tensor([0, 0, -Infinity]))
 */
export function categorical(key: Key, logits: Tensor, shape: Shape = logits.shape.slice(0, -1)): Tensor {
  return composed([key, logits], () => {
    const n = logits.shape[logits.ndim - 1]
    const noise = gumbel(key, [...shape, n], { dtype: logits.dtype === 'float64' ? 'float64' : 'float32' })
    return argMax(add(logits, noise), -1)
  })
}

/**
 * true with the given probability.
 *
 * @example
 * random.bernoulli(random.key(0), 0.5, [4])
 */
export function bernoulli(key: Key, probability: number | Tensor, shape: Shape): Tensor {
  return composed([key, probability], () => uniform(key, shape).lt(probability))
}

/**
 * Integers in [low, high), int32. The bias of the last bits is below (high - low) / 2^32.
 *
 * @throws AdjointError `invalid-argument` unless low < high are integers
 * @example
 * random.integers(random.key(0), 0, 6, [3])
 */
export function integers(key: Key, low: number, high: number, shape: Shape): Tensor {
  if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high) {
    throw new AdjointError('invalid-argument', {
      fn: 'random.integers',
      given: `range ${low} to ${high}`,
      expected: 'integers with low < high',
    })
  }
  return draw('random.integers', key, (words) =>
    add(cast(rem(rawBits(words, shape), literalTensor(high - low, 'uint32')), 'int32'), low),
  )
}

/**
 * The numbers 0 to n - 1 in random order, int32.
 *
 * @example
 * random.permutation(random.key(0), 5).shape   // [5]
 */
export function permutation(key: Key, n: number): Tensor {
  checkShape('random.permutation', [n])
  return draw('random.permutation', key, (words) => {
    const pair = rawBits(words, [2, n])
    const index = bind1(iotaPrimitive, [], { shape: [n], dtype: 'int32', axis: 0 })
    return bind(sortPrimitive, [slice(pair, 0), slice(pair, 1), index], { keys: 2, descending: false })[2]
  })
}

/**
 * Rows of a tensor in random order.
 *
 * @example
 * random.shuffle(random.key(0), tensor([1, 2, 3]))
 */
export function shuffle(key: Key, x: Tensor): Tensor {
  return composed([key, x], () => {
    const rows = x.shape[0] ?? 0
    const order = permutation(key, rows)
    return take(x, order)
  })
}
