// Totals in parts: which kernels they serve, and that nothing is left out.

import { exp, jit, type Tensor, tensor, withBackend } from '@adjoint/core'
import type { ScalarKernel, Statement } from '@adjoint/core/codegen'
import { binary, int, variable } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inParts } from '../../src/codegen/in-parts.js'
import { createCpu } from '../../src/index.js'

const load = { op: 'load', buffer: 0, index: variable('i'), dtype: 'float64' } as const
const total = variable('total', 'float64')
const declareTotal: Statement = {
  kind: 'declare',
  name: 'total',
  value: { ...int(0), dtype: 'float64' },
  mutable: true,
}
const store: Statement = { kind: 'store', buffer: 1, index: int(0), value: total }

function kernelOf(sweep: readonly Statement[], size: number): ScalarKernel {
  const loop: Statement = { kind: 'loop', name: 'i', start: int(0), end: int(size), step: 1, body: sweep }
  return {
    name: 'total',
    buffers: [
      { dtype: 'float64', size, access: 'read' },
      { dtype: 'float64', size: 1, access: 'write' },
    ],
    parameters: [],
    grid: [],
    workgroup: 1,
    body: [declareTotal, loop, store],
  }
}

describe('totals in parts', () => {
  const add: Statement = { kind: 'assign', name: 'total', value: binary('add', total, load) }

  it('have as many parts as their size says', () => {
    expect(inParts(kernelOf([add], 1 << 20))?.count([])).toBe(64)
    expect(inParts(kernelOf([add], 1000))?.count([])).toBe(0)
  })

  it.each([
    ['a store in the sweep', [add, store]],
    ['a total that is read', [add, { kind: 'declare', name: 'x', value: total, mutable: false }]],
    ['something else than adding up', [{ kind: 'assign', name: 'total', value: load }]],
    ['a difference', [{ kind: 'assign', name: 'total', value: binary('sub', total, load) }]],
    ['a condition', [{ kind: 'while', condition: load, body: [add] }]],
    ['nothing to add up', []],
  ] as const satisfies readonly (readonly [string, readonly Statement[]])[])('leave whole: %s', (_, sweep) => {
    expect(inParts(kernelOf(sweep, 1 << 20))).toBeNull()
  })

  const cpu = createCpu({ webassemblyFrom: 1 })
  const several = jit((x: Tensor) => exp(x).sum().add(x.max()).add(x.square().mean()).sub(x.min()))

  it('add up every element once', () => {
    const sizes = fc.oneof(fc.integer({ min: 49_000, max: 90_000 }), fc.constantFrom(65_535, 65_536, 65_537, 81_920))
    fc.assert(
      fc.property(sizes, fc.constantFrom('float32' as const, 'float64' as const), (size, dtype) => {
        const numbers = Float64Array.from({ length: size }, (_, i) => ((i * 7919) % 1024) / 1024 - 0.5)
        const x = withBackend(cpu, () => tensor(numbers, { dtype }))
        const [sum, squares] = numbers.reduce(([s, q], v) => [s + Math.exp(v), q + v * v], [0, 0])
        const expected = sum + Math.max(...numbers) + squares / size - Math.min(...numbers)
        const tolerance = dtype === 'float32' ? 1e-6 : 1e-12
        expect(Math.abs(several(x).item() / expected - 1)).toBeLessThan(tolerance)
        expect(Math.abs(exp(x).sum().item() / sum - 1)).toBeLessThan(tolerance)
        expect(x.max().item()).toBe(Math.max(...numbers))
      }),
      { numRuns: 12 },
    )
  })

  it('find NaN and infinities wherever they are', () => {
    const numbers = new Float32Array(70_000).fill(1)
    for (const at of [0, 16_383, 16_384, 69_999]) {
      const x = withBackend(cpu, () => tensor(numbers.with(at, NaN)))
      expect(x.max().item()).toBeNaN()
      expect(several(x).item()).toBeNaN()
      expect(
        withBackend(cpu, () => tensor(numbers.with(at, -Infinity)))
          .min()
          .item(),
      ).toBe(-Infinity)
    }
  })
})
