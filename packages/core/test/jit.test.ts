// jit: what its cache tells apart, what it lifts out of the code, and its errors.

import { describe, expect, it } from 'vitest'
import {
  add,
  defineBackend,
  grad,
  jit,
  jvp,
  ones,
  reference,
  setBackend,
  type Tensor,
  tensor,
  vmap,
} from '../src/index.js'
import * as random from '../src/random/index.js'
import { errorOf, expectValues, f64, i32 } from './support.js'

setBackend(reference)

/** What a piece of work adds to the statistics. */
function cost(fn: () => unknown): { traces: number; compiles: number } {
  const before = jit.stats()
  fn()
  const after = jit.stats()
  return { traces: after.traces - before.traces, compiles: after.compiles - before.compiles }
}

describe('the cache', () => {
  it('tells shapes, dtypes, structures and weakness apart, not values', () => {
    let runs = 0
    const f = jit((value: { a: Tensor } | readonly [Tensor]) => {
      runs++
      return 'a' in value ? value.a.add(1) : value[0].add(2)
    })
    const calls: readonly (readonly [value: { a: Tensor } | readonly [Tensor], traces: number])[] = [
      [{ a: ones([2]) }, 1],
      [{ a: ones([2]).mul(7) }, 1],
      [{ a: ones([3]) }, 2],
      [{ a: i32([1, 2]) }, 3],
      [{ a: f64([1, 2]) }, 4],
      [[ones([2])], 5],
      [{ a: ones([1, 2]) }, 6],
      [{ a: ones([2]) }, 6],
    ]
    for (const [value, traces] of calls) {
      f(value)
      expect(runs).toBe(traces)
    }
  })

  it('tells backends apart', () => {
    let runs = 0
    const other = defineBackend({ ...reference, name: 'other-device' })
    const f = jit((x: Tensor) => {
      runs++
      return x.add(1)
    })
    expect(f(ones([2])).backend).toBe(reference)
    expect(f(ones([2], { backend: other })).backend).toBe(other)
    f(ones([2], { backend: other }))
    expect(runs).toBe(2)
  })

  it('tells a number from a tensor, but no numbers from each other', () => {
    let runs = 0
    const f = jit((x: Tensor, k: Tensor | number) => {
      runs++
      return x.mul(k)
    })
    expectValues(f(tensor([2]), 3), [6], 'float32')
    expectValues(f(tensor([2]), 4.5), [9], 'float32')
    expect(runs).toBe(1)
    expectValues(f(tensor([2]), tensor(5)), [10], 'float32')
    expectValues(f(f64([2]), 0.1), [0.2], 'float64')
    expect(runs).toBe(3)
  })

  it('tells weak tensors of different shapes apart', () => {
    const twice = jit((x: Tensor) => x.add(x).sum())
    expectValues(grad((x: Tensor) => twice(x))(2 as never), 2)
    expectValues(grad((x: Tensor) => twice(x.broadcastTo([3])))(2 as never), 6)
    expectValues(grad((x: Tensor) => twice(x.reshape([1])))(2 as never), 2)
  })

  it('keeps static arguments by value, functions by identity', () => {
    let runs = 0
    const f = jit(
      (x: Tensor, how: unknown) => {
        runs++
        return typeof how === 'function' ? (how(x) as Tensor) : x
      },
      { static: [1] },
    )
    const double = (x: Tensor) => x.mul(2)
    const values = [
      1,
      2,
      '1',
      null,
      undefined,
      true,
      { n: 1, s: 'a' },
      [1, 'a'],
      ['a,string:b'],
      ['a', 'b'],
      { 'a:1': 1 },
      { a: '1:1' },
      double,
      (x: Tensor) => x.mul(3),
      0,
      -0,
    ]
    for (const value of values) f(ones([1]), value)
    expect(runs).toBe(values.length)
    for (const value of [1, { s: 'a', n: 1 }, [1, 'a'], double]) f(ones([1]), value)
    expect(runs).toBe(values.length)
    expectValues(f(tensor([2]), double), [4])
  })

  it('shares code between functions of equal structure: numbers are handed in', () => {
    const scale = (by: number) =>
      jit((x: Tensor) =>
        x
          .mul(by)
          .add(by + 1)
          .sin(),
      )
    expect(cost(() => scale(2.5)(ones([2])))).toEqual({ traces: 1, compiles: 1 })
    expect(cost(() => expectValues(scale(3.5)(f64([2])), [Math.sin(11.5)]))).toEqual({ traces: 1, compiles: 1 })
    expect(cost(() => expectValues(scale(4.5)(f64([2])), [Math.sin(14.5)]))).toEqual({ traces: 1, compiles: 0 })
    expect(cost(() => scale(5.5)(ones([2])))).toEqual({ traces: 1, compiles: 0 })
  })

  it('runs without tracing or compiling from the second call on', () => {
    const step = jit(grad((x: Tensor) => x.square().sum()))
    step(ones([4]))
    expect(cost(() => step(ones([4])))).toEqual({ traces: 0, compiles: 0 })
    expect(jit.stats().traceMilliseconds).toBeGreaterThanOrEqual(0)
    expect(jit.stats().compileMilliseconds).toBeGreaterThanOrEqual(0)
  })
})

