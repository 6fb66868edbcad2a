// What only a GPU backend has: batched submissions, shared devices and buffers, compile errors, lost devices.

import {
  bind1,
  definePrimitive,
  grad,
  isAdjointError,
  jit,
  type Primitive,
  type Scalar,
  type ScalarKernel,
  type Tensor,
  type TypedArray,
  tensor,
} from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import { webgpu } from '../src/index.js'
import { onGpu, open } from './support.js'

const code = (error: unknown) => (isAdjointError(error) ? error.code : String(error))

/** Counts the submissions of a device. */
function countSubmits(device: GPUDevice): () => number {
  let count = 0
  const submit = device.queue.submit.bind(device.queue)
  device.queue.submit = (buffers) => {
    count++
    return submit(buffers)
  }
  return () => count
}

/** A primitive whose kernel in the scalar IR stores into a buffer that is only read. */
const broken: Primitive = definePrimitive('@test/broken:broken', {
  shape: ([x]) => [x],
  kernels: {
    ir: ({ inputs: [x] }): ScalarKernel => ({
      name: 'broken',
      buffers: [
        { dtype: x.dtype, size: 1, access: 'read' },
        { dtype: x.dtype, size: 1, access: 'write' },
      ],
      parameters: [],
      grid: [],
      workgroup: 1,
      body: [
        {
          kind: 'store',
          buffer: 0,
          index: { op: 'const', value: 0, dtype: 'int32' },
          value: { op: 'const', value: 1, dtype: x.dtype },
        },
      ],
    }),
  },
})

const index = (name: string): Scalar => ({ op: 'variable', name, dtype: 'int32' })
const int = (value: number): Scalar => ({ op: 'const', value, dtype: 'int32' })

/** A primitive whose threads exchange values in workgroups of four: each run of four comes out reversed. */
const reversed: Primitive = definePrimitive('@test/reversed:reversed', {
  shape: ([x]) => [x],
  kernels: {
    ir: ({ inputs: [x] }): ScalarKernel => {
      const place: Scalar = { op: 'rem', args: [index('g0'), int(4)], dtype: 'int32' }
      const across: Scalar = { op: 'sub', args: [int(3), place], dtype: 'int32' }
      return {
        name: 'reversed',
        buffers: [
          { dtype: x.dtype, size: x.shape[0], access: 'read' },
          { dtype: x.dtype, size: x.shape[0], access: 'write' },
        ],
        parameters: [],
        grid: x.shape,
        workgroup: 4,
        body: [
          { kind: 'array', name: 'four', dtype: x.dtype, length: 4, space: 'workgroup' },
          {
            kind: 'storeLocal',
            array: 'four',
            index: place,
            value: { op: 'load', buffer: 0, index: index('g0'), dtype: x.dtype },
          },
          { kind: 'barrier' },
          {
            kind: 'store',
            buffer: 1,
            index: index('g0'),
            value: { op: 'loadLocal', array: 'four', index: across, dtype: x.dtype },
          },
        ],
      }
    },
  },
})

