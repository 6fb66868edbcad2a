import type { DType } from '@adjoint/core'
import type { BinaryOp, Scalar } from '@adjoint/core/codegen'
import { broadcastShapes } from '@adjoint/core/codegen'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BACKENDS, build, get, runKernel, shapes, type Value, value, values } from './support.js'

const rule = (op: BinaryOp) => ({
  name: `test ${op}`,
  scalar: ([a, b]: readonly Scalar[], _: object, dtype: DType): Scalar => ({ op, args: [a, b], dtype }),
})

const at = (x: Value, index: number[]) =>
  get(
    x,
    x.shape.map((n, i) => (n === 1 ? 0 : index[index.length - x.shape.length + i])),
  )

/** Two shapes that broadcast together. */
const operands = (dtype: DType) => {
  const ones = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 })
  return fc.tuple(shapes(), ones, ones, fc.nat(4), fc.nat(4)).chain(([shape, p, q, cutP, cutQ]) => {
    const part = (mask: boolean[], cut: number) => shape.map((n, i) => (mask[i] ? 1 : n)).slice(cut)
    return fc.tuple(values(dtype, part(p, cutP), true), values(dtype, part(q, cutQ), true))
  })
}

describe.each(BACKENDS)('element-wise kernels, %s', (_, cpu) => {
  it.each<DType>(['float32', 'float64', 'int32', 'uint32'])('subtract %s with broadcasting', (dtype) => {
    fc.assert(
      fc.property(operands(dtype), ([a, b]) => {
        const shape = broadcastShapes('sub', [a.shape, b.shape])
        const [out] = runKernel(cpu, rule('sub'), [a, b], {}, [{ shape, dtype }])
        expect(out).toEqual(build(dtype, shape, (index) => at(a, index) - at(b, index)))
      }),
    )
  })

  it('select with three operands of two dtypes', () => {
    const select = {
      name: 'test select',
      scalar: ([c, t, f]: readonly Scalar[], _: object, dtype: DType): Scalar => ({
        op: 'select',
        args: [c, t, f],
        dtype,
      }),
    }
    const c = value('bool', [3, 1], [1, 0, 1])
    const [t, f] = [value('float32', [2], [1, 2]), value('float32', [], [9])]
    const [out] = runKernel(cpu, select, [c, t, f], {}, [{ shape: [3, 2], dtype: 'float32' }])
    expect([...out]).toEqual([1, 2, 9, 9, 1, 2])
  })

  it('depend on parameters', () => {
    const scale = {
      name: 'test scale',
      scalar: ([a]: readonly Scalar[], params: object, dtype: DType): Scalar => ({
        op: 'mul',
        args: [a, { op: 'const', value: (params as { by: number }).by, dtype }],
        dtype,
      }),
    }
    const x = value('float64', [2], [1, -2])
    expect([...runKernel(cpu, scale, [x], { by: 3 }, [x])[0]]).toEqual([3, -6])
    expect([...runKernel(cpu, scale, [x], { by: 5 }, [x])[0]]).toEqual([5, -10])
  })
})
