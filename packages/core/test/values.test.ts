// Making, reading and typing tensors: weak numbers, dtypes, copies, trees, memory.

import { describe, expect, it } from 'vitest'
import * as core from '../src/index.js'
import { at, grad, jit, ones, scope, type Tensor, tensor, tree, vmap } from '../src/index.js'
import { bools, errorOf, expectValues, f64, i32 } from './support.js'

describe('weak numbers', () => {
  it('take the dtype of the tensor they meet, on either side', () => {
    for (const dtype of ['float32', 'float64', 'int32', 'uint32'] as const) {
      const x = tensor([1, 2], { dtype })
      expectValues(x.add(1), [2, 3], dtype)
      expectValues(core.sub(5, x), [4, 3], dtype)
    }
    expectValues(tensor([0.5]).mul(0.1).cast('float64'), [Math.fround(0.5 * Math.fround(0.1))])
  })

  it('stay weak among themselves, and keep float64 precision', () => {
    const third = jit((a: Tensor | number, x: Tensor) => core.div(a, 3).mul(x))(1, f64([1]))
    expect((third as Tensor).dtype).toBe('float64')
    expect((third as Tensor).item()).toBe(1 / 3)
    expect(core.add(1, 2).dtype).toBe('float32')
  })

  it('do not compile anew for another value', () => {
    const f = jit((x: Tensor, k: Tensor | number) => x.mul(k))
    f(ones([3]), 1)
    const { traces } = jit.stats()
    expectValues(f(ones([3]), 2.5), [2.5, 2.5, 2.5])
    expect(jit.stats().traces).toBe(traces)
  })

  it('become float32 when they leave a compiled function', () => {
    expectValues(jit((a: Tensor | number) => core.mul(a, 2))(3), 6, 'float32')
  })
})

describe('dtypes', () => {
  it('come from the data', () => {
    expect(tensor([1]).dtype).toBe('float32')
    expect(tensor([true]).dtype).toBe('bool')
    expect(tensor(new Float64Array(1)).dtype).toBe('float64')
    expect(tensor(new Uint32Array(1)).dtype).toBe('uint32')
    expect(core.arange(3).dtype).toBe('int32')
  })

  it('convert as cast does', () => {
    expectValues(f64([1.9, -1.9, Number.NaN, 2 ** 32 + 5]).cast('int32'), [1, -1, 0, 5], 'int32')
    expectValues(i32([-1]).cast('uint32'), [4294967295], 'uint32')
    expectValues(f64([0, -0, 0.5, Number.NaN]).cast('bool'), [false, false, true, true], 'bool')
    expectValues(bools([true, false]).cast('float32'), [1, 0], 'float32')
    expectValues(bools([true, true]).sum(), 2, 'int32')
    expectValues(core.bitcast(tensor([1]), 'int32'), [1065353216], 'int32')
  })

  it('wrap like machine integers', () => {
    expectValues(i32([2147483647]).add(1), [-2147483648])
    expectValues(i32([7, -7, 5]).div(i32([2, 2, 0])), [3, -3, 0])
    expectValues(core.rem(i32([-7, 7]), 3), [-1, 1])
    expectValues(core.mod(i32([-7, 7]), 3), [2, 1])
  })
})

describe('reading and copying', () => {
  it('tensor() and data() copy, wrap() does not', async () => {
    const source = new Float32Array([1, 2])
    const [copied, wrapped] = [tensor(source), core.wrap(source)]
    source[0] = 9
    expectValues(copied, [1, 2])
    expectValues(wrapped, [9, 2])
    const out = await copied.data()
    out[0] = 7
    expectValues(copied, [1, 2])
  })

  it('nests, and names itself', async () => {
    expect(await bools([[true], [false]]).array()).toEqual([[true], [false]])
    expect(core.zeros([2, 0]).arraySync()).toEqual([[], []])
    expect(core.zeros([2, 3]).toString()).toBe('Tensor float32[2, 3]')
    expect(f64(3).item()).toBe(3)
  })

  it('keeps tensors immutable under every write', () => {
    const x = f64([1, 2])
    at(x, 0).set(9)
    core.dynamicUpdate(x, f64([5]), [0])
    jit((v: Tensor) => v.add(1))(x)
    expectValues(x, [1, 2])
  })
})

