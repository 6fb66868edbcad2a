// The matrices of the linalg suite: float64, from the same pseudo-random numbers for everyone.
import { numbers } from '../../harness/numbers.js'

/** `[count, n, n]`, entries in -1 to 1 and 2 more on the diagonal, so that none is nearly singular. */
export function general(n: number, count = 1): Float64Array<ArrayBuffer> {
  return shifted(Float64Array.from(numbers(1, count * n * n)), n, 2)
}

/** `[count, n, n]`, symmetric positive definite: `a aᵀ / n + 1`. */
export function definite(n: number, count = 1): Float64Array<ArrayBuffer> {
  const a = numbers(2, count * n * n)
  const out = new Float64Array(a.length)
  for (let b = 0; b < a.length; b += n * n) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0
        for (let k = 0; k < n; k++) total += a[b + i * n + k] * a[b + j * n + k]
        out[b + i * n + j] = total / n
      }
    }
  }
  return shifted(out, n, 1)
}

/** `[count, n]`. */
export function rightHandSide(n: number, count = 1): Float64Array<ArrayBuffer> {
  return Float64Array.from(numbers(3, count * n))
}

function shifted(a: Float64Array<ArrayBuffer>, n: number, by: number): Float64Array<ArrayBuffer> {
  return a.map((x, at) => (Math.floor((at % (n * n)) / n) === at % n ? x + by : x))
}