describe('what is captured', () => {
  it('a tensor is an input, not a constant in the code', () => {
    const make = (c: Tensor) => jit((x: Tensor) => x.add(c).exp())
    make(f64([1, 2]))(f64([0, 0]))
    const next = make(f64([3, 4]))
    expect(cost(() => expectValues(next(f64([0, 0])), [Math.exp(3), Math.exp(4)])).compiles).toBe(0)
  })

  it('an outer tracer is differentiated, batched, and never kept', () => {
    let runs = 0
    const outer = (x: Tensor) => {
      const inner = jit((y: Tensor) => {
        runs++
        return y.mul(x).mul(x)
      })
      return inner(inner(x)).sum()
    }
    expectValues(grad(outer)(f64(2)), 80)
    expect(runs).toBe(2)
    expectValues(vmap(grad(outer))(f64([1, 2])), [5, 80])
    expectValues(jvp(outer, [f64(2)], [f64(1)]).tangent, 80)
    expectValues(jit(grad(outer))(f64(2)), 80)
  })

  it('one jitted function serves inside and outside of transformations', () => {
    const f = jit((x: Tensor) => x.sin().sum())
    const x = f64([1, 2])
    const derivative = [Math.cos(1), Math.cos(2)]
    expectValues(f(x), Math.sin(1) + Math.sin(2))
    expectValues(grad(f)(x), derivative)
    expectValues(grad((v: Tensor) => grad(f)(v).sum())(x), [-Math.sin(1), -Math.sin(2)])
    expectValues(vmap(f)(f64([[1, 2]])), [Math.sin(1) + Math.sin(2)])
    expectValues(vmap(grad(f))(f64([[1, 2]])), [derivative])
  })

  it('a key passes through, and so does its tree', () => {
    const draw = jit((k: random.Key) => random.uniform(k, [3]))
    expect(draw(random.key(4)).dataSync()).toEqual(random.uniform(random.key(4), [3]).dataSync())
    const [a, b] = jit((k: random.Key) => random.split(k))(random.key(4))
    const [c, d] = random.split(random.key(4))
    for (const [traced, host] of [
      [a, c],
      [b, d],
    ] as const)
      expect(random.bits(traced, [2]).dataSync()).toEqual(random.bits(host, [2]).dataSync())
  })
})

describe('results', () => {
  it('numbers become float32 tensors, other leaves keep their types', () => {
    const { n, m, same, twice } = jit((x: Tensor, k: number) => ({ n: 3, m: k, same: x, twice: [x, x] }))(i32([1]), 0.5)
    expectValues(n, 3, 'float32')
    expectValues(m, 0.5, 'float32')
    expectValues(same, [1], 'int32')
    expectValues(twice[1], [1], 'int32')
  })

  it('an output that is an input, or stands twice, survives the disposal of the others', () => {
    const x = tensor([1, 2])
    const [same, a, b] = jit((v: Tensor) => {
      const y = v.add(1)
      return [v, y, y] as const
    })(x)
    x.dispose()
    a.dispose()
    expectValues(same, [1, 2])
    expectValues(b, [2, 3])
  })

  it('need no tensor among the arguments', () => {
    expectValues(jit(() => ones([2]).add(1))(), [2, 2])
    expectValues(jit((a: number, b: number) => add(a, b))(1, 2), 3, 'float32')
  })
})

