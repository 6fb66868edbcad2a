// Halton's sequence, its digits scrambled by random affine maps in each place (J. Matousek, On the L2-Discrepancy for
// Anchored Boxes, 1998): pairs of digits fall as under random permutations (A. B. Owen, A Randomized Halton Algorithm, 2017).

import { add, cast, floor, type Key, minimum, mul, pad, rem, type Tensor, tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { checkCount, checkPoints, type PointOptions } from './checks.js'

/** Options of `halton`. */
export interface HaltonOptions extends PointOptions {
  /** Scrambles the digits; without it the points are the classical ones, which begin with 0. */
  readonly key?: Key
  /** How many points to leave out at the start. @defaultValue 0 */
  readonly skip?: number
}

/**
 * Points of Halton's sequence in [0, 1)^d: coordinate j reflects the digits of the index in the j-th prime base. Traceable
 * in the key. `[n, d]`
 *
 * J. H. Halton, On the Efficiency of Certain Quasi-random Sequences, 1960; J. Matousek, 1998.
 *
 * @param n - how many
 * @param d - dimensions, 1 to 1,000; beyond some 20 the unscrambled points are correlated
 * @throws AdjointError `invalid-argument` for other sizes
 * @example
 * halton(8, 2, { key: random.key(0) }).shape   // [8, 2]
 */
export function halton(n: number, d: number, { key, skip = 0, dtype = 'float32' }: HaltonOptions = {}): Tensor {
  checkPoints('halton', n, d, dtype)
  checkCount('halton', 'dimensions', d, 1, 1000)
  checkCount('halton', 'skip', skip, 0, 2 ** 32)
  const bases = primes(d)
  const below = dtype === 'float64' ? 1 - 2 ** -53 : 1 - 2 ** -24
  if (key !== undefined) return minimum(scrambled(n, bases, key, skip, dtype), below)
  const out = dtype === 'float64' ? new Float64Array(n * d) : new Float32Array(n * d)
  bases.forEach((base, j) => {
    for (let i = 0; i < n; i++) out[i * d + j] = Math.min(reflect(skip + i, base), below)
  })
  return tensor(out, { shape: [n, d] })
}

/** The digits of an index mirrored at the point. */
function reflect(index: number, base: number): number {
  let sum = 0
  for (let [left, weight] = [index, 1 / base]; left > 0; left = Math.floor(left / base), weight /= base)
    sum += (left % base) * weight
  return sum
}

/** Points of scrambled digits, from the last place that a double resolves to the first. */
function scrambled(n: number, bases: readonly number[], key: Key, skip: number, dtype: 'float32' | 'float64'): Tensor {
  const d = bases.length
  const places = bases.map((base) => Math.ceil(53 / Math.log2(base)))
  const [factors, shifts] = random.split(key)
  const rates = random.uniform(factors, [places[0], d])
  const offsets = random.uniform(shifts, [places[0], d])
  let sum: Tensor | null = null
  for (let place = places[0] - 1; place >= 0; place--) {
    // Larger bases have fewer places: the later columns join as the places get nearer to the point.
    const width = places.filter((count) => count > place).length
    const own = bases.slice(0, width)
    const row = (x: Tensor): Tensor => x.slice(place, [0, width])
    const whole = (u: Tensor, counts: number[]): Tensor =>
      cast(minimum(floor(mul(u, tensor(counts))), tensor(counts.map((c) => c - 1))), 'int32')
    const factor = add(
      whole(
        row(rates),
        own.map((base) => base - 1),
      ),
      1,
    )
    const shift = whole(row(offsets), own)
    const digits = tensor(digitsAt(n, own, skip, place), { shape: [n, width] })
    const turned = rem(add(mul(digits, factor), shift), tensor(new Int32Array(own)))
    const part = mul(
      cast(turned, dtype),
      tensor(
        own.map((base) => base ** -(place + 1)),
        { dtype },
      ),
    )
    sum =
      sum === null
        ? part
        : add(
            pad(sum, [
              [0, 0],
              [0, width - sum.shape[1]],
            ]),
            part,
          )
  }
  return sum as Tensor
}

/** The digits of the indices in one place, for each base. */
function digitsAt(n: number, bases: readonly number[], skip: number, place: number): Int32Array {
  const out = new Int32Array(n * bases.length)
  bases.forEach((base, j) => {
    const unit = base ** place
    for (let i = 0; i < n; i++) out[i * bases.length + j] = Math.floor((skip + i) / unit) % base
  })
  return out
}

function primes(count: number): number[] {
  const out: number[] = []
  for (let n = 2; out.length < count; n++) if (out.every((p) => p * p > n || n % p !== 0)) out.push(n)
  return out
}
