import type { DType } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BACKENDS, DTYPES, flat, indices, runKernel, shapes, type Value, value, values } from './support.js'

interface Case {
  readonly x: Value
  readonly index: Value
  readonly updates: Value
  readonly batch: number
}

const cases = (dtypes: readonly DType[]): fc.Arbitrary<Case> => {
  const part = (max: number) => shapes({ min: 1, maxLength: max })
  return fc
    .tuple(fc.constantFrom(...dtypes), part(2), part(2), part(2), part(2))
    .chain(([dtype, lead, dims, rest, tuples]) => {
      const indexShape = [...lead, ...tuples, dims.length]
      const entries = fc.array(fc.integer({ min: -2, max: 6 }), {
        minLength: sizeOf(indexShape),
        maxLength: sizeOf(indexShape),
      })
      return fc.record({
        x: values(dtype, [...lead, ...dims, ...rest]),
        index: entries.map((n) => value('int32', indexShape, n)),
        updates: values(dtype, [...lead, ...tuples, ...rest]),
        batch: fc.constant(lead.length),
      })
    })
}

/** Calls `fn` with the flat places in the data (-1 outside) and in the gathered rows. */
function visit({ x, index, updates, batch }: Case, mode: string, fn: (source: number, target: number) => void): void {
  const depth = index.shape[index.shape.length - 1]
  const lead = index.shape.length - 1
  for (const at of indices(updates.shape)) {
    const tuple = Array.from({ length: depth }, (_, d) => index.data[flat(index.shape, [...at.slice(0, lead), d])])
    const dims = x.shape.slice(batch, batch + depth)
    const clipped = tuple.map((i, d) => Math.min(Math.max(i, 0), dims[d] - 1))
    const outside = mode === 'drop' && clipped.some((i, d) => i !== tuple[d])
    fn(outside ? -1 : flat(x.shape, [...at.slice(0, batch), ...clipped, ...at.slice(lead)]), flat(updates.shape, at))
  }
}

const modes = fc.constantFrom('clip', 'drop')

describe.each(BACKENDS)('gather and scatter, %s', (_, cpu) => {
  it('gathers rows, clipping or dropping', () => {
    fc.assert(
      fc.property(cases(DTYPES), modes, (c, mode) => {
        const [out] = runKernel(cpu, { name: 'gather' }, [c.x, c.index], { batch: c.batch, mode }, [c.updates])
        const expected = out.slice()
        visit(c, mode, (source, target) => {
          expected[target] = source < 0 ? 0 : c.x.data[source]
        })
        expect(out).toEqual(expected)
      }),
    )
  })

  const combine = {
    add: (a: number, b: number) => a + b,
    set: (_: number, b: number) => b,
    min: Math.min,
    max: Math.max,
  }

  it.each(Object.entries(combine))('scatters with %s', (name, step) => {
    fc.assert(
      fc.property(cases(['float32', 'float64', 'int32', 'uint32']), modes, (c, mode) => {
        const before = c.x.data.slice()
        const params = { batch: c.batch, mode, combine: name }
        const [out] = runKernel(cpu, { name: 'scatter' }, [c.x, c.index, c.updates], params, [c.x])
        const expected = c.x.data.slice()
        visit(c, mode, (source, target) => {
          if (source >= 0) expected[source] = step(expected[source], c.updates.data[target])
        })
        expect(out).toEqual(expected)
        expect(c.x.data).toEqual(before)
      }),
    )
  })

  it('gathers nothing from no indices', () => {
    const x = value('float32', [3, 2], [1, 2, 3, 4, 5, 6])
    const none = value('int32', [0, 1], [])
    const [out] = runKernel(cpu, { name: 'gather' }, [x, none], { batch: 0, mode: 'clip' }, [
      { shape: [0, 2], dtype: 'float32' },
    ])
    expect(out.length).toBe(0)
  })

  it('finds nothing along an empty axis', () => {
    const x = value('float32', [0, 2], [])
    const index = value('int32', [2, 1], [0, 5])
    const [out] = runKernel(cpu, { name: 'gather' }, [x, index], { batch: 0, mode: 'clip' }, [
      { shape: [2, 2], dtype: 'float32' },
    ])
    expect([...out]).toEqual([0, 0, 0, 0])
  })
})
