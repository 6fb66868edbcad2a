// Loops in loops: every transformation of a family of programs agrees between the forms that run and those that compile.

import { describe, expect, it } from 'vitest'
import {
  cond,
  fori,
  grad,
  hessian,
  isAdjointError,
  jacobian,
  jit,
  jvp,
  ones,
  reference,
  scan,
  setBackend,
  stack,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '../src/index.js'
import { errorOf, expectValues, f64, i32 } from './support.js'

setBackend(reference)

const row = f64([0.5, -0.25, 1.25])
const least = f64(0.1)

/** Grows towards a bound: as many steps as the value needs. */
const grow = (x: Tensor, bound = 6, reverse = false): Tensor =>
  whileLoop({
    cond: (s) => s.square().sum().lt(bound),
    body: (s) => s.mul(1.3).add(x.mul(0.1)),
    init: x,
    maxSteps: 12,
    reverse,
  })

const accumulate = (x: Tensor): Tensor =>
  scan((s: Tensor, v: Tensor) => [s.mul(v).add(x).sin(), s.sum()] as const, x, row).ys.sum()

const bend = (x: Tensor): Tensor =>
  cond(
    x.sum().gt(1),
    (v: Tensor) => v.sin().mul(v),
    (v: Tensor) => v.exp().add(least),
    x,
  )

type Loop = (x: Tensor, reverse: boolean) => Tensor

const PROGRAMS: Readonly<Record<string, Loop>> = {
  'a branch': (x) => bend(x).sum(),
  'a branch in a branch': (x) =>
    cond(
      x.sum().gt(0),
      (v: Tensor) => bend(v).mul(2),
      (v: Tensor) => v.neg(),
      x,
    ).sum(),
  'a scan': (x) => accumulate(x),
  'a scan backwards': (x) =>
    scan((s: Tensor, v: Tensor) => [s.mul(v).add(x), s.mul(s)] as const, x, row, { reverse: true }).ys.sum(),
  'a scan in a scan': (x) =>
    scan((s: Tensor, v: Tensor) => [s.mul(0.5).add(accumulate(s.mul(v))), s] as const, x, row).carry.sum(),
  'a branch in a scan': (x) =>
    scan((s: Tensor, v: Tensor) => [bend(s.mul(v)), s] as const, x, row)
      .ys.square()
      .sum(),
  'a scan in a branch': (x) => cond(x.sum().gt(0.5), accumulate, (v: Tensor) => v.sum(), x),
  'a counted loop': (x) => fori(0, 5, (i, s: Tensor) => s.mul(x).add(i.cast('float64').mul(0.1)).sin(), x).sum(),
  'a while': (x, reverse) => grow(x, 6, reverse).sum(),
  'a while in a branch': (x, reverse) =>
    cond(
      x.sum().lt(3),
      (v: Tensor) => grow(v, 6, reverse).square(),
      (v: Tensor) => v,
      x,
    ).sum(),
  'a while in a scan': (x, reverse) =>
    scan((s: Tensor, v: Tensor) => [grow(s.mul(0.5).add(v), 6, reverse), s] as const, x, row).carry.sum(),
  'a while in a while': (x, reverse) =>
    whileLoop({
      cond: (s: { n: Tensor; x: Tensor }) => s.n.lt(3),
      body: (s: { n: Tensor; x: Tensor }) => ({ n: s.n.add(1), x: grow(s.x.mul(0.6), 6, reverse).sin() }),
      init: { n: i32(0), x },
      maxSteps: 4,
      reverse,
    }).x.sum(),
  'a branch in a while': (x, reverse) =>
    whileLoop({
      cond: (s) => s.square().sum().lt(40),
      body: (s) => bend(s).mul(0.5).add(s),
      init: x,
      maxSteps: 20,
      reverse,
    }).sum(),
}

const POINTS = [f64([0.4, 0.9]), f64([-0.3, 0.5])]

/** The values of a float64 tensor, each within 1e-8. */
function same(actual: unknown, expected: Tensor): void {
  const [a, e] = [(actual as Tensor).dataSync(), expected.dataSync()]
  expect((actual as Tensor).shape).toEqual(expected.shape)
  e.forEach((v, i) => {
    expect(Math.abs(a[i] - v)).toBeLessThan(1e-8 * Math.max(1, Math.abs(v)))
  })
}

/** Central differences of a scalar function. */
function differences(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const data = Array.from(x.dataSync())
  const at = (i: number, h: number) => f(f64(data.map((v, k) => (k === i ? v + h : v)))).item()
  return f64(data.map((_, i) => (at(i, 1e-6) - at(i, -1e-6)) / 2e-6))
}

function close(actual: Tensor, expected: Tensor, tolerance: number): void {
  const e = expected.dataSync()
  actual.dataSync().forEach((v, i) => {
    expect(Math.abs(v - e[i])).toBeLessThan(tolerance * Math.max(1, Math.abs(e[i])))
  })
}

describe.each(Object.entries(PROGRAMS))('%s', (_, loop) => {
  const forward = (x: Tensor) => loop(x, false)
  const f = (x: Tensor) => loop(x, true)

  it('runs, compiles and batches to the same value', () => {
    const expected = POINTS.map((x) => forward(x))
    POINTS.forEach((x, i) => {
      for (const g of [f, jit(forward), jit(f)]) same(g(x), expected[i])
    })
    for (const g of [forward, f, jit(forward), jit(f)]) {
      same(vmap(g)(stack(POINTS)), stack(expected))
      same(jit(vmap(g))(stack(POINTS)), stack(expected))
    }
  })

  it('pushes tangents forward, compiled and batched', () => {
    const v = f64([1, -0.5])
    const push = (g: (x: Tensor) => Tensor) => (x: Tensor) => jvp(g, [x], [v]).tangent as Tensor
    const expected = POINTS.map((x) => push(forward)(x))
    POINTS.forEach((x, i) => {
      close(expected[i], differences(forward, x).mul(v).sum(), 1e-6)
      for (const g of [push(f), push(jit(forward)), jit(push(forward)), jit(push(f))]) same(g(x), expected[i])
    })
    for (const g of [vmap(push(forward)), vmap(push(jit(forward))), jit(vmap(push(f)))])
      same(g(stack(POINTS)), stack(expected))
  })

  it('pulls gradients back, compiled and batched', () => {
    const expected = POINTS.map((x) => jacobian(forward, { mode: 'forward' })(x) as Tensor)
    POINTS.forEach((x, i) => {
      for (const g of [grad(forward), grad(f), grad(jit(f)), jit(grad(f))]) same(g(x), expected[i])
    })
    same(vmap(grad(f))(stack(POINTS)), stack(expected))
    same(jit(vmap(grad(f)))(stack(POINTS)), stack(expected))
    same(grad((xs: Tensor) => vmap(f)(xs).sum())(stack(POINTS)), stack(expected))
  })

  it('has one second derivative', () => {
    const [x] = POINTS
    const expected = hessian(forward)(x) as Tensor
    const rows = [0, 1].map((i) => differences((y) => grad(forward)(y).slice(i), x))
    close(expected, stack(rows), 1e-5)
    same(jit(hessian(f))(x), expected)
    same(jacobian(grad(f), { mode: 'reverse' })(x), expected)
    same(jit(jacobian(grad(f), { mode: 'reverse' }))(x), expected)
    same(jacobian(jacobian(forward, { mode: 'forward' }), { mode: 'forward' })(x), expected)
  })
})

describe('reverse mode through a while', () => {
  it('needs nothing where the loop has no tangent', () => {
    const steps = (n: Tensor) => whileLoop({ cond: (s) => s.lt(20), body: (s) => s.mul(2), init: n })
    const f = (x: Tensor, n: Tensor) => x.square().sum().mul(steps(n))
    const inside = (x: Tensor, n: Tensor) =>
      scan((s: Tensor) => [s.mul(steps(n)), null] as const, x, null, { length: 2 }).carry.sum()
    for (const g of [grad(f), jit(grad(f)), grad(jit(f))]) expectValues(g(f64([1, 2]), f64(3)), [48, 96])
    for (const g of [grad(inside), jit(grad(inside)), grad(jit(inside))]) expectValues(g(f64([1]), f64(3)), [576])
  })

  it('compiled without `reverse` it is refused, and says what to ask for', async () => {
    const error = await errorOf('not-differentiable', () => jit(grad((x: Tensor) => grow(x).sum()))(f64([0.4])))
    expect(error.expected).toMatch(/reverse: true/)
    await errorOf('not-differentiable', () => vmap(grad((x: Tensor) => grow(x).sum()))(f64([[0.4], [0.5]])))
  })

  it.each([1, 15, 16, 17, 256, 257])('recomputes segments of %i steps', (maxSteps) => {
    const f = (x: Tensor) =>
      whileLoop({
        cond: (s) => s.n.lt(maxSteps + 5),
        body: (s) => ({ n: s.n.add(1), x: s.x.mul(x).sin().add(1) }),
        init: { n: i32(0), x },
        maxSteps,
        reverse: true,
      }).x
    same(jit(grad(f))(f64(0.7)), grad(f)(f64(0.7)))
  })

  it('steps that are masked out leave no NaN', () => {
    // The body and its derivative are NaN at the state where the loop stops.
    const root = (x: Tensor) =>
      whileLoop({ cond: (s) => s.gt(1), body: (s) => s.sub(1).sqrt(), init: x, maxSteps: 8, reverse: true })
    for (const x of [10, 1.5, 0.5]) {
      const expected = grad(root)(f64(x))
      expect(Number.isFinite(expected.item())).toBe(true)
      same(jit(grad(root))(f64(x)), expected)
      same(vmap(grad(root))(f64([x, 4])).slice(0), expected)
    }
  })

  it('stops at maxSteps in every form', () => {
    const f = (x: Tensor) =>
      whileLoop({ cond: (s) => s.lt(1e6), body: (s) => s.mul(2), init: x, maxSteps: 5, reverse: true })
    for (const g of [f, jit(f)]) expectValues(g(f64(1)), 32)
    for (const g of [grad(f), jit(grad(f)), grad(jit(f))]) expectValues(g(f64(1)), 32)
    expectValues(jit(vmap(f))(f64([1, 1e5, 1e7])), [32, 1.6e6, 1e7])
    const none = (x: Tensor) =>
      whileLoop({ cond: (s) => s.lt(1e6), body: (s) => s.mul(2), init: x, maxSteps: 0, reverse: true })
    for (const g of [none, jit(none)]) expectValues(g(f64(3)), 3)
  })
})

describe('numbers', () => {
  it('are operands of a branch like any others', () => {
    const f = (x: Tensor) =>
      cond(
        x.gt(0),
        (k) => x.mul(k),
        (k) => x.sub(k),
        2,
      )
    for (const g of [f, jit(f)]) {
      expectValues(g(tensor(3)), 6, 'float32')
      expectValues(g(f64(-3)), -5, 'float64')
      expectValues(grad(g)(tensor(3)), 2, 'float32')
      expectValues(jit(grad(g))(tensor(-3)), 1, 'float32')
    }
  })

  it('come out of branches as they do in both forms', () => {
    const sign = (x: Tensor) =>
      cond(
        x.gt(0),
        () => 1,
        () => -1,
      )
    expectValues(x2(sign)(tensor(3)), 2, 'float32')
    expectValues(jit(x2(sign))(tensor(-3)), -2, 'float32')
    expectValues(vmap(x2(sign))(tensor([3, -3])), [2, -2], 'float32')
    const either = (x: Tensor) =>
      cond(
        x.gt(0),
        () => x,
        () => 0 as unknown as Tensor,
      )
    expectValues(either(tensor(-3)).add(tensor(1)), 1, 'float32')
    expectValues(jit(either)(tensor(-3)), 0, 'float32')
    for (const g of [either, jit(either)]) expectValues(grad((x: Tensor) => g(x).mul(x))(tensor(3)), 6, 'float32')
    const both = (x: Tensor) =>
      cond(
        x.gt(0),
        (v: Tensor) => [v.mul(2), 1, i32(7)],
        (v: Tensor) => [v, v.square(), 0],
        x,
      )
    const used = (x: Tensor) => (both(x) as Tensor[]).slice(0, 2).reduce((a, b) => a.mul(b))
    for (const g of [grad(used), jit(grad(used)), grad(jit(used))]) {
      expectValues(g(tensor(3)), 2, 'float32')
      expectValues(g(tensor(-3)), 27, 'float32')
    }
    function x2(f: (x: Tensor) => unknown): (x: Tensor) => Tensor {
      return (x) => (f(x) as Tensor).mul(x.abs()).div(x.abs()).mul(2)
    }
  })

  it('start a loop as float32', () => {
    const count = () =>
      whileLoop({ cond: (s: Tensor) => s.lt(5), body: (s: Tensor) => s.add(1), init: 0 as unknown as Tensor })
    for (const f of [count, jit(count)]) expectValues(f(), 5, 'float32')
  })
})

describe('state that changes its type', () => {
  const forms = (f: (x: Tensor) => unknown) => [
    () => f(ones([2])),
    () => jit(f as (x: Tensor) => Tensor)(ones([2])),
    () => vmap(f as (x: Tensor) => Tensor)(ones([3, 2])),
  ]

  it.each<[what: string, body: (s: Tensor) => Tensor]>([
    ['shape', (s) => s.sum()],
    ['dtype', (s) => s.cast('float64')],
    ['structure', ((s: Tensor) => [s]) as never],
    ['length', ((s: Tensor) => [s, s]) as never],
  ])('of another %s is refused by every loop in every form', async (_, body) => {
    const loops: ((x: Tensor) => unknown)[] = [
      (x) => whileLoop({ cond: (s) => s.sum().lt(9), body, init: x }),
      (x) => whileLoop({ cond: (s) => s.sum().lt(9), body, init: x, maxSteps: 5, reverse: true }),
      (x) => scan((s: Tensor) => [body(s), null] as const, x, null, { length: 2 }).carry,
      (x) => fori(0, 2, (_, s: Tensor) => body(s), x),
    ]
    for (const loop of loops) {
      for (const form of forms(loop)) {
        const error = await errorOf('loop-changed-type', form)
        expect(error.line).toMatch(/loops\.test\.ts:\d+:\d+$/)
      }
    }
  })

  it('says which type became which', () => {
    try {
      whileLoop({ cond: (s) => s.sum().lt(9), body: (s) => s.cast('float64'), init: ones([2]) })
    } catch (error) {
      expect(isAdjointError(error) && error.given).toMatch(/float32\[2\].*float64\[2\]/)
      return
    }
    throw new Error('nothing was refused')
  })
})
