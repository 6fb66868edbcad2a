// Scopes, disposal and donation, on devices that count their buffers: one that works at once, one that works later.

import { describe, expect, it } from 'vitest'
import { reference } from '../src/backend/reference.js'
import { compileJavaScript } from '../src/codegen/index.js'
import {
  type Backend,
  bind,
  configure,
  type DType,
  defineBackend,
  definePrimitive,
  grad,
  jit,
  memory,
  ones,
  scan,
  scope,
  setBackend,
  synchronize,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
  wrap,
} from '../src/index.js'
import { countingBackend } from './compile/support.js'
import { errorOf, expectValues } from './support.js'

setBackend(reference)

const device = () => countingBackend(compileJavaScript, { buffers: 8, operations: 64 })

/** The same device behind a queue: kernels and reads resolve at the next turn. */
function later(): { backend: Backend; live: ReadonlySet<unknown> } {
  const { backend, live } = device()
  const find: NonNullable<Backend['find']> = (primitive, call) => {
    const kernel = backend.find?.(primitive, call)
    return (
      kernel &&
      (async (storages, own) => {
        await Promise.resolve()
        return kernel(storages, own)
      })
    )
  }
  const read: Backend['read'] = async (storage, dtype, size) => backend.read(storage, dtype, size)
  return {
    backend: defineBackend({
      ...backend,
      name: 'later',
      sync: false,
      find,
      read,
      codegen: undefined,
    }),
    live,
  }
}

const forms: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  eager: (x) => x.sin().mul(2).sum(),
  gradient: grad((x: Tensor) => x.sin().square().sum()),
  compiled: jit((x: Tensor) => x.sin().mul(2).sum()),
  'compiled gradient': jit(grad((x: Tensor) => x.matmul(x).sin().sum())),
  batched: vmap((x: Tensor) => x.sub(x.mean()).square().sum()),
  loop: (x) => whileLoop({ cond: (s) => s.sum().lt(100), body: (s) => s.mul(2).add(x), init: x, maxSteps: 20 }),
  'compiled loop': jit((x: Tensor) =>
    whileLoop({ cond: (s) => s.sum().lt(100), body: (s) => s.mul(2).add(x), init: x, maxSteps: 20 }),
  ),
  'compiled scan': jit(
    (x: Tensor) => scan((s: Tensor, row: Tensor) => [s.add(row), s.mul(row)] as const, x.sum(0), x).ys,
  ),
  'an input itself': jit((x: Tensor) => x),
  'a view': (x) => x.reshape([4]),
}

describe.each(Object.entries(forms))('%s', (_, form) => {
  it('leaves its result alone behind, in a scope', async () => {
    for (const { backend, live } of [device(), later()]) {
      const x = tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { backend },
      )
      const y = scope(() => form(x))
      await y.data()
      await synchronize(backend)
      expect(live.size).toBeLessThanOrEqual(2)
      x.dispose()
      y.dispose()
      await synchronize(backend)
      expect(live.size).toBe(0)
      expect(memory(backend).buffers).toBe(0)
    }
  })
})

describe('scope', () => {
  it('keeps what it returns, at any depth, and what was there before', async () => {
    const { backend, live } = device()
    const before = ones([2], { backend })
    let lost: Tensor | undefined
    const { a, rest } = scope(() => {
      lost = before.add(1)
      return { a: before.mul(2), rest: [before, lost.neg(), 3, null] as const }
    })
    expect(live.size).toBe(3)
    expectValues(a, [2, 2])
    expectValues(rest[1], [-2, -2])
    expectValues(before, [1, 1])
    await errorOf('released', () => lost?.add(1))
  })

  it('hands its result to the scope around it', () => {
    const { backend, live } = device()
    const total = scope(() => {
      const parts = [1, 2, 3].map((k) => scope(() => ones([4], { backend }).mul(k).sum()))
      expect(live.size).toBe(3)
      return parts.reduce((s, p) => s.add(p))
    })
    expect(live.size).toBe(1)
    expectValues(total, 24)
  })

  it('frees everything when the function throws', () => {
    const { backend, live } = device()
    expect(() =>
      scope(() => {
        ones([2], { backend }).add(1)
        throw new Error('on purpose')
      }),
    ).toThrow('on purpose')
    expect(live.size).toBe(0)
    ones([2], { backend }).dispose()
    expect(live.size).toBe(0)
  })

  it('around asynchronous work: what it made lives until its end, but for what is kept', async () => {
    const { backend, live } = later()
    const work = async () => {
      await using s = scope()
      const x = s.run(() => ones([3], { backend }).add(1))
      const [value] = await s.run(() => x.sum()).data()
      expect(value).toBe(6)
      return s.keep(s.run(() => x.mul(value)))
    }
    const kept = await work()
    expect(Array.from(await kept.data())).toEqual([12, 12, 12])
    await synchronize(backend)
    expect(live.size).toBe(1)
    await errorOf('promise-in-trace', () => scope().run(async () => 1))
  })
})

