import type { Tensor } from '@adjoint/core'
import * as core from '@adjoint/core'
import { cast, jit, tensor, where, withBackend } from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import { createCpu } from '../src/index.js'

const NAMES = ['exp', 'expm1', 'log', 'log1p', 'tanh', 'sigmoid', 'sin', 'cos', 'sqrt', 'abs', 'square', 'neg'] as const
const functions = core as unknown as Record<string, (x: Tensor) => Tensor>

/** Element-wise work of every kind, over a row and a number. */
function work(x: Tensor, row: Tensor): Tensor {
  const all = NAMES.map((name) => functions[name](x))
  const sum = all.reduce((a, b) => a.add(b.mul(0.1)))
  const chosen = where(core.lt(x, row), sum.mul(row), core.maximum(x, 0.3).div(row.add(1.7)))
  return core.pow(core.abs(chosen).add(0.01), 1.3).sub(cast(cast(x.mul(100), 'int32'), x.dtype))
}

describe.each(['float32', 'float64'] as const)('large %s tensors', (dtype) => {
  const cpu = createCpu()
  const on = <R>(fn: () => R): R => withBackend(cpu, fn)
  const [rows, columns] = [70, 101]
  const data = Float64Array.from({ length: rows * columns }, (_, i) => 0.05 + ((i * 7919) % 2003) / 700)
  const [x, row] = on(() => [
    tensor(data, { dtype, shape: [rows, columns] }),
    tensor(data.subarray(0, columns), { dtype }),
  ])

  it('come out of jit as they do out of single operations, to the bit', () => {
    expect(jit(work)(x, row).dataSync()).toEqual(work(x, row).dataSync())
  })

  it('do not depend on where an element lies', () => {
    const whole = jit(work)(x, row).dataSync()
    const other = on(() => tensor(data.subarray(columns), { dtype, shape: [rows - 1, columns] }))
    expect(jit(work)(other, row).dataSync()).toEqual(whole.subarray(columns))
    const transposed = jit((a: Tensor, b: Tensor) => work(a.transpose().transpose(), b))(x, row).dataSync()
    expect(transposed).toEqual(whole)
  })

  it('agree with JavaScript', () => {
    const plain = createCpu({ codeGeneration: 'javascript' })
    const expected = withBackend(plain, () =>
      work(tensor(data, { dtype, shape: [rows, columns] }), tensor(data.subarray(0, columns), { dtype })).dataSync(),
    )
    const actual = jit(work)(x, row).dataSync()
    const tolerance = dtype === 'float32' ? 2e-5 : 1e-13
    for (let i = 0; i < actual.length; i++)
      expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(tolerance * (1 + Math.abs(expected[i])))
  })
})
