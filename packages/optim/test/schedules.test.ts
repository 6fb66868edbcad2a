import { jit, type Tensor, tensor } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  constant,
  cosineDecay,
  exponentialDecay,
  linearWarmup,
  piecewise,
  polynomialDecay,
  type Schedule,
  warmupCosine,
} from '../src/index.js'
import { f64 } from './support.js'

const at = (schedule: Schedule, step: number): number => schedule(f64(step)).item()

const schedules: [string, Schedule, [number, number][]][] = [
  [
    'constant',
    constant(0.3),
    [
      [0, 0.3],
      [1e6, 0.3],
    ],
  ],
  [
    'exponentialDecay',
    exponentialDecay(0.1, 100, 0.5),
    [
      [0, 0.1],
      [100, 0.05],
      [150, 0.1 * 0.5 ** 1.5],
      [1000, 0.1 / 1024],
    ],
  ],
  [
    'exponentialDecay with an end',
    exponentialDecay(0.1, 100, 0.5, { end: 0.03 }),
    [
      [100, 0.05],
      [200, 0.03],
    ],
  ],
  [
    'exponentialDecay by stairs',
    exponentialDecay(0.1, 100, 0.5, { shape: 'staircase' }),
    [
      [99, 0.1],
      [100, 0.05],
      [199, 0.05],
    ],
  ],
  [
    'cosineDecay',
    cosineDecay(1, 100, { end: 0.2 }),
    [
      [0, 1],
      [50, 0.6],
      [100, 0.2],
      [500, 0.2],
      [25, 0.2 + 0.4 * (1 + Math.SQRT1_2)],
    ],
  ],
  [
    'polynomialDecay',
    polynomialDecay(1, 10),
    [
      [0, 1],
      [3, 0.7],
      [10, 0],
      [11, 0],
    ],
  ],
  [
    'polynomialDecay of power 2',
    polynomialDecay(1, 10, { power: 2, end: 0.5 }),
    [
      [0, 1],
      [5, 0.625],
      [10, 0.5],
      [20, 0.5],
    ],
  ],
  [
    'linearWarmup',
    linearWarmup(10, 1, { start: 0.5 }),
    [
      [0, 0.5],
      [5, 0.75],
      [10, 1],
      [99, 1],
    ],
  ],
  [
    'linearWarmup into a schedule',
    linearWarmup(10, polynomialDecay(1, 10)),
    [
      [0, 0],
      [5, 0.5],
      [10, 1],
      [15, 0.5],
      [20, 0],
    ],
  ],
  [
    'warmupCosine',
    warmupCosine(1, 10, 110, { start: 0.1, end: 0.2 }),
    [
      [0, 0.1],
      [10, 1],
      [60, 0.6],
      [110, 0.2],
    ],
  ],
  [
    'piecewise',
    piecewise([1, 2, 3], [10, 20]),
    [
      [0, 1],
      [9, 1],
      [10, 2],
      [19, 2],
      [20, 3],
      [1e9, 3],
    ],
  ],
]

describe.each(schedules)('%s', (_, schedule, points) => {
  test.each(points)('at %d', (step, rate) => {
    expect(at(schedule, step)).toBeCloseTo(rate, 12)
  })

  test('keeps float64 and float32, takes int32, and compiles', () => {
    expect(schedule(f64(3)).dtype).toBe('float64')
    expect(schedule(tensor(3)).dtype).toBe('float32')
    expect(schedule(tensor(3, { dtype: 'int32' })).dtype).toBe('float32')
    expect(jit((step: Tensor) => schedule(step))(f64(3)).item()).toBeCloseTo(at(schedule, 3), 14)
    expect(schedule(tensor(3)).shape).toEqual([])
  })
})

test('decays fall, and stay between their ends', () => {
  const settings = fc.record({
    end: fc.double({ min: 0, max: 0.5, noNaN: true }),
    steps: fc.integer({ min: 1, max: 500 }),
    i: fc.nat({ max: 600 }),
  })
  fc.assert(
    fc.property(settings, ({ end, steps, i }) => {
      for (const schedule of [
        cosineDecay(1, steps, { end }),
        polynomialDecay(1, steps, { end }),
        exponentialDecay(1, steps, 0.3, { end }),
      ]) {
        expect(at(schedule, i + 1)).toBeLessThanOrEqual(at(schedule, i) + 1e-15)
        expect(at(schedule, i)).toBeGreaterThanOrEqual(end - 1e-15)
        expect(at(schedule, i)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

describe('bad input', () => {
  test.each([
    () => constant(-1),
    () => cosineDecay(Number.NaN, 10),
    () => cosineDecay(1, 0),
    () => cosineDecay(1, 10, { end: -1 }),
    () => exponentialDecay(1, 10, 0),
    () => exponentialDecay(1, -10, 0.5),
    () => linearWarmup(0, 1),
    () => linearWarmup(10, -1),
    () => warmupCosine(1, 10, 10),
    () => piecewise([1, 2], []),
    () => piecewise([1, 2, 3], [5, 5]),
    () => piecewise([1, -2], [5]),
    () => polynomialDecay(1, 10, { power: 0 }),
    () => polynomialDecay('1' as unknown as number, 10),
  ])('%s', (make) => {
    expect(make).toThrow(/invalid-argument/)
  })
})
