import { readFileSync } from 'node:fs'
import { cpu } from '@adjoint/backend-cpu'
import { checkGrads, checkVmap, createFakeAsync } from '@adjoint/conformance'
import { grad, jit, setBackend, stack, type Tensor, tensor } from '@adjoint/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { binomial, kl, poisson, studentT } from '../src/distributions/index.js'

beforeEach(() => setBackend(cpu))
afterEach(() => setBackend(null))

type Triple = [number, number, number]
const stored = JSON.parse(readFileSync(new URL('reference/divergence.json', import.meta.url), 'utf8')) as {
  studentT: [Triple, Triple, string][]
  binomial: [[number, number, number, number], string][]
}
const f64 = (x: number | number[]) => tensor(x, { dtype: 'float64' })
const of = (x: Tensor[]) => studentT(x[0], x[1], x[2])

describe('Student t', () => {
  const columns = (which: 0 | 1) => [0, 1, 2].map((k) => f64(stored.studentT.map((row) => row[which][k])))
  it('equals the figures of mpmath, compiled too', () => {
    const divergence = jit((p: Tensor[], q: Tensor[]) => kl(of(p), of(q)))
    const got = divergence(columns(0), columns(1)).dataSync()
    stored.studentT.forEach(([p, q, exact], i) => {
      const size = Math.max(p[0], q[0]) > 1e5 ? 1e-10 : 1e-12
      const error = Math.abs(got[i] - Number(exact)) / (1 + Number(exact))
      expect(error, `${p} and ${q}: ${got[i]} for ${exact}`).toBeLessThan(p[0] < 0.3 ? 1e-11 : size)
    })
  })
  it('in float32', () => {
    for (const [p, q, exact] of stored.studentT) {
      const [got, limit] = [
        kl(studentT(...p), studentT(...q)).item() as number,
        Math.max(p[0], q[0]) > 1e3 ? 1e-3 : 2e-6,
      ]
      expect(Math.abs(got - Number(exact)) / (1 + Number(exact)), `${p} and ${q}`).toBeLessThan(limit)
    }
  })
  it('has right derivatives by all parameters, and batches', async () => {
    const f = (...x: Tensor[]) => kl(of(x), of(x.slice(3)))
    const inputs = [4, 0.2, 1.3, 2.5, -0.4, 0.8].map((x) => f64(x))
    await checkGrads(f, inputs, { order: 2 })
    await checkVmap(
      f,
      inputs.map((x) => stack([x, x.mul(1.5)])),
    )
    expect(kl(of(inputs), of(inputs)).item()).toBe(0)
    const p = studentT(f64([1, 2, 3]), f64(0), f64(1))
    expect(kl(p, studentT(f64([5, 6]).reshape([2, 1]), f64(0), f64(1))).shape).toEqual([2, 3])
  })
  it('on a device that answers later', async () => {
    setBackend(createFakeAsync())
    expect((await kl(studentT(3, 0, 1), studentT(5, 0.5, 2)).data())[0]).toBeCloseTo(0.207622, 5)
  })
})

describe('counts', () => {
  it('of binomials with more trials, as the figures have it, with derivatives', async () => {
    for (const [[n, p, m, q], exact] of stored.binomial) {
      const f = (x: Tensor, y: Tensor) => kl(binomial(f64(n), { probs: x }), binomial(f64(m), { probs: y }))
      expect(Math.abs((f(f64(p), f64(q)).item() as number) / Number(exact) - 1)).toBeLessThan(1e-11)
      if (q > 0.05) await checkGrads(f, [f64(p), f64(q)], { order: 2 })
    }
  })
  it('is infinite for fewer trials, and finite at the ends', () => {
    const fewer = (p: Tensor) => kl(binomial(f64(5), { probs: p }), binomial(f64(3), { probs: p }))
    expect(fewer(f64(0.5)).item()).toBe(Infinity)
    expect(grad((p: Tensor) => fewer(p))(f64(0.5)).item()).not.toBe(NaN)
    expect(kl(poisson(f64(0)), poisson(f64(2))).item()).toBe(2)
    expect(kl(binomial(f64(0), { probs: 0.5 }), binomial(f64(0), { probs: f64(0) })).item()).toBe(0)
    expect(
      poisson(f64(0))
        .logProb(f64([0, 1, 2]))
        .arraySync(),
    ).toEqual([-0, -Infinity, -Infinity])
  })
})
