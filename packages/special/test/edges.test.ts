import { cpu } from '@adjoint/backend-cpu'
import { grad, isAdjointError, jit, setBackend, type Tensor, tensor, vmap } from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import * as s from '../src/index.js'

setBackend(cpu)
const f64 = (x: number | number[]) => tensor(x, { dtype: 'float64' })
const list = (x: Tensor) => Array.from(x.dataSync())
const [inf, nan] = [Infinity, NaN]

describe('values at the edges', () => {
  const edges: [string, (x: Tensor) => Tensor, number[], number[]][] = [
    ['erf', s.erf, [-inf, inf, 0, nan], [-1, 1, 0, nan]],
    ['erfc', s.erfc, [-inf, inf, 0, nan, 40], [2, 0, 1, nan, 0]],
    ['erfcx', s.erfcx, [-inf, inf, 0, nan, -30], [inf, 0, 1, nan, inf]],
    ['erfinv', s.erfinv, [-1, 1, 0, 1.1, nan], [-inf, inf, 0, nan, nan]],
    ['erfcinv', s.erfcinv, [0, 2, 1, -0.1, nan], [inf, -inf, 0, nan, nan]],
    ['lgamma', s.lgamma, [0, 1, 2, -1, -2, inf, nan], [inf, 0, 0, inf, inf, inf, nan]],
    ['gamma', s.gamma, [0, 1, 5, -1, inf, nan, 180], [inf, 1, 24, nan, inf, nan, inf]],
    ['digamma', s.digamma, [0, -1, inf, nan], [-inf, nan, inf, nan]],
    ['normalCdf', s.normalCdf, [-inf, inf, 0, nan, -40], [0, 1, 0.5, nan, 0]],
    ['normalPdf', s.normalPdf, [-inf, inf, nan], [0, 0, nan]],
    ['normalLogCdf', s.normalLogCdf, [-inf, inf, nan], [-inf, 0, nan]],
    ['normalQuantile', s.normalQuantile, [0, 1, 0.5, -0.1, nan], [-inf, inf, 0, nan, nan]],
    ['softplus', s.softplus, [-inf, inf, nan], [0, inf, nan]],
    ['entr', s.entr, [0, -1, 1, nan], [0, -inf, 0, nan]],
    ['i0e', s.i0e, [0, inf, nan], [1, 0, nan]],
    ['i1e', s.i1e, [0, inf, nan], [0, 0, nan]],
    ['xlogy by 0', (x) => s.xlogy(0, x), [0, inf, nan], [0, 0, nan]],
    ['logaddexp with -Infinity', (x) => s.logaddexp(-inf, x), [-inf, 1, inf, nan], [-inf, 1, inf, nan]],
    ['gammainc(2, x)', (x) => s.gammainc(2, x), [0, inf, -1, nan], [0, 1, nan, nan]],
    ['gammaincc(2, x)', (x) => s.gammaincc(2, x), [0, inf, -1, nan], [1, 0, nan, nan]],
    ['gammaincinv(2, p)', (p) => s.gammaincinv(2, p), [0, 1, -1, nan], [0, inf, nan, nan]],
    ['betainc(2, 3, x)', (x) => s.betainc(2, 3, x), [0, 1, 1.1, nan], [0, 1, nan, nan]],
    ['betaincinv(2, 3, p)', (p) => s.betaincinv(2, 3, p), [0, 1, 1.1, nan], [0, 1, nan, nan]],
    ['lbeta(x, 2)', (x) => s.lbeta(x, 2), [0, -1, nan], [inf, nan, nan]],
  ]
  it.each(edges)('%s, eager and compiled', (_, f, xs, exact) => {
    const same = (v: number, y: number) => Object.is(v + 0, y) || Math.abs(v - y) <= 2 ** -53 * Math.abs(y)
    for (const run of [f, jit(f)])
      expect(list(run(f64(xs))).map((v, i) => same(v, exact[i]) || [xs[i], v])).toEqual(xs.map(() => true))
    expect(list(f(tensor(xs, { dtype: 'float32' }))).map(Number.isNaN)).toEqual(exact.map(Number.isNaN))
  })
})

describe('derivatives at the edges', () => {
  it('of log cdf stay finite far out, to the second order', () => {
    const [first, second] = [grad(s.normalLogCdf), grad((x: Tensor) => grad(s.normalLogCdf)(x))]
    expect(Math.abs((first(f64(-40)).item() as number) / 40.02496884720726 - 1)).toBeLessThan(1e-13)
    for (const x of [-1e6, -40, 0, 40, 1e6])
      for (const f of [first, second]) expect(Number.isFinite(f(f64(x)).item())).toBe(true)
  })

  it('of functions with 0 log 0, of equal infinities, and around 0', () => {
    expect(grad((x: Tensor) => s.xlogy(0, x))(f64(0)).item()).toBe(0)
    expect(grad((x: Tensor) => s.logaddexp(x, -inf))(f64(-inf)).item()).toBe(0.5)
    expect(grad(s.i1e)(f64(0)).item()).toBeCloseTo(0.5, 14)
    expect(grad((x: Tensor) => grad(s.softplus)(x))(f64(0)).item()).toBe(0.25)
  })
})

describe('arguments', () => {
  const error = (f: () => unknown) => {
    try {
      f()
    } catch (e) {
      if (isAdjointError(e)) return e
    }
    return undefined
  }

  it('numbers take the dtype of tensors, and are float32 alone', () => {
    expect(s.gammainc(2, f64([1, 2])).dtype).toBe('float64')
    expect(s.erf(1).dtype).toBe('float32')
    expect(s.betainc(f64([1, 2]).reshape([2, 1]), 3, f64([0.1, 0.2, 0.3])).shape).toEqual([2, 3])
    expect(jit((a: Tensor | number, x: Tensor) => s.gammainc(a, x))(2, f64([1])).dtype).toBe('float64')
    expect(vmap((a: Tensor, x: Tensor) => s.gammainc(a, x), { inAxes: [null, 0] })(f64(2), f64([1, 2])).shape).toEqual([
      2,
    ])
  })

  it.each([
    [() => s.erf(tensor([1], { dtype: 'int32' })), 'dtype-mismatch', "x.cast('float32')"],
    [() => s.gammainc(f64(1), tensor(1, { dtype: 'float32' })), 'dtype-mismatch', 'cast('],
    [() => s.lbeta(f64([1, 2]), f64([1, 2, 3])), 'shape-mismatch', 'expandDims'],
    [() => s.erf([1] as never), 'invalid-argument', 'tensor(...)'],
    [() => s.polygamma(-1, 2), 'invalid-argument', ''],
    [() => s.polygamma(1.5, 2), 'invalid-argument', ''],
  ])('are refused with what to do (%#)', (f, code, fix) => {
    expect(error(f)?.code).toBe(code)
    expect(error(f)?.fix ?? '').toContain(fix)
  })
})