onGpu('the backend', () => {
  it('runs kernels of the scalar IR whose threads meet', async () => {
    const gpu = await open()
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], { backend: gpu })
    expect(Array.from(await bind1(reversed, [x]).data())).toEqual([4, 3, 2, 1, 8, 7, 6, 5])
    const error = await bind1(reversed, [tensor([1, 2, 3], { backend: gpu })])
      .data()
      .catch((e: unknown) => e)
    expect(String(error)).toMatch(/whole workgroups/)
  })

  it('submits the kernels of a jitted call together', async () => {
    const gpu = await open()
    const submits = countSubmits(gpu.device)
    const step = jit((x: Tensor, w: Tensor) => {
      let y = x
      for (let i = 0; i < 12; i++) y = y.matmul(w).mul(0.5).add(1).tanh()
      return y.sum()
    })
    const x = tensor([1, 2, 3, 4], { shape: [2, 2], backend: gpu })
    const w = tensor([0.1, 0.2, 0.3, 0.4], { shape: [2, 2], backend: gpu })
    await step(x, w).data()
    const before = submits()
    await step(x, w).data()
    expect(submits() - before).toBe(1)
    const eager = submits()
    let y = x
    for (let i = 0; i < 20; i++) y = y.mul(0.5)
    await y.data()
    expect(submits() - eager).toBeLessThanOrEqual(2)
  })

  it('uses no more buffers from call to call', async () => {
    const gpu = await open()
    const x = tensor(new Float32Array(1000).fill(0.5), { backend: gpu })
    const slope = jit(grad((v: Tensor) => v.mul(v).exp().sum()))
    const once = async () => {
      const y = slope(x)
      const [first] = await y.data()
      y.dispose()
      return first
    }
    expect(await once()).toBeCloseTo(Math.exp(0.25), 5)
    const live = gpu.memory()
    for (let i = 0; i < 5; i++) await once()
    expect(gpu.memory()).toEqual(live)
  })

  it('never lets an upload overtake kernels that still read the buffer', async () => {
    const gpu = await open()
    const sums: Promise<TypedArray>[] = []
    for (let i = 0; i < 40; i++) {
      const x = tensor(new Float32Array(64).fill(i), { backend: gpu })
      const y = x.sum()
      sums.push(y.data())
      x.dispose()
    }
    expect((await Promise.all(sums)).map(([v]) => v)).toEqual(Array.from({ length: 40 }, (_, i) => 64 * i))
  })

  it('shares a device and its buffers', async () => {
    const own = await open()
    const gpu = await webgpu({ device: own.device })
    const x = tensor([1, 2, 3], { backend: gpu })
    const buffer = await gpu.toGPUBuffer(x.mul(2))
    const again = gpu.fromGPUBuffer(buffer, [3])
    expect(Array.from(await again.add(1).data())).toEqual([3, 5, 7])
    expect(() => gpu.fromGPUBuffer(buffer, [1000])).toThrow(/at least 4000 bytes/)
    await expect(gpu.toGPUBuffer(tensor([1], { backend: own }))).rejects.toThrow(/backend-mismatch/)
    gpu.destroy()
    expect(Array.from(await tensor([4], { backend: own }).data())).toEqual([4])
  })

  it('says which line of which shader does not compile, when the result is read', async () => {
    const gpu = await open()
    const x = tensor([1], { backend: gpu })
    const y = bind1(broken, [x]).add(1)
    const error = await y.data().catch((e: unknown) => e)
    expect(code(error)).toBe('device-failed')
    expect(String(error)).toMatch(/broken: got a shader that does not compile: .*b0\[/)
    expect(Array.from(await x.add(1).data())).toEqual([2])
  })

  it('refuses float64, and shapes beyond what the device binds', async () => {
    const gpu = await open()
    expect(() => tensor([1], { dtype: 'float64', backend: gpu })).toThrow(/dtype-unsupported/)
    const x = tensor([1], { backend: gpu })
    const huge = x.broadcastTo([1 << 15, 1 << 15])
    expect(code(await huge.data().catch((e: unknown) => e))).toBe('device-failed')
  })

  it('turns a lost device into errors', async () => {
    const gpu = await open()
    const x = tensor([1, 2], { backend: gpu })
    gpu.device.destroy()
    await gpu.device.lost
    const error = await x
      .add(1)
      .data()
      .catch((e: unknown) => e)
    expect(code(error)).toBe('device-failed')
    expect(String(error)).toMatch(/lost device/)
    const late = await open()
    const reading = tensor(new Float32Array(100_000), { backend: late }).exp().data()
    late.device.destroy()
    expect(code(await reading.catch((e: unknown) => e))).toBe('device-failed')
    const other = await open()
    expect(Array.from(await tensor([5], { backend: other }).data())).toEqual([5])
  })

  it('times kernels on the GPU', async () => {
    const gpu = await open()
    const x = tensor(new Float32Array(100_000).fill(1), { backend: gpu })
    const { result, kernels, trace } = await gpu.profile(async () => (await x.exp().mul(2).sum().data()).length)
    expect(result).toBe(1)
    expect(kernels.map((k) => k.name)).toEqual(expect.arrayContaining(['exp', 'mul', 'reduceSum']))
    expect(kernels.every((k) => k.microseconds >= 0)).toBe(true)
    expect(JSON.parse(trace).traceEvents).toHaveLength(kernels.length)
    await x.add(1).data()
    expect(kernels).toHaveLength(JSON.parse(trace).traceEvents.length)
  })

  it('computes with the functions of the GPU where asked', async () => {
    const gpu = await open({ precision: 'fast' })
    const [y] = await tensor([1], { backend: gpu }).exp().data()
    expect(y).toBeCloseTo(Math.E, 4)
  })
})

describe('without a GPU', () => {
  it('refuses a system without an adapter', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU
    expect(code(await webgpu({ gpu }).catch((e: unknown) => e))).toBe('device-failed')
  })
})
