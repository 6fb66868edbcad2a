import { readFileSync } from 'node:fs'
import { cpu } from '@adjoint/backend-cpu'
import { checkGrads } from '@adjoint/conformance'
import { grad, isAdjointError, jit, mean, setBackend, sum, type Tensor, tensor, vmap } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describe, expect, it } from 'vitest'
import * as d from '../src/distributions/index.js'

setBackend(cpu)

interface Case {
  family: string
  args: number[]
  x: number[]
  logProb: number[]
  entropy: number
  mean?: number
  variance?: number
  cdf?: number[]
}
const stored = JSON.parse(readFileSync(new URL('reference/distributions.json', import.meta.url), 'utf8')) as {
  cases: Case[]
  dirichlet: { alpha: number[]; x: number[]; logProb: number; entropy: number; variance: number[] }
  multivariate: { location: number[]; covariance: number[][]; x: number[][]; logProb: number[]; entropy: number }
}

type Dtype = 'float32' | 'float64'
const of = (x: number | readonly number[], dtype: Dtype = 'float64') => tensor(x as number[], { dtype })
const list = (x: Tensor) => Array.from(x.dataSync())

type Any = d.Univariate<unknown>
const make = ({ family, args }: Pick<Case, 'family' | 'args'>, dtype: Dtype = 'float64'): Any => {
  const p = args.map((a) => of(a, dtype))
  const two = d as unknown as Record<string, (...p: Tensor[]) => Any>
  if (family === 'bernoulli') return d.bernoulli({ probs: p[0] }) as unknown as Any
  return family === 'binomial' ? (d.binomial(p[0], { probs: p[1] }) as unknown as Any) : two[family](...p)
}
const title = (c: Pick<Case, 'family' | 'args'>) => `${c.family}(${c.args})`
const close = (got: number, exact: number, relative = 1e-12, absolute = 1e-14) => {
  if (got === exact || (Number.isNaN(got) && (Number.isNaN(exact) || exact === null))) return
  expect(Math.abs(got - exact) / (Math.abs(exact) + absolute / relative), `${got} for ${exact}`).toBeLessThan(relative)
}

describe('figures of scipy', () => {
  it.each(stored.cases.map((c) => [title(c), c] as const))('%s', (_, c) => {
    const p = make(c)
    list(p.logProb(of(c.x))).forEach((v, i) => {
      close(v, c.logProb[i], 1e-11)
    })
    if (c.cdf !== undefined && p.cdf !== undefined)
      list(p.cdf(of(c.x))).forEach((v, i) => {
        close(v, (c.cdf as number[])[i], 1e-11)
      })
    close(p.entropy().item() as number, c.entropy, 1e-9, 1e-12)
    if (c.mean !== undefined) {
      close(p.mean.item() as number, c.mean)
      close(p.variance.item() as number, Number(c.variance))
    }
    expect(p.sample(random.key(0), [3]).dtype).toBe('float64')
    const single = make(c, 'float32')
    expect(single.sample(random.key(0)).dtype).toBe('float32')
    list(single.logProb(of(c.x, 'float32'))).forEach((v, i) => {
      close(v, c.logProb[i], 3e-4, 1e-4)
    })
  })

  it('dirichlet', () => {
    const { alpha, x, ...exact } = stored.dirichlet
    const p = d.dirichlet(of(alpha))
    close(p.logProb(of(x)).item() as number, exact.logProb)
    close(p.entropy().item() as number, exact.entropy)
    list(p.variance).forEach((v, i) => {
      close(v, exact.variance[i])
    })
    expect(
      list(
        p.logProb(
          tensor(
            [
              [0.5, 0.6, 0.1],
              [-0.1, 0.6, 0.5],
            ],
            { dtype: 'float64' },
          ),
        ),
      ),
    ).toEqual([-Infinity, -Infinity])
  })

  it('multivariateNormal, by covariance, precision and factor', () => {
    const { location, covariance, x, logProb, entropy } = stored.multivariate
    const full = tensor(covariance, { dtype: 'float64' })
    const p = d.multivariateNormal(of(location), { covariance: full })
    const points = tensor(x, { dtype: 'float64' })
    list(p.logProb(points)).forEach((v, i) => {
      close(v, logProb[i])
    })
    close(p.entropy().item() as number, entropy)
    const det = [
      [0.66, -0.37, -0.2],
      [-0.37, 1.39, 0.45],
      [-0.2, 0.45, 1.75],
    ]
    const whole = 2 * 0.66 + 0.5 * -0.37 + 0.1 * -0.2
    const precision = tensor(
      det.map((row) => row.map((v) => v / whole)),
      { dtype: 'float64' },
    )
    const q = d.multivariateNormal(of(location), { precision })
    const r = d.multivariateNormal(of(location), { scaleTril: p.scaleTril })
    for (const other of [q, r]) {
      list(other.covariance).forEach((v, i) => {
        close(v, covariance.flat()[i], 1e-12)
      })
      close(d.kl(p, other).item() as number, 0, 1e-12, 1e-13)
    }
  })
})

