// What calls leave in the heap: jitted programs reuse what dies in them, donated arguments are updated in place.

import { jit, ones, type Tensor, withBackend, zeros } from '@adjoint/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Heap } from '../src/heap/heap.js'
import { createCpu } from '../src/index.js'

const SIZE = 5000

/** What the heaps that were used since have been asked for. */
function watchHeap() {
  const allocate = vi.spyOn(Heap.prototype, 'allocate')
  return {
    allocations: () => allocate.mock.calls.length,
    info: () => (allocate.mock.contexts[0] as Heap).info(),
  }
}

afterEach(() => {
  vi.restoreAllMocks()
})

/** A step of Adam without its corrections. */
function step({ w, m, v }: Record<'w' | 'm' | 'v', Tensor>, g: Tensor) {
  const mean = m.mul(0.9).add(g.mul(0.1))
  const square = v.mul(0.99).add(g.square().mul(0.01))
  return { w: w.sub(mean.div(square.sqrt().add(1e-3)).mul(0.1)), m: mean, v: square }
}

describe.each(['float32', 'float64'] as const)('the heap of %s programs', (dtype) => {
  const cpu = createCpu()
  const on = <R>(fn: () => R): R => withBackend(cpu, fn)
  const start = () =>
    on(() => ({
      w: ones([SIZE], { dtype }).add(1),
      m: zeros([SIZE], { dtype }).add(0),
      v: zeros([SIZE], { dtype }).add(0),
    }))

  it('takes nothing new for donated state', () => {
    const g = on(() => ones([SIZE], { dtype }).add(1))
    const update = jit(step, { donate: [0] })
    const plain = jit(step)
    const [first, ...rest] = [start(), start()].map((s) => update(s, g))
    let [state] = rest
    for (const x of Object.values(first)) x.dispose()
    const heap = watchHeap()
    for (let i = 1; i < 20; i++) state = update(state, g)
    expect(heap.allocations()).toBe(0)
    let other = plain(start(), g)
    for (let i = 1; i < 20; i++) other = plain(other, g)
    expect(heap.allocations()).toBeGreaterThan(50)
    for (const key of ['w', 'm', 'v'] as const) expect(state[key].dataSync()).toEqual(other[key].dataSync())
  })

  it('is the same after any number of calls, and holds only what they return', () => {
    const a = withBackend(createCpu(), () => ones([70, 70], { dtype }).mul(0.01))
    const f = jit((x: Tensor) => x.matmul(x).tanh().matmul(x).exp().sum(0).div(3))
    const heap = watchHeap()
    f(a).dispose()
    const before = heap.info()
    const once = heap.allocations()
    for (let i = 0; i < 100; i++) f(a).dispose()
    expect(heap.info()).toEqual(before)
    expect(heap.allocations()).toBe(101 * once)
    expect(before.blocks).toBeLessThanOrEqual(2)
  })
})
