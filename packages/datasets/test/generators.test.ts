import { type Tensor, tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blobs, circles, type GeneratorOptions, moons, spiral, swissRoll } from '../src/index.js'

const rows = (points: Tensor): number[][] => points.arraySync() as number[][]
const list = (x: Tensor): number[] => Array.from(x.dataSync())

const generators: [string, (options: GeneratorOptions) => { points: Tensor }, number][] = [
  ['blobs', blobs, 2],
  ['moons', moons, 2],
  ['circles', circles, 2],
  ['spiral', spiral, 2],
  ['swissRoll', swissRoll, 3],
]

const count = fc.integer({ min: 1, max: 60 })
const seeds = fc.nat({ max: 2 ** 31 - 1 })

describe.each(generators)('%s', (_, generate, dimension) => {
  test('gives [n, d] finite points, equal for equal seeds', () => {
    fc.assert(
      fc.property(count, seeds, (n, seed) => {
        const first = generate({ n, seed, noise: 0.3 })
        expect(first.points.shape).toEqual([n, dimension])
        expect(list(first.points).every(Number.isFinite)).toBe(true)
        expect(list(generate({ n, seed, noise: 0.3 }).points)).toEqual(list(first.points))
      }),
      { numRuns: 20 },
    )
  })

  test('differs between seeds and takes a key instead', () => {
    const noise = 0.2
    const base = list(generate({ noise, seed: 7 }).points)
    expect(list(generate({ noise, seed: 8 }).points)).not.toEqual(base)
    expect(list(generate({ noise, key: random.key(7) }).points)).toEqual(base)
  })

  test('keeps the dtype it is asked for', () => {
    expect(generate({ noise: 0.1, dtype: 'float64' }).points.dtype).toBe('float64')
    expect(generate({}).points.dtype).toBe('float32')
  })

  test.each([{ n: 0 }, { n: 1.5 }, { noise: -1 }, { noise: Number.NaN }])('refuses %o', (options) => {
    expect(() => generate(options)).toThrow(/invalid-argument/)
  })
})

describe('shapes without noise', () => {
  test('moons lie on two half circles', () => {
    const { points, labels } = moons({ n: 101, dtype: 'float64' })
    const kinds = list(labels)
    for (const [i, [x, y]] of rows(points).entries()) {
      const [dx, dy] = kinds[i] === 0 ? [x, y] : [x - 1, y - 0.5]
      expect(Math.hypot(dx, dy)).toBeCloseTo(1, 12)
      expect(kinds[i] === 0 ? dy : -dy).toBeGreaterThan(-1e-12)
    }
  })

  test('circles have radius 1 and factor', () => {
    const { points, labels } = circles({ n: 60, factor: 0.25, dtype: 'float64' })
    const kinds = list(labels)
    for (const [i, [x, y]] of rows(points).entries())
      expect(Math.hypot(x, y)).toBeCloseTo(kinds[i] === 0 ? 1 : 0.25, 12)
  })

  test('spirals stay in the unit disc and grow outwards along each arm', () => {
    const { points, labels } = spiral({ n: 90, arms: 3, dtype: 'float64' })
    const radius = rows(points).map(([x, y]) => Math.hypot(x, y))
    expect(Math.max(...radius)).toBeLessThan(1)
    expect(new Set(list(labels))).toEqual(new Set([0, 1, 2]))
    for (let i = 3; i < radius.length; i++) expect(radius[i]).toBeGreaterThan(radius[i - 3])
  })

  test('the swiss roll has radius t', () => {
    const { points, t } = swissRoll({ n: 50, dtype: 'float64' })
    const angles = list(t)
    for (const [i, [x, , z]] of rows(points).entries()) expect(Math.hypot(x, z)).toBeCloseTo(angles[i], 10)
  })

  test('blobs sit on their centers, in equal shares', () => {
    const centers = tensor(
      [
        [0, 5],
        [5, 0],
      ],
      { dtype: 'float64' },
    )
    const { points, labels } = blobs({ n: 6, centers, noise: 0, dtype: 'float64' })
    expect(rows(points)).toEqual([
      [0, 5],
      [5, 0],
      [0, 5],
      [5, 0],
      [0, 5],
      [5, 0],
    ])
    expect(list(labels)).toEqual([0, 1, 0, 1, 0, 1])
  })
})

test('options of one shape are checked', () => {
  expect(() => blobs({ centers: 0 })).toThrow(/centers 0/)
  expect(() => blobs({ centers: tensor([1, 2]) })).toThrow(/\[k, d\]/)
  expect(() => circles({ factor: 1 })).toThrow(/factor 1/)
  expect(() => spiral({ arms: 0 })).toThrow(/arms 0/)
})