const COUNT = 20000
/** The 1e-4 quantile of Kolmogorov's statistic, over sqrt(n). */
const KOLMOGOROV = 2.23 / Math.sqrt(COUNT)

const sampled: Pick<Case, 'family' | 'args'>[] = [
  { family: 'normal', args: [1, 2] },
  { family: 'uniform', args: [-1, 3] },
  { family: 'exponential', args: [2] },
  { family: 'laplace', args: [1, 2] },
  { family: 'gamma', args: [0.3, 2] },
  { family: 'gamma', args: [7, 0.5] },
  { family: 'beta', args: [0.4, 0.7] },
  { family: 'beta', args: [20, 5] },
  { family: 'studentT', args: [5, 1, 2] },
  { family: 'vonMises', args: [0, 0.2] },
  { family: 'vonMises', args: [0, 4] },
  { family: 'vonMises', args: [0, 300] },
]

describe.each(['float64', 'float32'] as const)('draws in %s', (dtype) => {
  it.each(sampled.map((c) => [title(c), c] as const))('%s has its distribution function', (_, c) => {
    const p = make(c, dtype)
    const x = p.sample(random.key(17), [COUNT])
    expect(x.shape).toEqual([COUNT])
    const us = list(make(c).cdf(x.cast('float64'))).sort((a, b) => a - b)
    const distance = Math.max(...us.map((u, i) => Math.max(u - i / COUNT, (i + 1) / COUNT - u)))
    expect(distance).toBeLessThan(KOLMOGOROV)
  })

  const counting: Pick<Case, 'family' | 'args'>[] = [
    { family: 'poisson', args: [0.3] },
    { family: 'poisson', args: [6] },
    { family: 'poisson', args: [11] },
    { family: 'poisson', args: [500] },
    { family: 'binomial', args: [10, 0.2] },
    { family: 'binomial', args: [40, 0.45] },
    { family: 'binomial', args: [300, 0.9] },
    { family: 'binomial', args: [20, 1] },
    { family: 'bernoulli', args: [0.3] },
  ]
  it.each(counting.map((c) => [title(c), c] as const))('%s has its probabilities', (_, c) => {
    const p = make(c, dtype)
    const xs = list(p.sample(random.key(5), [COUNT]))
    const top = Math.max(...xs)
    expect(xs.every(Number.isInteger)).toBe(true)
    const cdf = list(make(c).cdf(of(Array.from({ length: top + 1 }, (_, k) => k))))
    const counts = new Array<number>(top + 1).fill(0)
    for (const x of xs) counts[x]++
    let below = 0
    counts.forEach((n, k) => {
      below += n
      expect(Math.abs(below / COUNT - cdf[k])).toBeLessThan(KOLMOGOROV)
    })
  })
})

