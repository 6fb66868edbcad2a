import type { Tensor } from '@adjoint/core'
import { add, broadcastTo, jit, mul, ones, tensor, withBackend, wrap } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LargeStorage } from '../../src/heap/contents.js'
import { FreeList } from '../../src/heap/free-list.js'
import { Heap } from '../../src/heap/heap.js'
import { createCpu } from '../../src/index.js'

const MEGABYTE = 2 ** 20

/** A heap of at most 8 MiB, and a storage in it filled with a number. */
function smallHeap() {
  const heap = new Heap(8 * MEGABYTE)
  const filled = (value: number, length = MEGABYTE / 4) => {
    heap.begin()
    const storage = heap.allocate('float32', length) as LargeStorage
    heap.read(storage).fill(value)
    return storage
  }
  return { heap, filled }
}

describe('free list', () => {
  it('hands out ranges that do not overlap, and merges all that come back', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(30), fc.nat(1000)), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (actions) => {
        const free = new FreeList()
        free.give(64, 64 * 100)
        const held: [number, number][] = []
        for (const [takes, size, which] of actions) {
          const bytes = 64 * (size + 1)
          const at = takes ? free.take(bytes) : -1
          if (at >= 0) {
            for (const [start, length] of held) expect(at + bytes <= start || start + length <= at).toBe(true)
            expect(at).toBeGreaterThanOrEqual(64)
            expect(at + bytes).toBeLessThanOrEqual(64 * 101)
            held.push([at, bytes])
          } else if (!takes && held.length > 0) free.give(...held.splice(which % held.length, 1)[0])
          expect(free.bytes).toBe(64 * 100 - held.reduce((sum, [, length]) => sum + length, 0))
        }
        for (const [start, length] of held) free.give(start, length)
        expect(free.take(64 * 100)).toBe(64)
      }),
    )
  })
})

describe('heap', () => {
  it('takes released blocks for the next tensors', () => {
    const { heap, filled } = smallHeap()
    const first = filled(1)
    const { pointer } = first
    heap.release(first)
    expect(heap.info()).toMatchObject({ blocks: 0, used: 0 })
    expect(filled(2).pointer).toBe(pointer)
  })

  it('grows, and derives views anew', () => {
    const heap = new Heap(64 * MEGABYTE)
    const storage = heap.allocate('float32', MEGABYTE) as LargeStorage
    const view = heap.read(storage).fill(3)
    const before = heap.info().reserved
    for (let i = 0; i < 6; i++) heap.allocate('float32', MEGABYTE)
    expect(heap.info().reserved).toBeGreaterThan(before)
    expect(view.length).toBe(0)
    expect(heap.read(storage)[MEGABYTE - 1]).toBe(3)
  })

  it('spills what was used longest ago, and brings it back when it is used again', () => {
    const { heap, filled } = smallHeap()
    const storages = Array.from({ length: 20 }, (_, i) => filled(i))
    expect(heap.info().reserved).toBe(8 * MEGABYTE)
    expect(heap.info().used).toBeLessThanOrEqual(8 * MEGABYTE)
    expect(storages[0].pointer).toBe(-1)
    storages.forEach((storage, i) => {
      heap.begin()
      heap.bring(storage)
      expect(storage.pointer).toBeGreaterThan(0)
      expect(heap.read(storage).every((x) => x === i)).toBe(true)
    })
  })

  it('links nothing to what it has spilled or given back: whoever holds one tensor does not hold all later ones', () => {
    const { heap, filled } = smallHeap()
    const storages = Array.from({ length: 20 }, (_, i) => filled(i))
    heap.release(storages[18])
    const gone = storages.filter(({ pointer }) => pointer < 0).map(({ contents }) => contents)
    expect(gone.length).toBeGreaterThan(10)
    for (const { older, newer } of gone) expect([older, newer]).toEqual([null, null])
  })

  it('does not grow for what is never used again, and does for what was spilled too early', () => {
    const heap = new Heap(1024 * MEGABYTE)
    const make = () => {
      heap.begin()
      return heap.allocate('float32', MEGABYTE / 16) as LargeStorage
    }
    for (let i = 0; i < 2000; i++) make()
    expect(heap.info().reserved).toBe(64 * MEGABYTE)
    const rounds = () => {
      const long = Array.from({ length: 800 }, make)
      const spilled = long.filter((s) => s.pointer < 0).length
      for (const storage of long) {
        heap.begin()
        heap.bring(storage)
        heap.release(storage)
      }
      return spilled
    }
    expect(rounds()).toBeGreaterThan(100)
    expect(rounds()).toBe(0)
  })

  it('keeps the operands of the running call in place', () => {
    const { heap, filled } = smallHeap()
    const storages = Array.from({ length: 7 }, (_, i) => filled(i))
    heap.begin()
    for (const storage of storages) heap.bring(storage)
    expect(heap.allocate('float32', MEGABYTE / 4)).toBeNull()
    expect(storages.every((s) => s.pointer > 0)).toBe(true)
    heap.begin()
    expect(heap.allocate('float32', MEGABYTE / 4)).not.toBeNull()
  })

  it('lends room for a call without growing', () => {
    const { heap } = smallHeap()
    const start = heap.mark()
    const [small, large] = [heap.borrow(1000), heap.borrow(3 * MEGABYTE)]
    expect(small).toBeGreaterThanOrEqual(0)
    expect(large).toBeGreaterThan(0)
    expect(heap.borrow(2 ** 30)).toBe(-1)
    heap.giveBack(start)
    expect(heap.borrow(1000)).toBe(small)
    expect(heap.borrow(3 * MEGABYTE)).toBe(large)
  })
})

