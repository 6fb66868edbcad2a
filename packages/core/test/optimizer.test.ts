import { describe, expect, it } from 'vitest'
import { applyUpdates, isTensor, type Optimizer, requireContext, type Tensor, tensor, tree } from '../src/index.js'

const f64 = (data: number | number[]): Tensor => tensor(data, { dtype: 'float64' })

describe('applyUpdates', () => {
  it('adds leaf by leaf and keeps the dtype', () => {
    const next = applyUpdates({ w: f64([1, 2]), b: [tensor(3)] }, { w: f64([0.5, -2]), b: [tensor(1)] })
    expect(next.w.arraySync()).toEqual([1.5, 0])
    expect(next.w.dtype).toBe('float64')
    expect(next.b[0].item()).toBe(4)
  })

  it('makes numbers tensors', () => {
    const next: unknown = applyUpdates({ b: 3 }, { b: tensor(1) }).b
    expect(isTensor(next) && next.item()).toBe(4)
  })

  it('refuses another structure, shape or dtype', () => {
    expect(() => applyUpdates({ w: tensor(1) }, { v: tensor(1) })).toThrow(/tree-mismatch/)
    expect(() => applyUpdates({ w: tensor(1) }, { w: tensor([1, 2]) })).toThrow(/applyUpdates: .*shape-mismatch/s)
    expect(() => applyUpdates(tensor([1]), f64([1]))).toThrow(/dtype-mismatch/)
  })
})

describe('requireContext', () => {
  it('returns what is there', () => {
    const context = { params: tensor([1]), value: tensor(2) }
    expect(requireContext('sam', context, 'params', 'value')).toBe(context)
  })

  it('names what is missing and who wants it', () => {
    expect(() => requireContext('sam', { params: 1 }, 'params', 'valueAndGrad')).toThrow(
      /sam: got an update without `valueAndGrad`/,
    )
    expect(() => requireContext('sam', undefined, 'params')).toThrow(/missing-argument/)
  })
})

describe('Optimizer', () => {
  it('is an interface that a few lines fill', () => {
    const ahead: Optimizer<{ calls: number }> = {
      init: () => ({ calls: 0 }),
      update: (grads, { calls }, context) => {
        const { params, valueAndGrad } = requireContext('ahead', context, 'params', 'valueAndGrad')
        const there = tree.map((p: Tensor, g: Tensor) => p.sub(g), params, grads)
        return { updates: tree.map((g: Tensor) => g.neg(), valueAndGrad(there).grad), state: { calls: calls + 1 } }
      },
    }
    const valueAndGrad = (at: unknown) => ({ value: (at as Tensor).square().sum(), grad: (at as Tensor).mul(2) })
    const { updates, state } = ahead.update(f64([0.5]), ahead.init(null), { params: f64([2]), valueAndGrad })
    expect(updates.arraySync()).toEqual([-3])
    expect(state.calls).toBe(1)
  })
})