describe('draws', () => {
  it('dirichlet and categorical and multivariate normal have their moments', () => {
    const p = d.dirichlet(of([0.5, 2, 3]))
    const x = p.sample(random.key(1), [COUNT])
    const [m, v] = [list(p.mean), list(p.variance)]
    list(mean(x, 0)).forEach((got, i) => {
      expect(Math.abs(got - m[i])).toBeLessThan(4 * Math.sqrt(v[i] / COUNT))
    })
    const c = d.categorical({ probs: of([0.1, 0.6, 0.3]) })
    const classes = c.sample(random.key(2), [COUNT])
    expect(classes.dtype).toBe('int32')
    const share = list(classes).filter((k) => k === 1).length / COUNT
    expect(Math.abs(share - 0.6)).toBeLessThan(4 * Math.sqrt(0.24 / COUNT))
    close(c.mean.item() as number, 1.2)
    close(c.variance.item() as number, 0.36)
    const { location, covariance } = stored.multivariate
    const q = d.multivariateNormal(of(location), { covariance: tensor(covariance, { dtype: 'float64' }) })
    const y = q.sample(random.key(3), [COUNT]).sub(of(location))
    list(y.transpose().matmul(y).div(COUNT)).forEach((got, i) => {
      expect(Math.abs(got - covariance.flat()[i])).toBeLessThan(0.07)
    })
  })

  it('of small shapes keep their logarithms', () => {
    const x = d.beta(of(1e-3), of(1e-3)).sample(random.key(4), [2000])
    expect(list(x).every((v) => v >= 0 && v <= 1)).toBe(true)
    expect(Math.abs((mean(x).item() as number) - 0.5)).toBeLessThan(0.05)
    expect(
      list(sum(d.dirichlet(of([1e-4, 1e-4, 1e-4])).sample(random.key(4), [50]), -1)).every(
        (s) => Math.abs(s - 1) < 1e-12,
      ),
    ).toBe(true)
  })

  it('have the shapes of draws, batch and event', () => {
    const batch = d.gamma(of([1, 2, 3]), of(1))
    expect(batch.batchShape).toEqual([3])
    expect(batch.sample(random.key(0), [4, 2]).shape).toEqual([4, 2, 3])
    expect(
      d
        .dirichlet(
          tensor([
            [1, 2],
            [3, 4],
            [5, 6],
          ]),
        )
        .sample(random.key(0), [7]).shape,
    ).toEqual([7, 3, 2])
    expect(d.normal(of([0, 1]), of(2)).entropy().shape).toEqual([2])
    expect(
      d
        .categorical({
          logits: tensor([
            [0, 1, 2],
            [3, 4, 5],
          ]),
        })
        .sample(random.key(0), [5]).shape,
    ).toEqual([5, 2])
  })

  it('are NaN, and end, where parameters are none', () => {
    expect(list(d.gamma(of([-1, NaN, 2])).sample(random.key(0)))[2]).toBeGreaterThan(0)
    expect(list(d.gamma(of([-1, NaN, 2])).sample(random.key(0))).slice(0, 2)).toEqual([NaN, NaN])
    expect(list(d.poisson(of([-1, NaN, 0])).sample(random.key(0)))).toEqual([NaN, NaN, 0])
    expect(list(d.binomial(of([5, 5]), { probs: of([-0.1, NaN]) }).sample(random.key(0)))).toEqual([NaN, NaN])
    expect(list(d.vonMises(of(0), of([NaN, -1])).sample(random.key(0)))).toEqual([NaN, NaN])
  })

  it.each([
    ['gamma', (k: Key, a: Tensor) => d.gamma(a).sample(k, [3])],
    ['poisson', (k: Key, a: Tensor) => d.poisson(a.mul(10)).sample(k, [3])],
    ['binomial', (k: Key, a: Tensor) => d.binomial(30, { probs: a.mul(0.2) }).sample(k, [3])],
    ['vonMises', (k: Key, a: Tensor) => d.vonMises(0, a).sample(k, [3])],
    ['studentT', (k: Key, a: Tensor) => d.studentT(a).sample(k, [3])],
  ])('%s are the same compiled, and go through vmap', (_, f) => {
    const [key, a] = [random.key(8), of(2.5)]
    const eager = list(f(key, a))
    list(jit(f)(key, a)).forEach((v, i) => {
      close(v, eager[i])
    })
    const lanes = vmap(f, { inAxes: [null, 0] })(key, of([2.5, 1.5]))
    expect(lanes.shape).toEqual([2, 3])
    list(lanes)
      .slice(0, 3)
      .forEach((v, i) => {
        close(v, eager[i])
      })
  })
})
type Key = ReturnType<typeof random.key>

