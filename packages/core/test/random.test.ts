// Random numbers: known answers, moments, keys on the host and traced, host generators.

import { afterEach, describe, expect, it } from 'vitest'
import { configure, fori, jit, reference, setBackend, softmax, type Tensor, vmap } from '../src/index.js'
import { randomBitsPrimitive } from '../src/primitives/random-bits.js'
import { evaluateProgram } from '../src/program/evaluate.js'
import { traceProgram } from '../src/program/trace.js'
import * as random from '../src/random/index.js'
import { normalCdf, normalQuantile } from '../src/random/quantile.js'
import { threefry } from '../src/random/threefry.js'
import { errorOf, expectValues, f64 } from './support.js'

setBackend(reference)

const { key, split, foldIn } = random

/** Mean, variance, skewness and excess kurtosis. */
function moments(x: Tensor): [mean: number, variance: number, skewness: number, kurtosis: number] {
  const data = Array.from(x.dataSync())
  const mean = data.reduce((s, v) => s + v, 0) / data.length
  const central = (p: number) => data.reduce((s, v) => s + (v - mean) ** p, 0) / data.length
  const variance = central(2)
  return [mean, variance, central(3) / variance ** 1.5, central(4) / variance ** 2 - 3]
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const mean = (x: ArrayLike<number>) => Array.from(x).reduce((s, v) => s + v, 0) / x.length
  const [p, q] = [mean(a), mean(b)]
  const product = (x: ArrayLike<number>, y: ArrayLike<number>, m: number, n: number) =>
    Array.from(x).reduce((s, v, i) => s + (v - m) * (y[i] - n), 0)
  return product(a, b, p, q) / Math.sqrt(product(a, a, p, p) * product(b, b, q, q))
}

describe('bits', () => {
  it.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ])('Random123 known answer for key %j, counter %j', (k, c, expected) => {
    expect(threefry(k[0], k[1], c[0], c[1])).toEqual(expected)
  })

  it('element i is the xor of the two words of counter i, whatever the shape', () => {
    const words = (i: number) => threefry(0, 7, 0, i).reduce((a, b) => (a ^ b) >>> 0)
    const flat = random.bits(key(7), [6])
    expect(Array.from(flat.dataSync())).toEqual([0, 1, 2, 3, 4, 5].map(words))
    expect(random.bits(key(7), [2, 3]).dataSync()).toEqual(flat.dataSync())
    expect(flat.dtype).toBe('uint32')
    expect(random.bits(key(7), [0]).size).toBe(0)
  })

  it('their decomposition gives the same', () => {
    const decompose = randomBitsPrimitive.decompose as NonNullable<typeof randomBitsPrimitive.decompose>
    const { program } = traceProgram(
      (xs) => decompose(xs, { shape: [2, 3] }),
      [{ shape: [2], dtype: 'uint32' }],
      reference,
    )
    const [made] = evaluateProgram(program, [key(123456789).tensor()])
    expect(made.dataSync()).toEqual(random.bits(key(123456789), [2, 3]).dataSync())
  })

  it('a seed fills both words', () => {
    expect(key(2 ** 40 + 5).words).toEqual([256, 5])
    expect(key(-1).words).toEqual([0xffffffff, 0xffffffff])
  })
})

describe('keys', () => {
  it('children differ from each other, from their parent, and between uses', () => {
    const parent = key(3)
    const children = [...split(parent, 4), foldIn(parent, 0), foldIn(parent, 1), parent]
    const firsts = children.map((k) => random.bits(k, [1]).item())
    expect(new Set(firsts).size).toBe(children.length)
  })

  it('split and foldIn are the same traced as on the host', () => {
    const drawn = (keys: random.Key[]) => keys.map((k) => Array.from(random.bits(k, [3]).dataSync()))
    const traced = jit((k: random.Key) => split(k, 3))(key(5))
    expect(drawn(traced as never)).toEqual(drawn(split(key(5), 3)))
    for (const n of [0, 1, 77, -1]) {
      const number = jit((k: random.Key) => foldIn(k, n))(key(5))
      const counter = jit((k: random.Key, i: Tensor) => foldIn(k, i))(key(5), f64(n).cast('int32'))
      expect(drawn([number as never, counter as never])).toEqual(drawn([foldIn(key(5), n), foldIn(key(5), n)]))
    }
  })

  it('foldIn makes the keys of a loop', () => {
    const total = (k: random.Key) =>
      fori(0, 3, (i, s: Tensor) => s.add(random.uniform(foldIn(k, i), [])), f64(0).cast('float32'))
    const expected = [0, 1, 2].reduce((s, i) => s + random.uniform(foldIn(key(9), i), []).item(), 0)
    expectValues(total(key(9)), Math.fround(expected))
    expectValues(jit(total)(key(9)), Math.fround(expected))
  })

  it('vmap gives each lane the numbers its key gives alone', () => {
    const keys = split(key(1), 3)
    const batch = vmap((k: random.Key) => random.normal(k, [2]))
    const together = jit(batch)(
      jit(() => vmap((i: Tensor) => foldIn(key(1), i))(f64([0, 1, 2]).cast('int32')))() as never,
    )
    expect(together.shape).toEqual([3, 2])
    expectValues(together.slice(2), random.normal(foldIn(key(1), 2), [2]).arraySync())
    expect(keys).toHaveLength(3)
  })

  describe('the check of reuse', () => {
    const before = configure({})
    afterEach(() => configure(before))

    it('finds a key drawn from twice, split after use, and inside jit', async () => {
      configure({ checkKeys: true })
      const used = key(0)
      random.bits(used, [1])
      expect((await errorOf('key-reused', () => random.uniform(used, [1]))).fn).toBe('random.uniform')
      await errorOf('key-reused', () => split(used))
      await errorOf('key-reused', () => random.host(used))
      await errorOf('key-reused', () => jit((k: random.Key) => random.bits(k, [1]).add(random.bits(k, [1])))(key(0)))
      const folded = key(0)
      expect([foldIn(folded, 1), foldIn(folded, 2)]).toHaveLength(2)
      configure({ checkKeys: false })
      expect(random.bits(used, [1]).size).toBe(1)
    })
  })
})

