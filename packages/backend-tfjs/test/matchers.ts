// `expect.closeToArray`: numbers of an array within a distance of others, relative for large ones.

import { expect } from 'vitest'

expect.extend({
  closeToArray(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4) {
    const gaps = Array.from(expected, (v, i) => Math.abs(actual[i] - v) / Math.max(1, Math.abs(v)))
    const pass = actual.length === expected.length && gaps.every((gap) => gap <= tolerance)
    return { pass, message: () => `got ${Array.from(actual)}, expected ${Array.from(expected)} within ${tolerance}` }
  },
})

declare module 'vitest' {
  interface AsymmetricMatchersContaining {
    closeToArray(expected: ArrayLike<number>, tolerance?: number): unknown
  }
}