describe('gradients of draws', () => {
  const cases: [string, (a: Tensor) => d.Univariate<never>, number][] = [
    ['gamma', (a) => d.gamma(a, 2), 0.4],
    ['gamma', (a) => d.gamma(a, 2), 30],
    ['gamma by rate', (a) => d.gamma(3, a), 2],
    ['studentT', (a) => d.studentT(a), 4],
    ['vonMises', (a) => d.vonMises(0, a) as never, 3],
    ['normal', (a) => d.normal(a, 2), 1],
    ['laplace', (a) => d.laplace(0, a), 1],
  ]
  it.each(cases.filter(([name]) => name !== 'studentT'))('%s: keeps the probability below a draw', (_, p, at) => {
    const key = random.key(3)
    const a = of(at)
    // F(x(a); a) is constant, so that dx/da = -dF/da / f.
    const f = (t: Tensor) => sum(p(t).cdf(p(t).sample(key, [20])))
    expect(Math.abs(grad(f)(a).item() as number)).toBeLessThan(1e-9)
  })

  it.each(cases)('%s: the mean of the gradients is the gradient of the mean', (_, p, at) => {
    const key = random.key(6)
    const square = (t: Tensor) => mean(p(t).sample(key, [COUNT]).square())
    const exact = (t: number) => {
      const q = p(of(t))
      return q.family === 'vonMises' ? Number.NaN : (q.variance.item() as number) + (q.mean.item() as number) ** 2
    }
    const h = 1e-4 * at
    const slope = (exact(at + h) - exact(at - h)) / (2 * h)
    const got = grad(square)(of(at)).item() as number
    if (!Number.isNaN(slope)) expect(Math.abs(got / slope - 1)).toBeLessThan(at === 4 ? 0.5 : 0.15)
    expect(Number.isFinite(got)).toBe(true)
  })

  it('beta and dirichlet: gradients of moments', () => {
    const f = (a: Tensor) => mean(d.beta(a, 2).sample(random.key(1), [COUNT]))
    // d/da a / (a + 2)
    expect(Math.abs((grad(f)(of(3)).item() as number) - 2 / 25)).toBeLessThan(2e-3)
    const g = (a: Tensor) => mean(d.dirichlet(a).sample(random.key(1), [COUNT]), 0).slice(0)
    const exact = [4.5 / 5.5 ** 2 - 0, -1 / 5.5 ** 2, -1 / 5.5 ** 2]
    list(grad(g)(of([1, 2, 2.5]))).forEach((v, i) => {
      expect(Math.abs(v - exact[i])).toBeLessThan(4e-3)
    })
  })

  it('of the multivariate normal are those of differences, by location, covariance and precision', async () => {
    const weights = of([0.3, -1, 0.7])
    const matrix = of([2, 0.5, 0.1, 0.5, 1, -0.2, 0.1, -0.2, 0.7]).reshape([3, 3])
    for (const name of ['covariance', 'precision'] as const)
      await checkGrads(
        (mu: Tensor, a: Tensor) => {
          const spread = a.add(a.transpose()).mul(0.5)
          const p = d.multivariateNormal(mu, { [name]: spread } as unknown as d.Spread)
          return sum(p.sample(random.key(3), [2]).mul(weights).square())
        },
        [of([1, 2, 3]), matrix],
        { order: 2 },
      )
  })

  it('of counts are zero', () => {
    expect(grad((r: Tensor) => sum(d.poisson(r).sample(random.key(0), [5])))(of(4)).item()).toBe(0)
  })
})

