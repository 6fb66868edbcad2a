// Sobol's sequence with the direction numbers of Joe and Kuo, scrambled by hashing (B. Burley, Practical Hash-based Owen
// Scrambling, 2020; hash of N. Vegdahl, 2021): a nested scrambling, which keeps every net property of the points.

import {
  add,
  and,
  cast,
  type Key,
  mul,
  or,
  reshape,
  shiftLeft,
  shiftRight,
  type Tensor,
  tensor,
  xor,
} from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { checkCount, checkPoints, type PointOptions } from './checks.js'
import { directions } from './directions.js'

/** Options of `sobol`. */
export interface SobolOptions extends PointOptions {
  /** Scrambles the points; without it they are the classical ones, which begin with 0. */
  readonly key?: Key
  /** How many points to leave out at the start. @defaultValue 0 */
  readonly skip?: number
}

/** A sequence that goes on from call to call. */
export interface PointSequence {
  /** The next n points, `[n, d]`. */
  next(n: number): Tensor
}

/**
 * Points of Sobol's sequence in [0, 1)^d: numbers of points that are powers of 2 fill the cube most evenly. Traceable in
 * the key. `[n, d]`
 *
 * I. M. Sobol, On the Distribution of Points in a Cube, 1967; S. Joe, F. Y. Kuo, 2008; B. Burley, 2020.
 *
 * @param n - how many; with `skip`, at most 2^32
 * @param d - dimensions, 1 to 1,000
 * @throws AdjointError `invalid-argument` for other sizes
 * @example
 * sobol(8, 2, { key: random.key(0) }).shape   // [8, 2]
 */
export function sobol(n: number, d: number, { key, skip = 0, dtype = 'float32' }: SobolOptions = {}): Tensor {
  checkPoints('sobol', n, d, dtype)
  checkCount('sobol', 'dimensions', d, 1, 1000)
  checkCount('sobol', 'skip', skip, 0, 2 ** 32 - n)
  const words = tensor(rawPoints(n, d, skip), { shape: [n, d] })
  return toUnit(key === undefined ? words : scramble(words, random.bits(key, [d])), dtype)
}

/**
 * Sobol's sequence as a generator: calls of `next` continue where the last one ended.
 *
 * @param d - dimensions, 1 to 1,000
 * @throws AdjointError `invalid-argument` for other sizes
 * @example
 * const sequence = sobolSequence(3, { key: random.key(0) })
 * sequence.next(4).shape   // [4, 3]
 */
export function sobolSequence(d: number, { skip = 0, ...options }: SobolOptions = {}): PointSequence {
  checkCount('sobolSequence', 'dimensions', d, 1, 1000)
  let drawn = skip
  return {
    next: (n) => {
      const points = sobol(n, d, { ...options, skip: drawn })
      drawn += n
      return points
    },
  }
}

/** Points as 32-bit words, in the order of Gray's code (I. A. Antonov, V. M. Saleev, 1979). */
function rawPoints(n: number, d: number, skip: number): Uint32Array {
  const v = directions(d)
  const out = new Uint32Array(n * d)
  const point = new Uint32Array(d)
  const gray = (skip ^ (skip >>> 1)) >>> 0
  for (let bit = 0; bit < 32; bit++) if ((gray >>> bit) & 1) for (let j = 0; j < d; j++) point[j] ^= v[j * 32 + bit]
  for (let i = 0; i < n; i++) {
    out.set(point, i * d)
    const bit = trailingZeros(skip + i + 1)
    for (let j = 0; j < d; j++) point[j] ^= v[j * 32 + bit]
  }
  return out
}

function trailingZeros(i: number): number {
  const low = i >>> 0
  return low === 0 ? 31 : 31 - Math.clz32(low & -low)
}

/** Each bit flipped or not by a hash of those above it: reversed words, whose bits a hash mixes upwards only. */
function scramble(words: Tensor, seeds: Tensor): Tensor {
  let x = reverseBits(words)
  const seed = reshape(seeds, [1, seeds.shape[0]])
  x = xor(x, mul(x, 0x3d20adea))
  x = add(x, seed)
  x = mul(x, or(shiftRight(seed, 16), 1))
  x = xor(x, mul(x, 0x05526c56))
  x = xor(x, mul(x, 0x53a22864))
  return reverseBits(x)
}

function reverseBits(x: Tensor): Tensor {
  const swap = (y: Tensor, by: number, mask: number) => or(and(shiftRight(y, by), mask), shiftLeft(and(y, mask), by))
  const bytes = swap(swap(swap(x, 1, 0x55555555), 2, 0x33333333), 4, 0x0f0f0f0f)
  const halves = swap(bytes, 8, 0x00ff00ff)
  return or(shiftRight(halves, 16), shiftLeft(halves, 16))
}

/** Words as fractions; float32 keeps the upper 24 bits, so that 1 is not reached. */
function toUnit(words: Tensor, dtype: 'float32' | 'float64'): Tensor {
  return dtype === 'float64'
    ? mul(cast(words, 'float64'), 2 ** -32)
    : mul(cast(shiftRight(words, 8), 'float32'), 2 ** -24)
}
