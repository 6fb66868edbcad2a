import { createFakeAsync } from '@adjoint/conformance'
import { grad, ones, read, setBackend, type Tensor, tensor } from '@adjoint/core'
import { afterEach, expect, it } from 'vitest'
import { adam, leastSquares, minimize, root, sgd } from '../src/index.js'

afterEach(() => setBackend(null))

it.each([
  ['sgd', sgd(0.1, { momentum: 0.5 })],
  ['adam', adam(0.2)],
])('%s reaches the minimum on a device that answers later', async (_, optimizer) => {
  setBackend(createFakeAsync())
  const target = tensor([1, -2])
  const loss = (p: { x: Tensor }) => p.x.sub(target).square().sum()
  const { params } = await minimize(loss, { x: ones([2]) }, { optimizer, steps: 200, every: 50 })
  const { x } = await read(params)
  expect(Array.from(x as Float32Array)).toEqual([expect.closeTo(1, 1), expect.closeTo(-2, 1)])
})

it('the solvers, too', async () => {
  setBackend(createFakeAsync())
  const target = tensor([1, -2])
  const found = await read(minimizeAt(target))
  expect(found.status).toBe(0)
  expect(Array.from(found.x as Float32Array)).toEqual([expect.closeTo(1, 2), expect.closeTo(-2, 2)])
  const slope = await grad((t: Tensor) => minimizeAt(t).x.sum())(target).data()
  expect(Array.from(slope)).toEqual([expect.closeTo(1, 2), expect.closeTo(1, 2)])
  const fit = await read(leastSquares((x: Tensor) => x.square().sub(tensor([4, 9])), tensor([1, 1])))
  expect(fit.status).toBe(0)
  const zero = await read(root((x: Tensor) => x.square().sub(2), tensor([1])))
  expect(zero.error).toBeLessThan(1e-3)
})

const minimizeAt = (target: Tensor) => minimize((x: Tensor) => x.sub(target).square().sum(), tensor([5, 5]))
