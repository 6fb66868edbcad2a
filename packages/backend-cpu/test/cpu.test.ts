import type { ArrayStorage, CpuKernelApi, KernelCall, TypedArray } from '@adjoint/core'
import type { ScalarKernel } from '@adjoint/core/codegen'
import { describe, expect, it } from 'vitest'
import { arrayPool } from '../src/pool.js'
import { createScratch } from '../src/scratch.js'
import { signature } from '../src/signature.js'
import { BACKENDS, runKernel, value } from './support.js'

describe('array pool', () => {
  it('hands a released array to the next allocation of the same size, under any dtype', () => {
    const pool = arrayPool(1 << 20)
    const first = pool.allocate('float32', 10_000)
    const block = first.data.buffer
    pool.release(first)
    expect(pool.idle()).toEqual({ buffers: 1, bytes: block.byteLength })
    const second = pool.allocate('int32', 10_000)
    expect(second.data.buffer).toBe(block)
    expect(second.data.length).toBe(10_000)
    expect(pool.idle()).toEqual({ buffers: 0, bytes: 0 })
  })

  it('takes an array back once only', () => {
    const pool = arrayPool(1 << 20)
    const storage = pool.allocate('float64', 5000)
    pool.release(storage)
    pool.release(storage)
    expect(pool.idle().buffers).toBe(1)
    expect(storage.data.length).toBe(0)
  })

  it('leaves arrays of the user alone', () => {
    const pool = arrayPool(1 << 20)
    const own: ArrayStorage = { kind: 'array', data: new Float32Array(10_000) }
    pool.release(own)
    expect(pool.idle()).toEqual({ buffers: 0, bytes: 0 })
    expect(own.data.length).toBe(10_000)
  })

  it('hands small arrays out again under their own dtype', () => {
    const pool = arrayPool(1 << 20)
    const first = pool.allocate('float32', 4)
    const { data } = first
    pool.release(first)
    pool.release(first)
    expect(first.data.length).toBe(0)
    expect(pool.allocate('int32', 4).data).not.toBe(data)
    expect(pool.allocate('float32', 4).data).toBe(data)
    expect(pool.allocate('float32', 4).data).not.toBe(data)
    for (let i = 0; i < 3000; i++) pool.release(pool.allocate('float64', i % 900))
    expect(pool.idle()).toEqual({ buffers: 0, bytes: 0 })
  })

  it('stays within its limit, dropping what was released first', () => {
    const pool = arrayPool(100_000)
    const held = [3000, 6000, 9000].map((n) => pool.allocate('float32', n))
    const last = held[2].data.buffer
    for (const storage of held) pool.release(storage)
    expect(pool.idle().bytes).toBeLessThanOrEqual(100_000)
    expect(pool.allocate('float32', 9000).data.buffer).toBe(last)
  })
})

describe('scratch', () => {
  it('gives different space within a kernel, the same again in the next', () => {
    const scratch = createScratch(() => null)
    const [a, b] = [scratch.take('float64', 10), scratch.take('int32', 10)]
    expect(a.buffer).not.toBe(b.buffer)
    scratch.reset()
    expect(scratch.take('float32', 10).buffer).toBe(a.buffer)
  })

  it('gives back what a part of a kernel took', () => {
    const scratch = createScratch(() => null)
    const a = scratch.take('float64', 10)
    const taken: ArrayBufferLike[] = []
    for (let i = 0; i < 3; i++) scratch.during(() => void taken.push(scratch.take('float64', 10).buffer))
    expect(new Set(taken).size).toBe(1)
    expect(taken[0]).not.toBe(a.buffer)
    expect(scratch.take('int32', 10).buffer).toBe(taken[0])
  })
})

describe('signature', () => {
  const call = (params: object, shape = [2, 3]): KernelCall => ({
    inputs: [{ shape, dtype: 'float32' }],
    outputs: [],
    params,
  })

  it('separates shapes, dtypes and parameters', () => {
    const same = signature(call({ axes: [0, 1], mode: 'clip' }))
    expect(signature(call({ axes: [0, 1], mode: 'clip' }))).toBe(same)
    expect(signature(call({ axes: [0], mode: 'clip' }))).not.toBe(same)
    expect(signature(call({ axes: [0, 1], mode: 'clip' }, [23]))).not.toBe(same)
    expect(signature(call({ x: 0 }))).not.toBe(signature(call({ x: -0 })))
    expect(signature(call({ x: [1, 2] }))).not.toBe(signature(call({ x: [12] })))
    expect(signature(call({ x: { a: 1 } }))).not.toBe(signature(call({ x: { a: '1' } })))
  })

  it('knows functions by identity', () => {
    const [f, g] = [() => 1, () => 1]
    expect(signature(call({ f }))).toBe(signature(call({ f })))
    expect(signature(call({ f }))).not.toBe(signature(call({ f: g })))
  })
})