describe('dispose', () => {
  it('frees once; views keep the storage', async () => {
    const { backend, live } = device()
    const x = tensor([1, 2], { backend })
    const view = x.reshape([2, 1])
    x.dispose()
    x.dispose()
    expectValues(view, [[1], [2]])
    expect(live.size).toBe(1)
    view.dispose()
    expect(live.size).toBe(0)
    await errorOf('released', () => x.add(1))
  })

  it('by `using`', () => {
    const { backend, live } = device()
    {
      using x = ones([2], { backend })
      using y = x.add(1)
      expectValues(y, [2, 2])
    }
    expect(live.size).toBe(0)
  })

  it('of what is still in the queue lets the work finish first', async () => {
    const { backend, live } = later()
    const x = tensor([1, 2], { backend })
    const y = x.add(1)
    const z = y.mul(3)
    x.dispose()
    y.dispose()
    expect(Array.from(await z.data())).toEqual([6, 9])
    await synchronize(backend)
    expect(live.size).toBe(1)
    z.dispose()
    expect(live.size).toBe(0)
  })
})

describe('donation', () => {
  it('frees the argument at once, or after the queued call has read it', async () => {
    for (const { backend, live } of [device(), later()]) {
      const step = jit((s: Tensor, g: Tensor) => s.sub(g.mul(0.5)), { donate: [0] })
      let state = tensor([1, 2], { backend })
      const g = tensor([2, 2], { backend })
      for (let i = 0; i < 3; i++) {
        const before = state
        state = step(state, g)
        await errorOf('donated', () => before.add(1))
      }
      expect(Array.from(await state.data())).toEqual([-2, -1])
      await synchronize(backend)
      expect(live.size).toBe(2)
    }
  })

  it('updates in place: results lie where the arguments lay, and a call makes nothing new', () => {
    const { backend, live, made } = device()
    type State = { w: Tensor; m: Tensor }
    const momentum = ({ w, m }: State, g: Tensor) => {
      const next = m.mul(0.5).add(g)
      return { w: w.sub(next), m: next }
    }
    const step = jit(momentum, { donate: [0] })
    const start = { w: tensor([1, 2], { backend }), m: tensor([0, 0], { backend }) }
    const g = tensor([2, 4], { backend })
    const before = made()
    let state = start as State
    for (let i = 0; i < 3; i++) state = step(state, g)
    expectValues(state.w, [-7.5, -15])
    expectValues(state.m, [3.5, 7])
    expect(made()).toBe(before)
    expect(live.size).toBe(3)
  })

  it.each<readonly [string, (x: Tensor) => Tensor, number[][], number]>([
    [
      'read by sweeps before the one that writes',
      (x) => x.sub(x.max(1, { keepDims: true })),
      [
        [-1, 0],
        [-1, 0],
      ],
      0,
    ],
    [
      'read elsewhere than it is written',
      (x) => x.add(x.transpose()),
      [
        [2, 5],
        [5, 8],
      ],
      1,
    ],
    [
      'read again after it is written',
      (x) => x.mul(2).sum(1, { keepDims: true }).add(x.mul(2)),
      [
        [8, 10],
        [20, 22],
      ],
      0,
    ],
    [
      'read under two shapes',
      (x) =>
        x
          .reshape([4, 1])
          .sub(x.reshape([4]))
          .abs()
          .sum(1)
          .reshape([2, 2]),
      [
        [6, 4],
        [4, 6],
      ],
      1,
    ],
    [
      'of another dtype',
      (x) => x.lt(2.5).cast('float32'),
      [
        [1, 1],
        [0, 0],
      ],
      0,
    ],
  ])('of what is %s', (_, fn, expected, most) => {
    const { backend, live, made } = device()
    const f = jit(fn, { donate: [0] })
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { backend },
    )
    const before = made()
    const y = f(x)
    expectValues(y, expected)
    expect(live.size).toBe(1)
    expect(made() - before).toBeLessThanOrEqual(most)
  })

  it('never writes into what somebody else reads', async () => {
    const { backend } = device()
    const both = jit((x: Tensor, y: Tensor) => [x.add(1), y.mul(2)], { donate: [0] })
    const twice = tensor([1, 2], { backend })
    const [a, b] = both(twice, twice)
    expectValues(a, [2, 3])
    expectValues(b, [2, 4])
    const own = Float32Array.of(1, 2)
    const [c] = both(wrap(own, [2], backend), b)
    expectValues(c, [2, 3])
    expect(Array.from(own)).toEqual([1, 2])
    const shared = tensor([5, 6], { backend })
    const captured = jit((x: Tensor) => x.mul(shared), { donate: [0] })
    expectValues(captured(shared), [25, 36])
    await errorOf('donated', () => shared.add(1))
    const same = jit((x: Tensor) => [x, x.add(1)], { donate: [0] })
    const [d, e] = same(tensor([1, 2], { backend }))
    expectValues(d, [1, 2])
    expectValues(e, [2, 3])
  })

  it('frees what is never read, and what a failed call was given', async () => {
    const { backend, live } = device()
    const unread = jit((_: Tensor, y: Tensor) => y.add(1), { donate: [0] })
    const y = tensor([1, 2], { backend })
    unread(tensor([3, 4], { backend }), y).dispose()
    expect(live.size).toBe(1)
    const fails = definePrimitive('test:fails', {
      shape: ([aval]) => [aval],
      reference: () => {
        throw new Error('no')
      },
    })
    const f = jit((x: Tensor) => bind(fails, [x.add(1)])[0].mul(2), { donate: [0] })
    const given = tensor([1, 2], { backend })
    expect(() => f(given)).toThrow('no')
    await errorOf('donated', () => given.add(1))
    expect(live.size).toBe(1)
  })

  it('leaves derivatives alone', () => {
    const { backend } = device()
    const f = jit((x: Tensor, y: Tensor) => x.mul(y).sum(), { donate: [0] })
    const y = tensor([3, 4], { backend })
    expectValues(grad((v: Tensor) => f(tensor([1, 2], { backend }), v))(y), [1, 2])
  })
})