describe('samplers', () => {
  const n = 40_000
  // Tolerances are five standard errors.
  const near = (value: number, expected: number, sigma: number) =>
    expect(Math.abs(value - expected)).toBeLessThan((5 * sigma) / Math.sqrt(n))

  it.each(['float32', 'float64'] as const)('uniform and normal %s have their moments', (dtype) => {
    const [mean, variance, skewness, kurtosis] = moments(random.normal(key(1), [n], { dtype }))
    near(mean, 0, 1)
    near(variance, 1, Math.SQRT2)
    near(skewness, 0, Math.sqrt(6))
    near(kurtosis, 0, Math.sqrt(24))
    const u = random.uniform(key(2), [n], { dtype, min: -1, max: 3 })
    expect(u.dtype).toBe(dtype)
    const data = u.dataSync() as Float64Array
    expect(data.every((v) => v >= -1 && v < 3)).toBe(true)
    const [m, v] = moments(u)
    near(m, 1, Math.sqrt(16 / 12))
    near(v, 16 / 12, 16 * Math.sqrt(1 / 180))
  })

  it('neighbours, streams and halves are uncorrelated', () => {
    const [a, b] = split(key(3))
    const x = random.normal(a, [n]).dataSync()
    const y = random.normal(b, [n]).dataSync()
    near(correlation(x, y), 0, 1)
    near(correlation(x.subarray(1), x.subarray(0, n - 1)), 0, 1)
  })

  it('exponential and gumbel have their moments', () => {
    const [mean, variance] = moments(random.exponential(key(4), [n]))
    near(mean, 1, 1)
    near(variance, 1, Math.sqrt(8))
    const [m, v] = moments(random.gumbel(key(5), [n]))
    near(m, 0.5772156649, Math.PI / Math.sqrt(6))
    near(v, Math.PI ** 2 / 6, 1.645 * Math.sqrt(4.4))
    expect(
      random
        .exponential(key(4), [n])
        .dataSync()
        .every((e) => e >= 0 && Number.isFinite(e)),
    ).toBe(true)
  })

  it('categorical and bernoulli hit their probabilities, and never the impossible', () => {
    const logits = f64([0, 1, -Infinity, 2]).cast('float32')
    const p = softmax(logits).dataSync()
    const counts = [0, 0, 0, 0]
    for (const c of random.categorical(key(6), logits, [n]).dataSync()) counts[c]++
    counts.forEach((count, c) => {
      near(count / n, p[c], Math.sqrt(p[c] * (1 - p[c])) + 1e-9)
    })
    expect(
      random.categorical(
        key(6),
        f64([
          [0, 1],
          [1, 0],
          [0, 0],
        ]),
      ).shape,
    ).toEqual([3])
    const heads = Array.from(random.bernoulli(key(7), 0.3, [n]).dataSync()).filter((b) => b !== 0).length
    near(heads / n, 0.3, Math.sqrt(0.21))
  })

  it('integers cover their range evenly', () => {
    const counts = new Map<number, number>()
    for (const v of random.integers(key(8), -2, 4, [n]).dataSync()) counts.set(v, (counts.get(v) ?? 0) + 1)
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3])
    for (const count of counts.values()) near(count / n, 1 / 6, Math.sqrt(5 / 36))
  })

  it('a permutation is one, and evenly so', () => {
    const sorted = Array.from(random.permutation(key(9), 1000).dataSync()).sort((a, b) => a - b)
    expect(sorted).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(random.permutation(key(9), 0).size).toBe(0)
    const firsts = split(key(10), 600).map((k) => random.permutation(k, 3).dataSync()[0])
    for (const v of [0, 1, 2]) expect(Math.abs(firsts.filter((f) => f === v).length - 200)).toBeLessThan(60)
    const rows = f64([
      [1, 10],
      [2, 20],
      [3, 30],
    ])
    const shuffled = random.shuffle(key(11), rows).arraySync() as number[][]
    expect(shuffled.map(([a]) => a).sort()).toEqual([1, 2, 3])
    for (const [a, b] of shuffled) expect(b).toBe(10 * a)
  })

  it('every sampler is the same compiled', () => {
    const samplers: Record<string, (k: random.Key) => Tensor> = {
      bits: (k) => random.bits(k, [5]),
      uniform: (k) => random.uniform(k, [5]),
      uniform64: (k) => random.uniform(k, [5], { dtype: 'float64' }),
      normal: (k) => random.normal(k, [5]),
      exponential: (k) => random.exponential(k, [5]),
      gumbel: (k) => random.gumbel(k, [5]),
      truncated: (k) => random.truncatedNormal(k, -1, 2, [5]),
      categorical: (k) => random.categorical(k, f64([0, 1, 2]), [5]),
      permutation: (k) => random.permutation(k, 5),
    }
    for (const sample of Object.values(samplers)) expectValues(jit(sample)(key(12)), sample(key(12)).arraySync())
  })
})

