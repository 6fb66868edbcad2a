import { readFileSync } from 'node:fs'
import { cpu } from '@adjoint/backend-cpu'
import { jit, setBackend, type Tensor, tensor, tree, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { centredDiscrepancy, halton, latinHypercube, sobol, sobolSequence } from '../src/quasirandom/index.js'

beforeAll(() => setBackend(cpu))

const stored = JSON.parse(readFileSync(new URL('reference/quasirandom.json', import.meta.url), 'utf8')) as {
  sobol: number[][]
  columns: number[]
  sobolColumns: number[][]
  rowSums: number[]
  halton: number[][]
  sample: number[][]
  discrepancy: number
}

const rows = (x: Tensor) => x.arraySync() as number[][]
const f64 = { dtype: 'float64' } as const

/** Whether every cell of a grid with 2^parts[j] slices along axis j holds equally many points. */
function isBalanced(points: readonly number[][], axes: readonly number[], parts: readonly number[]): boolean {
  const counts = new Map<string, number>()
  for (const p of points) {
    const cell = axes.map((axis, k) => Math.floor(p[axis] * 2 ** parts[k])).join()
    counts.set(cell, (counts.get(cell) ?? 0) + 1)
  }
  const cells = 2 ** parts.reduce((a, b) => a + b, 0)
  return counts.size === cells && new Set(counts.values()).size === 1
}

describe('sobol', () => {
  it('equals the published points', () => {
    expect(rows(sobol(32, 8, f64))).toEqual(stored.sobol)
    const many = rows(sobol(64, 1000, f64))
    expect(many.map((p) => stored.columns.map((c) => p[c]))).toEqual(stored.sobolColumns)
    expect(many.map((p) => p.reduce((a, b) => a + b * 2 ** 32, 0))).toEqual(stored.rowSums)
  })

  it('continues where it was left', () => {
    const key = random.key(5)
    const whole = rows(sobol(40, 3, { key }))
    const sequence = sobolSequence(3, { key, skip: 2 })
    expect([...rows(sequence.next(7)), ...rows(sequence.next(31))]).toEqual(whole.slice(2))
    expect(rows(sobol(2, 2, { skip: 2 ** 32 - 2 })).length).toBe(2)
  })

  it('keeps the net properties of the first two dimensions under scrambling', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 8 }), (seed, first) => {
        const points = rows(sobol(256, 2, { key: random.key(seed), ...f64 }))
        // A (0, 8, 2)-net: one point in each elementary interval of volume 2^-8.
        expect(isBalanced(points, [0, 1], [first, 8 - first])).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('keeps one point to a slice in each of many dimensions, scrambled', () => {
    const points = rows(sobol(64, 200, { key: random.key(2), ...f64 }))
    for (let axis = 0; axis < 200; axis++) expect(isBalanced(points, [axis], [6])).toBe(true)
  })

  it('scrambles differently by key, without bias, below 1 in both dtypes', () => {
    const firsts = Array.from({ length: 400 }, (_, i) => rows(sobol(1, 2, { key: random.key(i), ...f64 }))[0])
    const mean = firsts.reduce((a, [x, y]) => a + x + y, 0) / 800
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 800))
    for (const dtype of ['float32', 'float64'] as const) {
      const data = sobol(4096, 4, { key: random.key(1), dtype }).dataSync()
      expect(Math.max(...data)).toBeLessThan(1)
      expect(Math.min(...data)).toBeGreaterThanOrEqual(0)
    }
  })

  it('is traceable in the key', () => {
    const f = (key: ReturnType<typeof random.key>) => sobol(16, 3, { key })
    const key = random.key(9)
    expect(rows(jit(f)(key))).toEqual(rows(f(key)))
    const keys = random.split(random.key(4), 3)
    const words = tree.map(
      (...parts: Tensor[]) =>
        tensor(
          parts.map((p) => Array.from(p.dataSync())),
          { dtype: 'uint32' },
        ),
      keys[0],
      ...keys.slice(1),
    )
    expect(vmap(f)(words as never).shape).toEqual([3, 16, 3])
  })

  it('integrates better than random points', () => {
    const f = ([x, y, z]: number[]) => Math.exp(x) * Math.cos(y) * (1 + z * z)
    const exact = (Math.E - 1) * Math.sin(1) * (4 / 3)
    const points = rows(sobol(1024, 3, { key: random.key(3), ...f64 }))
    expect(Math.abs(points.reduce((a, p) => a + f(p), 0) / 1024 / exact - 1)).toBeLessThan(5e-4)
  })

  it.each([
    [() => sobol(-1, 2), 'points -1'],
    [() => sobol(4, 1001), 'dimensions 1001'],
    [() => sobol(4, 2, { dtype: 'int32' as 'float32' }), "dtype 'int32'"],
    [() => halton(4, 0), 'dimensions 0'],
    [() => latinHypercube(4.5, 2, { key: random.key(0) }), 'points 4.5'],
  ])('refuses sizes that are none (%#)', (call, text) => {
    expect(call).toThrow(text)
  })
})