describe('donation', () => {
  it('kills the argument, its views and nothing else', async () => {
    const step = jit((state: { w: Tensor; b: Tensor }, x: Tensor) => ({ w: state.w.add(x), b: state.b }), {
      donate: [0],
    })
    const state = { w: tensor([1, 2]), b: tensor([3]) }
    const view = state.w.reshape([2, 1])
    const x = tensor([1, 1])
    const next = step(state, x)
    expectValues(next.w, [2, 3])
    expectValues(next.b, [3])
    expectValues(x, [1, 1])
    expect((await errorOf('donated', () => state.w.add(1))).fix).toMatch(/donate/)
    await errorOf('donated', () => view.dataSync())
    await errorOf('donated', () => state.w.data())
    await errorOf('donated', () => step(state, x))
    // What came out as it went in is still whole.
    expectValues(state.b, [3])
  })

  it('does nothing to tracers and numbers', () => {
    const f = jit((x: Tensor, k: number) => x.square().mul(k).sum(), { donate: [0, 1] })
    expectValues(grad((x: Tensor) => f(x, 2))(f64([3])), [12])
    expectValues(vmap((x: Tensor) => f(x, 2))(f64([[3], [4]])), [18, 32])
  })
})

describe('errors', () => {
  it('a promise, a read value and a branch on a value are refused with the line of the cause', async () => {
    const promised = (async (x: Tensor) => x) as unknown as (x: Tensor) => Tensor
    expect((await errorOf('promise-in-trace', () => jit(promised, { name: 'step' })(ones([1])))).fn).toBe('step')
    for (const read of [(x: Tensor) => x.item(), (x: Tensor) => x.dataSync(), (x: Tensor) => x.arraySync()]) {
      const error = await errorOf('traced-value', () => jit((x: Tensor) => x.mul(read(x) as number))(ones([1])))
      expect(error.line).toMatch(/jit\.test\.ts:\d+:\d+$/)
      expect(error.fix).toMatch(/where\(\) or cond\(\)/)
    }
    await errorOf('tensor-as-boolean', () => jit((x: Tensor) => x.mul(`${x}` === '' ? 1 : 2))(ones([1])))
  })

  it('a failed trace leaves nothing behind', async () => {
    const f = jit((x: Tensor) => x.add(ones([3])))
    await errorOf('shape-mismatch', () => f(ones([2])))
    await errorOf('shape-mismatch', () => f(ones([2])))
    expectValues(f(ones([3])), [2, 2, 2])
    expectValues(ones([2]).add(1), [2, 2])
  })

  it('a leaked tracer is named when it is used, also in another jitted function', async () => {
    const leaks: Tensor[] = []
    jit((x: Tensor) => {
      leaks.push(x.add(1))
      return x
    })(ones([1]))
    const error = await errorOf('leaked-tracer', () => leaks[0].mul(2))
    expect(error.line).toMatch(/jit\.test\.ts:\d+:\d+$/)
    await errorOf('leaked-tracer', () => jit((x: Tensor) => x.add(leaks[0]))(ones([1])))
  })

  it('a shape mismatch in a traced function shows the line of the operation', async () => {
    const error = await errorOf('shape-mismatch', () => jit((x: Tensor) => x.exp().add(ones([5])))(ones([2])))
    const own = new Error().stack?.match(/jit\.test\.ts:(\d+)/)?.[1]
    expect(error.line).toContain(`jit.test.ts:${Number(own) - 1}:`)
  })
})

it('tells backends of one name apart', () => {
  const twin = defineBackend({ ...reference })
  const shift = (backend: typeof twin) => tensor([1], { backend })
  const f = jit((x: Tensor) => add(x, 1))
  const traces = jit.stats().traces
  expect(f(shift(reference)).backend).toBe(reference)
  expect(f(shift(twin)).backend).toBe(twin)
  expect(jit.stats().traces - traces).toBe(2)
})
