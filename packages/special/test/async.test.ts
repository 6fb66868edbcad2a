import { createFakeAsync } from '@adjoint/conformance'
import { grad, setBackend, sum, type Tensor, tensor } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { afterEach, expect, it } from 'vitest'
import { gamma, poisson } from '../src/distributions/index.js'
import { gammainc, lgamma } from '../src/index.js'
import { halton, sobol } from '../src/quasirandom/index.js'

afterEach(() => setBackend(null))

it('functions, derivatives, draws and points on a device that answers later', async () => {
  setBackend(createFakeAsync())
  const a = tensor([0.5, 2, 20])
  expect((await lgamma(a).data())[2]).toBeCloseTo(39.3399, 3)
  expect((await gammainc(a, 2).data())[1]).toBeCloseTo(0.594, 3)
  expect((await grad((t: Tensor) => sum(gammainc(t, 2)))(a).data())[1]).toBeCloseTo(-0.294, 3)
  const x = await gamma(a).sample(random.key(0), [5]).data()
  expect(Array.from(x).every((v) => v > 0 && v < 100)).toBe(true)
  const k = await poisson(a).sample(random.key(0), [5]).data()
  expect(Array.from(k).every(Number.isInteger)).toBe(true)
  expect(Math.max(...(await sobol(8, 2, { key: random.key(0) }).data()))).toBeLessThan(1)
  expect(Math.max(...(await halton(8, 2, { key: random.key(0) }).data()))).toBeLessThan(1)
})