describe('halton', () => {
  it('equals the published points', () => {
    rows(halton(30, 5, f64)).forEach((p, i) => {
      p.forEach((x, j) => {
        expect(x).toBeCloseTo(stored.halton[i][j], 14)
      })
    })
    expect(rows(halton(4, 2, { skip: 3 }))).toEqual(rows(halton(7, 2)).slice(3))
  })

  it('fills the slices of each base equally when scrambled', () => {
    const points = rows(halton(27 * 8, 3, { key: random.key(1), ...f64 }))
    for (const [axis, slices] of [
      [0, 8],
      [1, 27],
    ]) {
      const counts = new Array<number>(slices).fill(0)
      for (const p of points) counts[Math.floor(p[axis] * slices)]++
      expect(new Set(counts).size).toBe(1)
    }
  })
})

describe('scrambled halton', () => {
  it('is traceable in the key, and goes on where it was left', () => {
    const f = (key: random.Key) => halton(9, 40, { key, ...f64 })
    const key = random.key(4)
    expect(rows(jit(f)(key))).toEqual(rows(f(key)))
    expect(rows(halton(4, 3, { key, skip: 5 }))).toEqual(rows(halton(9, 3, { key })).slice(5))
  })

  it('has no bias, and pairs of digits as under random permutations', () => {
    const points = Array.from({ length: 400 }, (_, i) => rows(halton(2, 3, { key: random.key(i), ...f64 })))
    const mean = points.flat(2).reduce((a, b) => a + b, 0) / 2400
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 2400))
    // Indices 0 and 1 differ in the first digit alone: each pair of different digits is as likely as the other.
    const counts = new Map<string, number>()
    for (const [a, b] of points) {
      const pair = `${Math.floor(a[1] * 3)}${Math.floor(b[1] * 3)}`
      counts.set(pair, (counts.get(pair) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 400 / 6)).toBeLessThan(4.5 * Math.sqrt(400 / 6))
  })

  it('may have no points', () => {
    expect(halton(0, 3, { key: random.key(0) }).shape).toEqual([0, 3])
  })

  it.each([1, 20, 1000])('stays below 1 in both dtypes, in %i dimensions', (d) => {
    for (const dtype of ['float32', 'float64'] as const) {
      const data = halton(20, d, { key: random.key(d), dtype }).dataSync()
      expect(data.every((x) => x >= 0 && x < 1)).toBe(true)
      expect(halton(20, d, { key: random.key(d), dtype }).dtype).toBe(dtype)
    }
  })
})

describe('latinHypercube', () => {
  it('keeps to its slices in float32, where points lie dense', () => {
    const n = 60_000
    const slices = Array.from(latinHypercube(n, 1, { key: random.key(2) }).dataSync(), (x) => Math.floor(x * n))
    expect(new Set(slices).size).toBe(n)
  })

  it('has one point in each slice of each axis', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (n, d, seed) => {
        for (const within of ['random', 'centre'] as const) {
          const points = rows(latinHypercube(n, d, { key: random.key(seed), within, ...f64 }))
          for (let j = 0; j < d; j++) {
            const slices = points.map((p) => Math.floor(p[j] * n)).sort((a, b) => a - b)
            expect(slices).toEqual(Array.from({ length: n }, (_, i) => i))
          }
        }
      }),
      { numRuns: 25 },
    )
  })

  it('gets more even by swaps, and stays a Latin hypercube', () => {
    const options = { key: random.key(6), within: 'centre', ...f64 } as const
    const [plain, better] = [latinHypercube(20, 3, options), latinHypercube(20, 3, { ...options, swaps: 2000 })]
    expect(centredDiscrepancy(better).item()).toBeLessThan(0.6 * (centredDiscrepancy(plain).item() as number))
    const slices = rows(better)
      .map((p) => Math.floor(p[2] * 20))
      .sort((a, b) => a - b)
    expect(slices).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('is traceable', () => {
    const f = (key: ReturnType<typeof random.key>) => latinHypercube(6, 2, { key })
    expect(rows(jit(f)(random.key(3)))).toEqual(rows(f(random.key(3))))
  })
})

describe('centredDiscrepancy', () => {
  it('equals the published measure', () => {
    const points = tensor(stored.sample, f64)
    expect(Math.abs((centredDiscrepancy(points).item() as number) / stored.discrepancy - 1)).toBeLessThan(1e-12)
  })

  it('is lower for Sobol points than for random ones', () => {
    const even = centredDiscrepancy(sobol(128, 4, { key: random.key(1) })).item() as number
    expect(even).toBeLessThan(0.3 * (centredDiscrepancy(random.uniform(random.key(1), [128, 4])).item() as number))
  })
})
