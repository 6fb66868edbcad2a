// Kernels cut for threads: any pieces together do what the whole does.

import type { ScalarKernel, Statement } from '@adjoint/core/codegen'
import { binary, int, interpretKernel, plus, variable } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlenty, stepOf } from '../../src/threads/pieces.js'
import { lengthOf, split, splittable, unitOf } from '../../src/threads/split.js'

/** `out[g0, g1] = 10 g0 + g1`, as a grid. */
function gridKernel(rows: number, columns: number): ScalarKernel {
  const [row, column] = [variable('g0'), variable('g1')]
  const index = plus(binary('mul', row, int(columns)), column)
  return {
    name: 'grid',
    buffers: [{ dtype: 'int32', size: rows * columns, access: 'write' }],
    parameters: [],
    grid: [rows, columns],
    workgroup: 1,
    body: [{ kind: 'store', buffer: 0, index, value: plus(binary('mul', row, int(10)), column) }],
  }
}

describe('split', () => {
  it('gives pieces that make the whole, along any axis', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 50 }))
    fc.assert(
      fc.property(sizes, fc.nat(1), fc.integer({ min: 1, max: 20 }), ([rows, columns], depth, step) => {
        const kernel = gridKernel(rows, columns)
        const whole = new Int32Array(rows * columns)
        interpretKernel(kernel)([], [whole], [])
        const pieces = new Int32Array(rows * columns)
        const part = interpretKernel(split(kernel, depth))
        const length = lengthOf(splittable(kernel)[depth], [])
        for (let from = 0; from < length; from += step) part([], [pieces], [from, Math.min(length, from + step)])
        expect(pieces).toEqual(whole)
      }),
    )
  })

  it('finds loops that say they are independent, one inside the other', () => {
    const store: Statement = { kind: 'store', buffer: 0, index: int(0), value: int(1) }
    const loop = (independent: boolean, body: readonly Statement[]): Statement => ({
      kind: 'loop',
      name: 'i',
      start: int(0),
      end: { op: 'parameter', index: 0, dtype: 'int32' },
      step: 32,
      independent,
      body,
    })
    const depthOf = (body: readonly Statement[]) => splittable({ ...gridKernel(1, 1), grid: [], body }).length
    expect(depthOf([loop(true, [loop(true, [loop(false, [store])])])])).toBe(2)
    expect(depthOf([loop(false, [loop(true, [store])])])).toBe(0)
    expect(depthOf([loop(true, [store]), store])).toBe(0)
    const [outer] = splittable({ ...gridKernel(1, 1), grid: [], body: [loop(true, [store])] })
    expect([lengthOf(outer, [77]), unitOf(outer, 77)]).toEqual([77, 32])
  })

  it('cuts into pieces that are multiples of the unit, at least one for each thread', () => {
    expect(stepOf(1000, 16, 10, 2)).toBe(512)
    expect(stepOf(1000, 16, 1e6, 2)).toBe(64)
    expect(stepOf(7, 1, 1e6, 2)).toBe(1)
    expect([isPlenty(15, 2), isPlenty(16, 2)]).toEqual([false, true])
  })
})
