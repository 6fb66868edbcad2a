import { createFakeAsync } from '@adjoint/conformance'
import { ones, read, setBackend, type Tensor, tensor } from '@adjoint/core'
import { afterEach, expect, it } from 'vitest'
import { adam, minimize, sgd } from '../src/index.js'

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