describe('divergences and entropies', () => {
  const pairs: [string, d.Distribution<never>, d.Distribution<never>][] = [
    ['normal', d.normal(0.3, 1.2), d.normal(-0.5, 2)],
    ['laplace', d.laplace(0.3, 1.2), d.laplace(-0.5, 2)],
    ['uniform', d.uniform(0, 1), d.uniform(-1, 2)],
    ['exponential', d.exponential(1.5), d.exponential(0.7)],
    ['gamma', d.gamma(2, 3), d.gamma(3.5, 2)],
    ['beta', d.beta(2, 3), d.beta(1.2, 0.9)],
    ['poisson', d.poisson(6), d.poisson(9)],
    ['bernoulli', d.bernoulli({ probs: 0.3 }), d.bernoulli({ logits: 1 })],
    ['studentT', d.studentT(3, 0.5, 1), d.studentT(5, 0, 2)],
    ['vonMises', d.vonMises(0.5, 2), d.vonMises(0, 1)],
    ['binomial of other counts', d.binomial(12, { probs: 0.3 }), d.binomial(20, { logits: 0 })],
    ['binomial', d.binomial(20, { probs: 0.3 }), d.binomial(20, { logits: 0 })],
  ]
  it.each(pairs)('%s equals its estimate', (_, p, q) => {
    const x = p.sample(random.key(11), [40000])
    const [own, other] = [p.logProb(x), q.logProb(x)]
    const spread = (t: Tensor) => Math.sqrt((mean(t.sub(mean(t)).square()).item() as number) / 40000)
    const ratio = own.sub(other)
    const divergence = d.kl(p, q).item() as number
    expect(Math.abs((mean(ratio).item() as number) - divergence)).toBeLessThan(4.5 * spread(ratio) + 1e-5)
    expect(Math.abs((mean(own).item() as number) + (p.entropy().item() as number))).toBeLessThan(
      4.5 * spread(own) + 1e-5,
    )
    expect(d.kl(p, p).item() as number).toBeCloseTo(0, 5)
  })

  it('dirichlet, categorical, multivariate normal', () => {
    const draws = (p: d.Distribution<never>, q: d.Distribution<never>) => {
      const x = p.sample(random.key(12), [40000])
      expect((mean(p.logProb(x).sub(q.logProb(x))).item() as number) / (d.kl(p, q).item() as number)).toBeCloseTo(1, 1)
    }
    draws(d.dirichlet(of([1, 2, 3])), d.dirichlet(of([2, 2, 1])))
    draws(d.categorical({ probs: of([0.2, 0.8]) }), d.categorical({ logits: of([0, 0]) }))
    const matrix = (m: number[][]) => ({ covariance: tensor(m, { dtype: 'float64' }) })
    draws(
      d.multivariateNormal(
        of([0, 1]),
        matrix([
          [1, 0.3],
          [0.3, 2],
        ]),
      ),
      d.multivariateNormal(
        of([1, 0]),
        matrix([
          [2, 0],
          [0, 1],
        ]),
      ),
    )
  })

  it('entropies of counts are exact, and take no longer, where the counts are many', () => {
    close(d.poisson(of(5000)).entropy().item() as number, 5.677518460579036, 1e-14)
    close(d.poisson(of(1e12)).entropy().item() as number, 15.234449091168864, 1e-14)
    close(
      d
        .binomial(of(1e5), { probs: of(0.3) })
        .entropy()
        .item() as number,
      6.395076756613366,
      1e-14,
    )
    const slope = grad((rate: Tensor) => d.poisson(rate).entropy())(of(1e12)).item() as number
    expect(Math.abs(slope - 0.5e-12)).toBeLessThan(1e-12)
  })

  it('differentiate entropies of counts', () => {
    const h = 1e-5
    const numeric = (f: (t: number) => number, at: number) => (f(at + h) - f(at - h)) / (2 * h)
    const entropies: [(t: Tensor) => Tensor, number][] = [
      [(t) => d.poisson(t).entropy(), 3],
      [(t) => d.binomial(12, { probs: t }).entropy(), 0.3],
    ]
    for (const [f, at] of entropies) {
      close(
        grad(f)(of(at)).item() as number,
        numeric((t) => f(of(t)).item() as number, at),
        1e-7,
      )
      const slope = (t: number) => grad(f)(of(t)).item() as number
      close(grad((t: Tensor) => grad(f)(t))(of(at)).item() as number, numeric(slope, at), 1e-7)
    }
  })

  it('refuses pairs of two families, and parameters that are none', () => {
    const code = (f: () => unknown) => {
      try {
        f()
      } catch (error) {
        return isAdjointError(error) ? error.code : error
      }
      return undefined
    }
    expect(code(() => d.kl(d.normal() as never, d.exponential() as never))).toBe('invalid-argument')
    expect(code(() => d.normal(tensor([1], { dtype: 'int32' })))).toBe('dtype-mismatch')
    expect(code(() => d.normal(of(1), of(1, 'float32')))).toBe('dtype-mismatch')
    expect(code(() => d.normal(of([1, 2]), of([1, 2, 3])))).toBe('shape-mismatch')
    expect(code(() => d.bernoulli({} as never))).toBe('invalid-argument')
    expect(code(() => d.categorical({ probs: of([0.5, 0.5]) }).logProb(of(1)))).toBe('dtype-mismatch')
    expect(code(() => d.normal().sample(random.key(0), [-1]))).toBe('invalid-argument')
    expect(code(() => d.multivariateNormal(of([1]), {} as never))).toBe('invalid-argument')
    expect(code(() => d.multivariateNormal(of([1]), { scaleTril: of([1]) }))).toBe('shape-mismatch')
  })
})

describe('quantiles', () => {
  it.each([
    [d.normal(of(1), of(2))],
    [d.laplace(of(1), of(2))],
    [d.uniform(of(1), of(2))],
    [d.exponential(of(2))],
    [d.gamma(of(0.7), of(2))],
    [d.beta(of(0.7), of(2))],
    [d.studentT(of(3), of(1), of(2))],
  ])('invert the distribution function (%#)', (p) => {
    const ps = [0.001, 0.1, 0.35, 0.5001, 0.8, 0.999]
    list((p as Any).cdf((p as Any).quantile(of(ps)))).forEach((v, i) => {
      close(v, ps[i], 1e-11)
    })
  })
})