describe('the queue', () => {
  it('refuses more than it may hold, and goes on once awaited, with nothing leaked', async () => {
    const { backend, live } = later()
    const before = configure({ queueLimit: 10 })
    try {
      const x = ones([2], { backend })
      const sum = () => {
        let total = x
        for (let i = 0; i < 20; i++) total = total.add(x)
        return total
      }
      expect((await errorOf('queue-overflow', () => scope(sum))).fix).toMatch(/await/i)
      await synchronize(backend)
      expect(live.size).toBe(1)
      expect(Array.from(await x.add(1).data())).toEqual([2, 2])
    } finally {
      configure(before)
    }
  })

  it('a refused operand holds nothing', async () => {
    const { backend, live } = later()
    const [x, gone] = [ones([2], { backend }), ones([2], { backend })]
    gone.dispose()
    await errorOf('released', () => x.add(gone))
    x.dispose()
    expect(live.size).toBe(0)
  })
})

it('a disposed tensor is gone, also while a view of it lives', () => {
  const x = tensor([1, 2])
  const view = x.reshape([2, 1])
  x.dispose()
  x.dispose()
  expect(() => x.add(1)).toThrow(expect.objectContaining({ code: 'released' }))
  expect(Array.from(view.dataSync())).toEqual([1, 2])
})

it('what wraps an array on a device is a copy, which the device gets back', () => {
  const { backend, live } = device()
  const data = new Float32Array([1, 2])
  const x = wrap(data, [2], defineBackend({ ...backend, external: true }))
  expect(live.size).toBe(1)
  x.dispose()
  expect(live.size).toBe(0)
})

it('a kernel that gets only some of its buffers gives those back', () => {
  const { backend, live } = device()
  let left = 1
  const codegen = backend.codegen && {
    ...backend.codegen,
    allocate: (dtype: DType, size: number) => {
      if (left-- === 0) throw new Error('out of memory')
      return backend.codegen?.allocate(dtype, size)
    },
  }
  const x = tensor([1, 2], { backend: defineBackend({ ...backend, codegen }) })
  expect(() => jit((v: Tensor) => [v.exp(), v.exp().sin()])(x)).toThrow(/out of memory/)
  x.dispose()
  expect(live.size).toBe(0)
})
