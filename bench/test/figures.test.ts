import { describe, expect, test } from 'vitest'
import { limits } from '../src/harness/limits.js'
import { growth, residentMemory } from '../src/suites/core/memory.js'

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