describe('truncatedNormal', () => {
  const density = (x: number) => (Number.isFinite(x) ? Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) : 0)

  it.each([
    [-2, 2],
    [0, Infinity],
    [-0.1, Infinity],
    [-Infinity, -1],
    [1, 1.5],
    [3, 4],
    [-6, -5],
    [6, Infinity],
  ])('between %f and %f keeps its bounds and its mean', (low, high) => {
    const x = random.truncatedNormal(key(1), low, high, [20_000], { dtype: 'float64' })
    const data = x.dataSync() as Float64Array
    expect(data.every((v) => v >= low && v <= high)).toBe(true)
    const [p, q] = low > 0 ? [-high, -low] : [low, high]
    const mass = normalCdf(q) - normalCdf(p)
    const mean = (density(low) - density(high)) / mass
    const [m, variance] = moments(x)
    expect(Math.abs(m - mean)).toBeLessThan(5 * Math.sqrt(variance / 20_000))
  })

  it('has no NaN at either end of the random bits, nor far out', () => {
    // The first uniform numbers of these keys are the largest and the smallest there are in float32.
    const ends = [20192286, 780233]
    expect(ends.map((seed) => random.uniform(key(seed), [1]).item())).toEqual([1 - 2 ** -23, 0])
    const bounds = [
      [0, Infinity],
      [-0.1, Infinity],
      [-Infinity, 0.1],
      [-Infinity, Infinity],
      [-4, 4],
      [-5, 6],
      [-40, -39],
      [20, 21],
      [30, Infinity],
    ] as const
    for (const [low, high] of bounds) {
      for (const seed of ends) {
        for (const dtype of ['float32', 'float64'] as const) {
          const value = random.truncatedNormal(key(seed), low, high, [1], { dtype }).item()
          expect(value).toBeGreaterThanOrEqual(low)
          expect(value).toBeLessThanOrEqual(high)
        }
      }
    }
  })

  it('stands on an accurate distribution function and its inverse', () => {
    const values: readonly (readonly [number, number])[] = [
      [0, 0.5],
      [1, 0.8413447460685429],
      [-1.959963984540054, 0.025],
      [-5, 2.866515718791939e-7],
      [-10, 7.61985302416047e-24],
      [3.5, 0.9997673709209645],
    ]
    for (const [x, p] of values) {
      expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(1e-12)
      expect(Math.abs(normalQuantile(f64(p)).item() - x)).toBeLessThan(1e-11 * Math.max(1, Math.abs(x)))
    }
  })
})

describe('the host generator', () => {
  it('gives the same words as bits', () => {
    const generator = random.host(key(42))
    expect([0, 1, 2, 3, 4].map(() => generator.bits())).toEqual(Array.from(random.bits(key(42), [5]).dataSync()))
    const traced = jit((k: random.Key) => split(k)[0])(key(42))
    expect(random.host(traced as never).bits()).toBe(random.host(split(key(42))[0]).bits())
  })

  it('draws within its ranges, and shuffles copies', async () => {
    const generator = random.host(key(1))
    for (let i = 0; i < 200; i++) {
      expect(generator.uniform()).toBeLessThan(1)
      expect([0, 1, 2]).toContain(generator.integer(3))
      expect(Number.isFinite(generator.normal())).toBe(true)
    }
    const items = Object.freeze(['a', 'b', 'c', 'd'])
    expect([...generator.shuffle(items)].sort()).toEqual([...items])
    await errorOf('traced-value', () => jit((k: random.Key) => f64(random.host(k).uniform()))(key(1)))
  })
})

it('uniform numbers stay below the upper bound, whatever rounding does', () => {
  for (const [min, max] of [
    [0, 1e-3],
    [1e6, 1e6 + 1],
    [-1, 1],
  ]) {
    const x = random.uniform(random.key(7), [20_000], { min, max }).dataSync()
    expect(x.every((v) => v >= Math.fround(min) && v < Math.fround(max))).toBe(true)
  }
})
