// The problems of the ot suite: two clouds of normal points in the plane, their squared distances, uniform weights.
// G. E. P. Box, M. E. Muller, A Note on the Generation of Random Normal Deviates, 1958.
import { numbers } from '../../harness/numbers.js'

export type Doubles = Float64Array<ArrayBuffer>

/** `[n, 2]`: points around `(centre, centre)`. */
function gaussian(seed: number, n: number, centre: number): Doubles {
  const uniform = Float64Array.from(numbers(seed, 2 * n), (v) => (1 + v) / 2)
  return uniform.map((_, k) => {
    const first = k - (k % 2)
    const radius = Math.sqrt(-2 * Math.log(Math.max(uniform[first], 2 ** -32)))
    const angle = 2 * Math.PI * uniform[first + 1]
    return centre + radius * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle))
  })
}

/** Both clouds of n points `[n, 2]`. */
export function clouds(n: number): { x: Doubles; y: Doubles } {
  return { x: gaussian(1, n, 0), y: gaussian(2, n, 1) }
}

/** Squared distances of both clouds, `[n, n]`. */
export function squaredDistances(n: number): Doubles {
  const { x, y } = clouds(n)
  return Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n]
    return (x[2 * i] - y[2 * j]) ** 2 + (x[2 * i + 1] - y[2 * j + 1]) ** 2
  })
}

export function meanOf(values: Doubles): number {
  return values.reduce((total, value) => total + value, 0) / values.length
}