describe('trees', () => {
  class Pair {
    static readonly [core.TREE] = {
      flatten: (p: Pair) => [p.a, p.b] as const,
      unflatten: ([a, b]: readonly unknown[], self: Pair) => new Pair(a as Tensor, b as Tensor, self.name),
      static: (p: Pair) => p.name,
    }
    readonly a: Tensor
    readonly b: Tensor
    readonly name: string
    constructor(a: Tensor, b: Tensor, name: string) {
      this.a = a
      this.b = b
      this.name = name
    }
  }

  it('flatten in the order of their keys, and back', () => {
    const value = { z: 1, a: [2, { b: 3 }], note: 'kept', none: null }
    const { leaves, structure } = tree.flatten(value)
    expect(leaves).toEqual([2, 3, 1])
    expect(tree.unflatten(structure, leaves)).toEqual(value)
  })

  it('of classes that opt in go through transforms', () => {
    const p = new Pair(f64(2), f64(3), 'p')
    const f = (q: Pair) => q.a.mul(q.b)
    const g = grad(f)(p) as unknown as Pair
    expect(g).toBeInstanceOf(Pair)
    expect(g.name).toBe('p')
    expectValues(g.a, 3)
    expectValues(jit(f)(p), 6)
    expectValues(vmap((q: Pair) => q.a.add(q.b))(new Pair(f64([1, 2]), f64([3, 4]), 'v')), [4, 6])
  })

  it('map, norm and dot', () => {
    const t = { a: f64([3]), b: [f64([4])] }
    expectValues(tree.norm(t), 5)
    const mixed = tree.norm([tensor([3]), f64([4])])
    expect([mixed.dtype, mixed.item()]).toEqual(['float64', 5])
    expectValues(tree.dot(t, t), 25)
    expectValues(tree.map((x: Tensor, y: Tensor) => x.sub(y), t, t).b[0], [0])
  })
})

describe('memory', () => {
  it('scope keeps what it returns, and nests', () => {
    let inner: Tensor | undefined
    const out = scope(() => {
      const a = scope(() => {
        inner = ones([2])
        return inner.add(1)
      })
      return { sum: a.sum() }
    })
    expectValues(out.sum, 4)
    expect(() => inner?.dataSync()).toThrow(/released/)
  })

  it('scope frees when the function throws', async () => {
    let inner: Tensor | undefined
    await expect(async () =>
      scope(() => {
        inner = ones([2])
        throw new Error('stop')
      }),
    ).rejects.toThrow('stop')
    await errorOf('released', () => inner?.data())
  })

  it('views share storage, counted', () => {
    const x = ones([4])
    const view = x.reshape([2, 2])
    x.dispose()
    x[Symbol.dispose]()
    expectValues(view, [
      [1, 1],
      [1, 1],
    ])
  })

  it('operations and transforms never consume their inputs', () => {
    const x = f64([1, 2])
    scope(() => {
      grad((v: Tensor) => v.square().sum())(x)
      jit((v: Tensor) => v)(x)
      x.reshape([2, 1])
    })
    expectValues(x, [1, 2])
  })

  it('jit returns an argument as it is, and twice where asked', () => {
    const x = f64([1, 2])
    const [a, b, c] = jit((v: Tensor) => [v, v, v.add(1)] as const)(x)
    x.dispose()
    expectValues(a, [1, 2])
    a.dispose()
    expectValues(b, [1, 2])
    expectValues(c, [2, 3])
  })
})

describe('jit', () => {
  it('traces once per type, structure and static value, and not for fresh closures of one structure', () => {
    const f = jit((x: Tensor, { n }: { n: number }) => x.mul(n), { static: [1] })
    const count = (run: () => unknown) => {
      const before = jit.stats().traces
      run()
      return jit.stats().traces - before
    }
    expect(count(() => f(ones([2]), { n: 2 }))).toBe(1)
    expect(count(() => f(ones([2]), { n: 2 }))).toBe(0)
    expect(count(() => f(ones([2]), { n: 3 }))).toBe(1)
    expect(count(() => f(ones([3]), { n: 2 }))).toBe(1)
    expect(count(() => f(f64([1, 2]), { n: 2 }))).toBe(1)
    const fresh = (k: number) => jit((x: Tensor) => x.mul(k).sin())(ones([5]))
    fresh(2)
    const { compiles } = jit.stats()
    expectValues(fresh(3), new Array(5).fill(Math.sin(3)))
    expect(jit.stats().compiles).toBe(compiles)
  })

  it('lifts what it captures', () => {
    const w = f64([1, 2])
    const outer = (v: Tensor) => jit((x: Tensor) => x.mul(v).sum())(w)
    expectValues(grad(outer)(f64([3, 4])), [1, 2])
    expectValues(
      vmap(outer)(
        f64([
          [3, 4],
          [5, 6],
        ]),
      ),
      [11, 17],
    )
  })

  it('runs inside jit, and on functions of nothing', () => {
    const inner = jit((x: Tensor) => x.add(1))
    expectValues(jit((x: Tensor) => inner(inner(x)))(f64(1)), 3)
    expectValues(jit(() => ones([2]).mul(3))(), [3, 3])
  })
})

it('eye has ones on the diagonal, in every dtype, traced or not', async () => {
  const expected = [
    [1, 0, 0],
    [0, 1, 0],
  ]
  for (const make of [() => core.eye(2, 3, { dtype: 'int32' }), jit(() => core.eye(2, 3, { dtype: 'int32' }))])
    expectValues(make(), expected, 'int32')
  expectValues(core.eye(3, 2).T, expected, 'float32')
  expect(core.eye(0).shape).toEqual([0, 0])
  expect(core.eye(2, 0).shape).toEqual([2, 0])
  await errorOf('shape-mismatch', () => core.eye(-1))
})

it('running sums count bools', () => {
  for (const f of [core.cumsum, jit((x: Tensor) => core.cumsum(x))])
    expectValues(f(bools([true, false, true, true])), [1, 1, 2, 3], 'int32')
})