describe.each(BACKENDS)('cpu, %s', (_, cpu) => {
  it('knows a primitive it has no kernel for', () => {
    const unknown = { name: '@test/none:none', shape: () => [] }
    expect(cpu.find?.(unknown, { inputs: [], outputs: [], params: {} })).toBeUndefined()
  })

  it('builds the kernel of a plug-in primitive once per signature, without its tensors', () => {
    const calls: KernelCall[] = []
    const kernels = {
      cpu: (api: CpuKernelApi, call: KernelCall) => {
        calls.push(call)
        return ([x]: readonly TypedArray[], [out]: readonly TypedArray[]) => {
          const work = api.scratch('float64', x.length)
          work.set(x)
          for (let i = 0; i < out.length; i++) out[i] = 2 * work[i]
        }
      },
    }
    const primitive = { name: '@test/plugin:double', kernels, shape: () => [] }
    const x = value('float32', [2], [1, 2])
    for (let i = 0; i < 3; i++) {
      const call = { inputs: [x], outputs: [x], params: {} }
      const outputs = cpu.find?.(primitive, call)?.([cpu.write(x.data, x.dtype)], call) as ArrayStorage[]
      expect([...outputs[0].data]).toEqual([2, 4])
    }
    expect(calls).toEqual([
      { inputs: [{ shape: [2], dtype: 'float32' }], outputs: [{ shape: [2], dtype: 'float32' }], params: {} },
    ])
  })

  const fill = (size: number): ScalarKernel => ({
    name: 'fill',
    buffers: [
      { dtype: 'float32', size, access: 'read' },
      { dtype: 'float32', size, access: 'write' },
    ],
    parameters: ['float32'],
    grid: [size],
    workgroup: 1,
    body: [
      {
        kind: 'store',
        buffer: 1,
        index: { op: 'variable', name: 'g0', dtype: 'int32' },
        value: {
          op: 'add',
          args: [
            { op: 'load', buffer: 0, index: { op: 'variable', name: 'g0', dtype: 'int32' }, dtype: 'float32' },
            { op: 'parameter', index: 0, dtype: 'float32' },
          ],
          dtype: 'float32',
        },
      },
    ],
  })

  it('runs kernels that primitives give in the scalar IR', () => {
    const rule = ({ inputs }: KernelCall): ScalarKernel => {
      const kernel = fill(inputs[0].shape[0])
      const one = { op: 'const', value: 1, dtype: 'float32' } as const
      const index = { op: 'variable', name: 'g0', dtype: 'int32' } as const
      const next = {
        op: 'add',
        args: [{ op: 'load', buffer: 0, index, dtype: 'float32' }, one],
        dtype: 'float32',
      } as const
      return { ...kernel, parameters: [], body: [{ kind: 'store', buffer: 1, index, value: next }] }
    }
    const x = value('float32', [3], [1, 2, 3])
    expect([...runKernel(cpu, { name: '@test/plugin:next', kernels: { ir: rule } }, [x], {}, [x])[0]]).toEqual([
      2, 3, 4,
    ])
  })

  it('draws the bits of Threefry-2x32', () => {
    // Known answer of the Random123 distribution for the zero counter and zero key: 6b200159 99ba4efe.
    const draw = (keys: number[], lanes: number[], shape: number[]) => {
      const key = value('uint32', [...lanes, 2], keys)
      return runKernel(cpu, { name: 'randomBits' }, [key], { shape }, [
        { shape: [...lanes, ...shape], dtype: 'uint32' },
      ])[0]
    }
    expect(draw([0, 0], [], [1])[0]).toBe((0x6b200159 ^ 0x99ba4efe) >>> 0)
    const many = draw([1, 2], [], [50, 20])
    expect(draw([0, 0, 1, 2], [2], [50, 20]).subarray(1000)).toEqual(many)
    const ones = Array.from(many).reduce((sum, word) => sum + word.toString(2).split('1').length - 1, 0)
    expect(new Set(many).size).toBe(1000)
    expect(Math.abs(ones / 32_000 - 0.5)).toBeLessThan(0.02)
  })
})
