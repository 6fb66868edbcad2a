// Halton's sequence, with digits permuted at random in each place (A. B. Owen, A Randomized Halton Algorithm in R, 2017).

import { type Key, type Tensor, tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { checkCount, checkPoints, type PointOptions } from './checks.js'

/** Options of `halton`. */
export interface HaltonOptions extends PointOptions {
  /** Permutes the digits; without it the points are the classical ones, which begin with 0. Not traced. */
  readonly key?: Key
  /** How many points to leave out at the start. @defaultValue 0 */
  readonly skip?: number
}

/**
 * Points of Halton's sequence in [0, 1)^d: coordinate j reflects the digits of the index in the j-th prime base. Computed on
 * the host. `[n, d]`
 *
 * J. H. Halton, On the Efficiency of Certain Quasi-random Sequences, 1960; A. B. Owen, 2017.
 *
 * @param n - how many
 * @param d - dimensions, 1 to 1,000; beyond some 20 the unscrambled points are correlated
 * @throws AdjointError `invalid-argument` for other sizes, `traced-value` for a key that is being traced
 * @example
 * halton(8, 2, { key: random.key(0) }).shape   // [8, 2]
 */
export function halton(n: number, d: number, { key, skip = 0, dtype = 'float32' }: HaltonOptions = {}): Tensor {
  checkPoints('halton', n, d, dtype)
  checkCount('halton', 'dimensions', d, 1, 1000)
  checkCount('halton', 'skip', skip, 0, 2 ** 32)
  const generator = key === undefined ? null : random.host(key)
  const out = dtype === 'float64' ? new Float64Array(n * d) : new Float32Array(n * d)
  const below = dtype === 'float64' ? 1 - 2 ** -53 : 1 - 2 ** -24
  primes(d).forEach((base, j) => {
    const permutations = generator === null ? null : digitPermutations(base, generator.shuffle)
    for (let i = 0; i < n; i++) out[i * d + j] = Math.min(reflect(skip + i, base, permutations), below)
  })
  return tensor(out, { shape: [n, d] })
}

/** The digits of an index mirrored at the point; permuted ones go on after the last, as zeros do not stay zero. */
function reflect(index: number, base: number, permutations: readonly (readonly number[])[] | null): number {
  let [left, weight, sum] = [index, 1 / base, 0]
  for (let place = 0; permutations === null ? left > 0 : place < permutations.length; place++, weight /= base) {
    const digit = left % base
    sum += (permutations === null ? digit : permutations[place][digit]) * weight
    left = Math.floor(left / base)
  }
  return sum
}

/** A permutation for each place that a double resolves. */
function digitPermutations(base: number, shuffle: <T>(items: readonly T[]) => T[]): number[][] {
  const digits = Array.from({ length: base }, (_, i) => i)
  return Array.from({ length: Math.ceil(53 / Math.log2(base)) }, () => shuffle(digits))
}

function primes(count: number): number[] {
  const out: number[] = []
  for (let n = 2; out.length < count; n++) if (out.every((p) => p * p > n || n % p !== 0)) out.push(n)
  return out
}
