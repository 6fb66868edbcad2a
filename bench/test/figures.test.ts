import { describe, expect, test } from 'vitest'
import { boundOf, limits } from '../src/harness/limits.js'
import { growth, residentMemory } from '../src/suites/core/memory.js'
import { expectedRatio } from '../src/suites/expected-ratio.js'

describe('the growth of memory', () => {
  const saw = Array.from({ length: 100 }, (_, i) => 100 + (i % 20))
  test('is what the peak of the second half exceeds that of the first by', () => {
    expect(growth(saw)).toBe(0)
    expect(growth(saw.map((value, i) => (i < 50 ? value : value * 1.5)))).toBeCloseTo(50)
    expect(growth(saw.toReversed().map((value, i) => value - i))).toBe(0)
  })
  test.each(['donated', 'dropped'] as const)('is sampled a hundred times: weights %s', (weights) => {
    const resident = residentMemory(100, weights)
    expect(resident).toHaveLength(100)
    expect(Math.min(...resident)).toBeGreaterThan(1e6)
  })
})

test.each(limits)('the machine can do something: $name', async ({ unit, measure }) => {
  expect(await measure(true)).toBeGreaterThan(0)
  expect(unit).toMatch(/^(GB|GFLOP)\/s$/)
})

test('a bound is a figure: of the dtype, or of copying within and beyond the caches', () => {
  const bounds = [
    boundOf({ flop: 1, dtype: 'float32' }),
    boundOf({ flop: 1, dtype: 'float64' }),
    boundOf({ bytes: 1e6 }),
    boundOf({ bytes: 1e8 }),
  ]
  expect(new Set(bounds)).toEqual(new Set(limits.map(({ name }) => name)))
})

test('more is expected against JavaScript than against wider vectors', () => {
  expect(expectedRatio('matmul-1024-f64', 'ml-matrix')).toBe(0.8)
  expect(expectedRatio('matmul-1024-f64', 'numpy')).toBe(3)
  expect(expectedRatio('eigh-64', 'scipy')).toBe(3)
  expect(expectedRatio('matmul-1024', 'numpy')).toBe(1)
})
