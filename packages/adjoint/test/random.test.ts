// The CPU backend draws what the reference draws: bits, uniforms and permutations to the last bit, others closely.

import { cpu, jit, random, reference, setBackend, type Tensor, withBackend } from 'adjoint'
import { afterAll, describe, expect, it } from 'vitest'

const EXACT: Readonly<Record<string, (key: random.Key) => Tensor>> = {
  bits: (k) => random.bits(k, [1000]),
  uniform: (k) => random.uniform(k, [20, 50]),
  'uniform, float64': (k) => random.uniform(k, [1000], { dtype: 'float64' }),
  integers: (k) => random.integers(k, -5, 17, [1000]),
  permutation: (k) => random.permutation(k, 1000),
}
const CLOSE: Readonly<Record<string, (key: random.Key) => Tensor>> = {
  // Compiled, the product is not rounded before the sum.
  'uniform between bounds': (k) => random.uniform(k, [1000], { min: -3, max: 7 }),
  normal: (k) => random.normal(k, [1000]),
  'normal, float64': (k) => random.normal(k, [1000], { dtype: 'float64' }),
  exponential: (k) => random.exponential(k, [1000]),
  gumbel: (k) => random.gumbel(k, [1000]),
  truncatedNormal: (k) => random.truncatedNormal(k, -1, 3, [1000]),
}

describe('random numbers on the CPU backend', () => {
  afterAll(() => setBackend(cpu))

  it.each(Object.entries(EXACT))('%s: equal, compiled or not', (_, sample) => {
    for (const seed of [0, 1, 2 ** 40]) {
      const expected = withBackend(reference, () => sample(random.key(seed)).dataSync())
      expect(sample(random.key(seed)).backend).toBe(cpu)
      expect(sample(random.key(seed)).dataSync()).toEqual(expected)
      expect(jit(sample)(random.key(seed)).dataSync()).toEqual(expected)
    }
  })

  it.each(Object.entries(CLOSE))('%s: close, compiled or not', (_, sample) => {
    const expected = withBackend(reference, () => sample(random.key(3)).dataSync())
    for (const made of [sample(random.key(3)), jit(sample)(random.key(3))]) {
      made.dataSync().forEach((v, i) => {
        expect(Math.abs(v - expected[i])).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected[i])))
      })
    }
  })
})
