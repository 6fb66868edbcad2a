import { sizeOf } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BACKENDS, build, DTYPES, flat, get, runKernel, shapes, value, values } from './support.js'

const NUMERIC = DTYPES.filter((dtype) => dtype !== 'bool')
const anyDType = fc.constantFrom(...DTYPES)
const anyValue = (options?: Parameters<typeof shapes>[0]) =>
  fc.tuple(anyDType, shapes(options)).chain(([dtype, shape]) => values(dtype, shape, true))
const ascending = (n: number) => Array.from({ length: n }, (_, i) => i)
const range = (dtype: 'float32' | 'float64' | 'int32', shape: number[]) => value(dtype, shape, ascending(sizeOf(shape)))

describe.each(BACKENDS)('movement, %s', (_, cpu) => {
  it('transposes by any permutation', () => {
    const cases = anyValue().chain((x) =>
      fc.tuple(fc.constant(x), fc.shuffledSubarray(ascending(x.shape.length), { minLength: x.shape.length })),
    )
    fc.assert(
      fc.property(cases, ([x, permutation]) => {
        const shape = permutation.map((i) => x.shape[i])
        const [out] = runKernel(cpu, { name: 'transpose' }, [x], { permutation }, [{ shape, dtype: x.dtype }])
        const expected = build(x.dtype, shape, (index) =>
          get(
            x,
            ascending(shape.length).map((i) => index[permutation.indexOf(i)]),
          ),
        )
        expect(out).toEqual(expected)
      }),
    )
  })

  it.each([
    [
      [70, 90],
      [1, 0],
    ],
    [
      [3, 40, 50],
      [2, 0, 1],
    ],
    [
      [40, 3, 50],
      [2, 1, 0],
    ],
    [
      [2, 33, 3, 35],
      [0, 3, 2, 1],
    ],
    [
      [5, 64, 3],
      [1, 0, 2],
    ],
  ])('transposes %j by %j in tiles', (from, permutation) => {
    const x = range('float32', from)
    const shape = permutation.map((i) => from[i])
    const [out] = runKernel(cpu, { name: 'transpose' }, [x], { permutation }, [{ shape, dtype: 'float32' }])
    expect(out).toEqual(
      build('float32', shape, (index) =>
        get(
          x,
          ascending(shape.length).map((i) => index[permutation.indexOf(i)]),
        ),
      ),
    )
  })

  it('broadcasts', () => {
    const cases = fc
      .tuple(shapes(), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4), anyDType)
      .chain(([shape, ones, lead, dtype]) => {
        const own = shape.map((n, i) => (ones[i] ? 1 : n)).slice(Math.min(lead, shape.length))
        return fc.tuple(values(dtype, own), fc.constant(shape))
      })
    fc.assert(
      fc.property(cases, ([x, shape]) => {
        const [out] = runKernel(cpu, { name: 'broadcast' }, [x], { shape }, [{ shape, dtype: x.dtype }])
        const lead = shape.length - x.shape.length
        expect(out).toEqual(
          build(x.dtype, shape, (index) =>
            get(
              x,
              x.shape.map((n, i) => (n === 1 ? 0 : index[lead + i])),
            ),
          ),
        )
      }),
    )
  })

  it('slices with strides', () => {
    const cases = anyValue().chain((x) => {
      const axis = (n: number) => fc.tuple(fc.nat(n), fc.nat(n), fc.integer({ min: 1, max: 3 }))
      return fc.tuple(fc.constant(x), fc.tuple(...x.shape.map(axis)))
    })
    fc.assert(
      fc.property(cases, ([x, ranges]) => {
        const starts = ranges.map(([a, b]) => Math.min(a, b))
        const limits = ranges.map(([a, b]) => Math.max(a, b))
        const strides = ranges.map((r) => r[2])
        const shape = starts.map((s, i) => Math.ceil((limits[i] - s) / strides[i]))
        const [out] = runKernel(cpu, { name: 'slice' }, [x], { starts, limits, strides }, [{ shape, dtype: x.dtype }])
        expect(out).toEqual(
          build(x.dtype, shape, (index) =>
            get(
              x,
              index.map((j, i) => starts[i] + j * strides[i]),
            ),
          ),
        )
      }),
    )
  })

  it('slices long rows', () => {
    const x = range('float64', [6, 200])
    const params = { starts: [1, 3], limits: [6, 190], strides: [2, 1] }
    const [out] = runKernel(cpu, { name: 'slice' }, [x], params, [{ shape: [3, 187], dtype: 'float64' }])
    expect(out).toEqual(build('float64', [3, 187], ([i, j]) => (1 + 2 * i) * 200 + 3 + j))
  })

  it('flips', () => {
    const cases = anyValue().chain((x) => fc.tuple(fc.constant(x), fc.subarray(ascending(x.shape.length))))
    fc.assert(
      fc.property(cases, ([x, axes]) => {
        const [out] = runKernel(cpu, { name: 'flip' }, [x], { axes }, [x])
        const source = (index: number[]) => index.map((j, i) => (axes.includes(i) ? x.shape[i] - 1 - j : j))
        expect(out).toEqual(build(x.dtype, x.shape, (index) => get(x, source(index))))
      }),
    )
  })

  it('pads around and between', () => {
    const widths = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2))
    const cases = anyValue({ maxLength: 3 }).chain((x) =>
      fc.tuple(fc.constant(x), fc.tuple(...x.shape.map(() => widths))),
    )
    fc.assert(
      fc.property(cases, ([x, pads]) => {
        const [low, high, interior] = [0, 1, 2].map((k) => pads.map((p) => p[k]))
        const shape = x.shape.map((n, i) => low[i] + high[i] + n + Math.max(0, n - 1) * interior[i])
        const fill = value(x.dtype, [], [1])
        const [out] = runKernel(cpu, { name: 'pad' }, [x, fill], { low, high, interior }, [{ shape, dtype: x.dtype }])
        const expected = build(x.dtype, shape, (index) => {
          const at = index.map((j, i) => (j - low[i]) / (interior[i] + 1))
          return at.every((j, i) => Number.isInteger(j) && j >= 0 && j < x.shape[i]) ? get(x, at) : 1
        })
        expect(out).toEqual(expected)
      }),
    )
  })

  it('concatenates along any axis', () => {
    const cases = fc.tuple(
      anyDType,
      shapes({ minLength: 1 }),
      fc.nat(3),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }),
    )
    const filled = cases.chain(([dtype, shape, a, lengths]) => {
      const axis = a % shape.length
      return fc.tuple(fc.constant(axis), fc.tuple(...lengths.map((n) => values(dtype, shape.with(axis, n)))))
    })
    fc.assert(
      fc.property(filled, ([axis, parts]) => {
        const total = parts.reduce((sum, x) => sum + x.shape[axis], 0)
        const [{ shape: first, dtype }] = parts
        const shape = first.map((n, i) => (i === axis ? total : n))
        const [out] = runKernel(cpu, { name: 'concat' }, parts, { axis }, [{ shape, dtype }])
        const expected = build(dtype, shape, (index) => {
          const starts = parts.map((_, k) => parts.slice(0, k).reduce((sum, x) => sum + x.shape[axis], 0))
          const k = parts.findIndex((x, i) => index[axis] >= starts[i] && index[axis] < starts[i] + x.shape[axis])
          return get(parts[k], index.with(axis, index[axis] - starts[k]))
        })
        expect(out).toEqual(expected)
      }),
    )
  })

  it('reads and replaces windows whose start is clamped', () => {
    const cases = anyValue({ min: 1 }).chain((x) => {
      const axis = (n: number) => fc.tuple(fc.integer({ min: 0, max: n }), fc.integer({ min: -3, max: 8 }))
      return fc.tuple(fc.constant(x), fc.tuple(...x.shape.map(axis)))
    })
    fc.assert(
      fc.property(cases, ([x, windows]) => {
        const sizes = windows.map((w) => w[0])
        const start = value(
          'int32',
          [sizes.length],
          windows.map((w) => w[1]),
        )
        const clamped = sizes.map((n, i) => Math.min(Math.max(windows[i][1], 0), x.shape[i] - n))
        const window = { shape: sizes, dtype: x.dtype }
        const [out] = runKernel(cpu, { name: 'dynamicSlice' }, [x, start], { sizes }, [window])
        expect(out).toEqual(
          build(x.dtype, sizes, (index) =>
            get(
              x,
              index.map((j, i) => clamped[i] + j),
            ),
          ),
        )

        const update = { ...window, data: build(x.dtype, sizes, () => 1) }
        const [updated] = runKernel(cpu, { name: 'dynamicUpdate' }, [x, update, start], {}, [x])
        const inside = (index: number[]) => index.every((j, i) => j >= clamped[i] && j < clamped[i] + sizes[i])
        expect(updated).toEqual(build(x.dtype, x.shape, (index) => (inside(index) ? 1 : get(x, index))))
      }),
    )
  })

  it('counts along an axis', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NUMERIC), shapes({ minLength: 1 }), fc.nat(3), (dtype, shape, a) => {
        const axis = a % shape.length
        const [out] = runKernel(cpu, { name: 'iota' }, [], { shape, dtype, axis }, [{ shape, dtype }])
        expect(out).toEqual(build(dtype, shape, (index) => index[axis]))
      }),
    )
  })

  it('leaves its inputs alone', () => {
    const x = range('int32', [4, 5])
    const before = x.data.slice()
    runKernel(cpu, { name: 'dynamicUpdate' }, [x, range('int32', [2, 2]), value('int32', [2], [0, 0])], {}, [x])
    expect(x.data).toEqual(before)
    expect(flat([4, 5], [1, 1])).toBe(6)
  })
})
