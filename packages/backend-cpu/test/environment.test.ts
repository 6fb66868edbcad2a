import { jit, ones, type Tensor, withBackend } from '@adjoint/core'
import { afterEach, describe, expect, it, vi } from 'vitest'

/** A fresh copy of the backend, which asks again what is possible. */
async function freshCpu() {
  vi.resetModules()
  return (await import('../src/index.js')).createCpu()
}

const forbidden = class {
  constructor() {
    throw new EvalError('blocked by the content security policy')
  }
}

afterEach(() => void vi.unstubAllGlobals())

describe('what a page forbids', () => {
  const norm = jit((x: Tensor) => x.mul(2).exp().add(1).sum(1))
  const run = async () => {
    const notice = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const cpu = await freshCpu()
    const x = withBackend(cpu, () => ones([100, 60]))
    expect(x.matmul(x.transpose()).dataSync()[5]).toBe(60)
    expect(norm(x).dataSync()[99]).toBeCloseTo(60 * (Math.E ** 2 + 1), 3)
    const notices = notice.mock.calls.length
    notice.mockRestore()
    return notices
  }

  it('nothing', async () => {
    expect(await run()).toBe(0)
  })

  it('WebAssembly: JavaScript is generated instead', async () => {
    const { Memory, Instance, validate } = WebAssembly
    vi.stubGlobal('WebAssembly', { Memory, Instance, validate, Module: forbidden })
    expect(await run()).toBe(1)
  })

  it('WebAssembly does not exist', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    expect(await run()).toBe(1)
  })

  it('all generated code: kernels are interpreted', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    vi.stubGlobal('Function', forbidden)
    expect(await run()).toBe(1)
  })

  it('SIMD is missing', async () => {
    const { Memory, Instance } = WebAssembly
    class Module extends WebAssembly.Module {
      constructor(bytes: BufferSource) {
        const words = [...new Uint8Array(bytes as ArrayBuffer)]
        if (words.includes(0xfd)) throw new WebAssembly.CompileError('invalid opcode 0xfd')
        super(bytes)
      }
    }
    vi.stubGlobal('WebAssembly', { Memory, Instance, Module })
    expect(await run()).toBe(1)
  })
})
