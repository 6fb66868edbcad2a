// Latin hypercubes: one point in each of n slices of every axis (M. D. McKay, R. J. Beckman, W. J. Conover, 1979).

import { add, argsort, cast, type Key, maximum, minimum, mul, type Tensor, tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { checkCount, checkPoints, type PointOptions } from './checks.js'
import { swapSearch } from './swap-search.js'

/** Options of `latinHypercube`. */
export interface LatinHypercubeOptions extends PointOptions {
  readonly key: Key
  /** Where in its slice a point lies: at random, or in the middle. @defaultValue 'random' */
  readonly within?: 'random' | 'centre'
  /** Tries of swapping two coordinates, each kept if it lowers the centred discrepancy. @defaultValue 0 */
  readonly swaps?: number
}

/**
 * Points in [0, 1)^d of which each of the n slices of every axis holds one. Traceable in the key, unless `swaps` improve
 * the design: that search compares and swaps one pair after the other, and is a host function. `[n, d]`
 *
 * M. D. McKay, R. J. Beckman, W. J. Conover, A Comparison of Three Methods for Selecting Values of Input Variables, 1979; the
 * improvement after R. Jin, W. Chen, A. Sudjianto, An Efficient Algorithm for Constructing Optimal Design, 2005.
 *
 * @param n - how many points, and slices
 * @param d - dimensions
 * @throws AdjointError `invalid-argument` for other sizes, `traced-value` for `swaps` with a key that is being traced
 * @example
 * latinHypercube(10, 2, { key: random.key(0) }).shape   // [10, 2]
 */
export function latinHypercube(
  n: number,
  d: number,
  { key, within = 'random', swaps = 0, dtype = 'float32' }: LatinHypercubeOptions,
): Tensor {
  checkPoints('latinHypercube', n, d, dtype)
  checkCount('latinHypercube', 'swaps', swaps, 0, 1e9)
  const [order, place, search] = random.split(key, 3)
  const slices = cast(argsort(random.uniform(order, [n, d]), 0), dtype)
  const offsets = within === 'centre' ? 0.5 : random.uniform(place, [n, d], { dtype })
  // Rounding must not lead out of a slice.
  const margin = dtype === 'float64' ? 2 ** -51 : 2 ** -22
  const inside = maximum(minimum(add(slices, offsets), mul(add(slices, 1), 1 - margin)), mul(slices, 1 + margin))
  const points = mul(inside, 1 / Math.max(n, 1))
  if (swaps === 0 || n < 2) return points
  const data = swapSearch(points.dataSync() as Float64Array, n, d, random.host(search), swaps)
  return tensor(data, { shape: [n, d], dtype })
}
