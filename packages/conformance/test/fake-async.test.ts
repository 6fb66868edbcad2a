import { bind, configure, ones, randomBitsPrimitive, setBackend, tensor, type Tensor } from '@adjoint/core'
import { afterEach, describe, expect, it } from 'vitest'
import { createFakeAsync } from '../src/index.js'

const device = createFakeAsync()
afterEach(() => setBackend(null))

describe('the job queue', () => {
  it('keeps user code synchronous and delivers in order', async () => {
    const x = tensor([1, 2], { backend: device })
    expect(await x.add(1).mul(x).data()).toEqual(new Float32Array([2, 6]))
  })

  it('refuses to read at once and says what to do', () => {
    expect(() => tensor([1], { backend: device }).add(1).dataSync()).toThrow(/await x\.data\(\)/)
  })

  it('runs decompositions without waiting for itself', async () => {
    const key = tensor([0, 42], { dtype: 'uint32', backend: createFakeAsync({ name: 'no-random', missing: ['randomBits'] }) })
    const direct = tensor([0, 42], { dtype: 'uint32', backend: device })
    const bits = (k: Tensor) => bind(randomBitsPrimitive, [k], { shape: [5] })[0].data()
    expect(await bits(key)).toEqual(await bits(direct))
  })
})
