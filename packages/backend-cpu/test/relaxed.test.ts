// Relaxed SIMD: asked for, found out, and right where the engine has it.

import { setFlagsFromString } from 'node:v8'
import { jit, logSumExp, ones, softmax, type Tensor, tensor, withBackend } from '@adjoint/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ModuleBuilder } from '../src/wasm/module.js'
import { fusing, lanes, op } from '../src/wasm/value.js'

// Node 20 has it behind a flag, later ones always.
setFlagsFromString('--experimental-wasm-relaxed-simd')

afterEach(() => void vi.restoreAllMocks())

/** A fresh copy of the backend, which asks again what the engine has. */
async function freshCpu(relaxedSimd: boolean) {
  vi.resetModules()
  return (await import('../src/index.js')).createCpu({ relaxedSimd })
}

/** How many compiled modules have fused products. */
function countFused(): () => number {
  const module = vi.spyOn(WebAssembly, 'Module')
  const isFused = (bytes: Uint8Array) => {
    for (let i = 0; i + 2 < bytes.length; i++)
      if (bytes[i] === 0xfd && bytes[i + 1] >= 0x85 && bytes[i + 1] <= 0x88 && bytes[i + 2] === 2) return true
    return false
  }
  return () => module.mock.calls.filter(([bytes]) => isFused(bytes as Uint8Array)).length
}

const work = jit((x: Tensor) => [softmax(x, 1), logSumExp(x, 1), x.matmul(x.transpose()), x.tanh().mul(x).add(x)])
const data = Float64Array.from({ length: 90 * 70 }, (_, i) => ((i * 7919) % 2003) / 700 - 1)

describe.each(['float32', 'float64'] as const)('relaxed SIMD of %s', (dtype) => {
  const run = async (relaxedSimd: boolean) => {
    const cpu = await freshCpu(relaxedSimd)
    const fused = countFused()
    const results = withBackend(cpu, () => work(tensor(data, { shape: [90, 70], dtype })).map((y) => y.dataSync()))
    return { results, fused: fused() }
  }

  it('computes the same to rounding', async () => {
    const [plain, relaxed] = [await run(false), await run(true)]
    expect(plain.fused).toBe(0)
    expect(relaxed.fused).toBeGreaterThan(0)
    const tolerance = dtype === 'float32' ? 1e-5 : 1e-14
    plain.results.forEach((expected, k) => {
      const actual = relaxed.results[k]
      for (let i = 0; i < expected.length; i++)
        expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(tolerance * (1 + Math.abs(expected[i])))
    })
  })
})

it('is left out where the engine lacks it', async () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  const cpu = await freshCpu(true)
  const fused = countFused()
  expect(
    withBackend(cpu, () =>
      ones([100, 100])
        .matmul(ones([100, 100]))
        .sum()
        .item(),
    ),
  ).toBe(1e6)
  expect(fused()).toBe(0)
})

it('joins a product with the sum or difference that it goes into last', () => {
  const [one, two] = [lanes('f64x2', 1), lanes('f64x2', 2)]
  const bytes = (build: () => ReturnType<typeof op>) =>
    fusing(true, () => {
      const module = new ModuleBuilder()
      module.export(
        'run',
        module.function([], ['v128'], (code) => code.return(build())),
      )
      return module.bytes()
    })
  const product = () => op('f64x2.mul', one, two)
  for (const build of [() => op('f64x2.add', one, product()), () => op('f64x2.add', product(), one)])
    expect(String(bytes(build))).toContain('253,135,2')
  expect(String(bytes(() => op('f64x2.sub', one, product())))).toContain('253,136,2')
  expect(String(bytes(() => op('f64x2.sub', product(), one)))).not.toContain('253,136,2')
})