describe('tensors in the heap', () => {
  const cpu = createCpu({ heapBytes: 16 * MEGABYTE })
  const on = <R>(fn: () => R): R => withBackend(cpu, fn)

  it('survive pressure: a long chain of large operations within a small heap', () => {
    on(() => {
      const kept: Tensor[] = []
      let x = ones([MEGABYTE / 4])
      for (let i = 0; i < 200; i++) {
        x = add(x, 1)
        if (i % 20 === 0) kept.push(x)
      }
      expect(x.dataSync().every((v) => v === 201)).toBe(true)
      kept.forEach((y, i) => {
        expect(y.dataSync()[777]).toBe(20 * i + 2)
      })
    })
  })

  it('that are larger than the heap lie in arrays', () => {
    on(() => {
      const x = ones([5 * MEGABYTE])
      expect(jit((y: Tensor) => y.mul(2).add(1).sum())(x).item()).toBe(15 * MEGABYTE)
    })
  })

  it('lie in arrays where there is no heap', () => {
    withBackend(createCpu({ heapBytes: 0 }), () => {
      const x = ones([300, 300])
      expect(x.matmul(x).add(1).sum().item()).toBe(301 * 90_000)
    })
  })

  it('that do not fit into memory are an error that says how many bytes', () => {
    const large = on(() => ones([1, 2 ** 20]))
    const grown = () => on(() => add(large, broadcastTo(ones([1, 1]), [2 ** 20, 1])))
    expect(grown).toThrow(/4398046511104 bytes/)
    expect(on(() => add(large, 1).dataSync()[3])).toBe(2)
  })

  it('follow the array they were wrapped around, tensors do not', () => {
    on(() => {
      const data = new Float32Array(MEGABYTE).fill(1)
      const [wrapped, copied] = [wrap(data), tensor(data)]
      const both = () => [mul(wrapped, 2), mul(copied, 2)].map((y) => y.dataSync()[5])
      expect(both()).toEqual([2, 2])
      data.fill(4)
      expect(both()).toEqual([8, 2])
    })
  })

  it('are not changed by what is done with their data', async () => {
    const x = on(() => add(ones([MEGABYTE]), 1))
    const data = await x.data()
    data[1] = 7
    expect(x.dataSync()[1]).toBe(2)
    x.dispose()
    on(() => add(ones([MEGABYTE]), 5))
    expect(data[0]).toBe(2)
  })
})
