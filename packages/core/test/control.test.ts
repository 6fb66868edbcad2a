// cond, whileLoop, scan and fori: run, compiled, differentiated and batched; custom rules and checkpoints.

import { describe, expect, it } from 'vitest'
import * as core from '../src/index.js'
import {
  checkpoint,
  cond,
  customJvp,
  customRoot,
  customVjp,
  fori,
  grad,
  hessian,
  jacobian,
  jit,
  jvp,
  linearSolve,
  scan,
  type Tensor,
  vmap,
  whileLoop,
} from '../src/index.js'
import { errorOf, expectValues, f64 } from './support.js'

const absolute = (x: Tensor): Tensor =>
  cond(
    x.lt(0),
    (v: Tensor) => v.neg(),
    (v: Tensor) => v,
    x,
  )

describe('cond', () => {
  it('runs one branch, compiled or not', () => {
    for (const f of [absolute, jit(absolute)]) {
      expectValues(f(f64(-2)), 2)
      expectValues(f(f64(3)), 3)
      expectValues(grad(f)(f64(-2)), -1)
    }
    expectValues(jit(grad(absolute))(f64(-2)), -1)
  })

  it('selects per lane under vmap, without NaN from the other branch', () => {
    const safe = (x: Tensor) =>
      cond(
        x.gt(0),
        (v: Tensor) => v.log(),
        () => f64(0),
        x,
      )
    expectValues(vmap(safe)(f64([1, -1])), [0, 0])
    expectValues(vmap(grad(absolute))(f64([-1, 2])), [-1, 1])
  })

  it('takes a JavaScript boolean, and captures tensors', () => {
    const k = f64(10)
    expectValues(
      cond(
        true,
        (v: Tensor) => v.mul(k),
        (v: Tensor) => v,
        f64(2),
      ),
      20,
    )
    expectValues(
      jit((x: Tensor) =>
        grad((c: Tensor) =>
          cond(
            x.gt(0),
            (v: Tensor) => v.mul(c),
            (v: Tensor) => v,
            x,
          ),
        )(f64(1)),
      )(f64(3)),
      3,
    )
  })
})

describe('whileLoop', () => {
  const double = (x: Tensor) => whileLoop({ cond: (s) => s.lt(100), body: (s) => s.mul(2), init: x })

  it('runs to the end, not at all, or to its limit', () => {
    for (const f of [double, jit(double)]) {
      expectValues(f(f64(3)), 192)
      expectValues(f(f64(500)), 500)
    }
    const bounded = (x: Tensor) => whileLoop({ cond: (s) => s.lt(100), body: (s) => s.mul(2), init: x, maxSteps: 2 })
    expectValues(bounded(f64(3)), 12)
    expectValues(jit(bounded)(f64(3)), 12)
  })

  it('pushes tangents forward', () => {
    for (const f of [double, jit(double)]) expectValues(jvp(f, [f64(3)], [f64(1)]).tangent, 64)
  })

  it('gives each lane its own end', () => {
    expectValues(vmap(double)(f64([3, 60, 500])), [192, 120, 500])
    expectValues(jit(vmap(double))(f64([3, 60, 500])), [192, 120, 500])
  })

  it('goes backwards where asked, over more steps than one segment', () => {
    const grow = (x: Tensor) =>
      whileLoop({ cond: (s) => s.lt(1e3), body: (s) => s.mul(1.1), init: x, maxSteps: 300, reverse: true })
    const steps = Math.ceil(Math.log(1e3) / Math.log(1.1))
    for (const f of [grad(grow), jit(grad(grow)), grad(jit(grow))]) expectValues(f(f64(1)), 1.1 ** steps)
    expectValues(vmap(grad(grow))(f64([1, 2000])), [1.1 ** steps, 1])
  })

  it('carries trees', () => {
    const { i, x } = jit((start: Tensor) =>
      whileLoop({
        cond: (s) => s.i.lt(3),
        body: (s) => ({ i: s.i.add(1), x: s.x.mul(2) }),
        init: { i: core.tensor(0, { dtype: 'int32' }), x: start },
      }),
    )(f64(1))
    expectValues(i, 3, 'int32')
    expectValues(x, 8)
  })
})

describe('scan and fori', () => {
  const run = (c: Tensor, xs: Tensor) => scan((s: Tensor, x: Tensor) => [s.mul(x), s] as const, c, xs)

  it('carry and stack', () => {
    for (const f of [run, jit(run)]) {
      const { carry, ys } = f(f64(1), f64([2, 3, 4]))
      expectValues(carry, 24)
      expectValues(ys, [1, 2, 6])
    }
    expectValues(
      scan((s: Tensor, x: Tensor) => [s.add(x), s] as const, f64(0), f64([1, 2, 3]), { reverse: true }).ys,
      [5, 3, 0],
    )
    expectValues(
      jit((xs: Tensor) => scan((s: Tensor, x: Tensor) => [s.add(x), s] as const, f64(0), xs, { reverse: true }).ys)(
        f64([1, 2, 3]),
      ),
      [5, 3, 0],
    )
  })

  it('is differentiable to the third order, and in its captured tensors', () => {
    const f = (a: Tensor) => scan((s: Tensor, x: Tensor) => [s.mul(a).add(x), null] as const, a, f64([1, 1])).carry
    // a^3 + a + 1
    for (const g of [f, jit(f)]) {
      expectValues(grad(g)(f64(2)), 13)
      expectValues(grad(grad(g))(f64(2)), 12)
      expectValues(grad(grad(grad(g)))(f64(2)), 6)
    }
  })

  it('batches over carry, xs, or captured tensors', () => {
    expectValues(vmap((c: Tensor) => run(c, f64([2, 3])).carry)(f64([1, 10])), [6, 60])
    expectValues(
      vmap((xs: Tensor) => run(f64(1), xs).carry)(
        f64([
          [2, 3],
          [4, 5],
        ]),
      ),
      [6, 20],
    )
    expectValues(
      jit(
        vmap(
          (k: Tensor) => scan((s: Tensor, x: Tensor) => [s.add(x.mul(k)), null] as const, f64(0), f64([1, 2])).carry,
        ),
      )(f64([1, 10])),
      [3, 30],
    )
  })

  it('of length 0 gives the carry and empty ys', () => {
    const { carry, ys } = run(f64(5), f64([]))
    expectValues(carry, 5)
    expect((ys as Tensor).shape).toEqual([0])
  })

  it('fori counts', () => {
    expectValues(
      fori(2, 5, (i, s: Tensor) => s.add(i.cast('float64')), f64(0)),
      9,
    )
    expectValues(jit((x: Tensor) => fori(0, 3, (_, s: Tensor) => s.mul(x), f64(1)))(f64(2)), 8)
    expectValues(grad((x: Tensor) => fori(0, 3, (_, s: Tensor) => s.mul(x), f64(1)))(f64(2)), 12)
    expectValues(
      fori(3, 3, (_, s: Tensor) => s.add(1), f64(7)),
      7,
    )
  })
})

describe('checkpoint', () => {
  it('changes no derivative', () => {
    const f = (x: Tensor) => x.sin().exp().mul(x).sum()
    const x = f64([0.5, -1])
    for (const g of [checkpoint(f), jit(checkpoint(f))]) {
      expectValues(grad(g)(x), grad(f)(x).arraySync())
      expectValues(hessian(g)(x), hessian(f)(x).arraySync())
      expectValues(jvp(g, [x], [f64([1, 2])]).tangent, jvp(f, [x], [f64([1, 2])]).tangent.arraySync())
    }
    expectValues(vmap(grad(checkpoint(f)))(f64([[0.5, -1]])), [grad(f)(x).arraySync()])
  })
})

describe('custom rules', () => {
  const softplus = customJvp(
    (x: Tensor) => x.exp().log1p(),
    ([x], [dx]) => ({ value: x.exp().log1p(), tangent: dx.mul(x.sigmoid()) }),
  )
  const clipped = customVjp((x: Tensor) => x.mul(1), {
    forward: (x: Tensor) => [x.mul(1), x] as const,
    backward: (x: Tensor, ct: Tensor) => [ct.mul(x).clip(-1, 1)],
  })

  it('customJvp serves both modes, every order, vmap and jit', () => {
    expectValues(grad(softplus)(f64(1000)), 1)
    expectValues(jvp(softplus, [f64(1000)], [f64(2)]).tangent, 2)
    expectValues(grad(grad(softplus))(f64(0)), 0.25)
    expectValues(vmap(grad(softplus))(f64([0, 1000])), [0.5, 1])
    expectValues(jit(vmap(grad(softplus)))(f64([0, 1000])), [0.5, 1])
    expectValues(grad(jit(softplus))(f64(1000)), 1)
  })

  it('customVjp serves reverse mode, vmap and jit, and refuses forward mode', async () => {
    const f = (x: Tensor) => clipped(x).mul(10).sum()
    expectValues(grad(f)(f64([3, 0.05])), [1, 0.5])
    expectValues(jit(grad(f))(f64([3, 0.05])), [1, 0.5])
    expectValues(
      vmap(grad(f))(
        f64([
          [3, 0.05],
          [-3, 0],
        ]),
      ),
      [
        [1, 0.5],
        [-1, 0],
      ],
    )
    await errorOf('not-differentiable', () => jvp(clipped, [f64(1)], [f64(1)]))
    // Forward over reverse differentiates the backward rule.
    expectValues(jvp(grad(f), [f64([3, 0.05])], [f64([1, 1])]).tangent, [0, 10])
  })

  it('customRoot differentiates the solution, not the solver', () => {
    const root = customRoot({
      residual: (x: Tensor, a: Tensor) => x.mul(x).sub(a),
      solve: (a: Tensor) =>
        whileLoop({
          cond: (x) => x.mul(x).sub(a).abs().max().gt(1e-12),
          body: (x) => x.add(a.div(x)).mul(0.5),
          init: a,
          maxSteps: 100,
        }),
      linearSolve: (matvec, b) => b.div(matvec(core.onesLike(b))),
    })
    expectValues(root(f64(4)), 2)
    expectValues(grad(root)(f64(4)), 0.25)
    expectValues(grad(grad(root))(f64(4)), -1 / 32)
    expectValues(jvp(root, [f64(4)], [f64(1)]).tangent, 0.25)
    expectValues(vmap(grad(root))(f64([4, 16])), [0.25, 0.125])
    expectValues(jit(vmap(grad(root)))(f64([4, 16])), [0.25, 0.125])
  })

  it('linearSolve is linear in b, and transposes', () => {
    const a = f64([
      [2, 1],
      [0, 4],
    ])
    const solve = (m: Tensor, b: Tensor) =>
      linearSolve(
        (x: Tensor) => m.matmul(x),
        b,
        (matvec, rhs) => {
          const columns = jacobian((v: Tensor) => matvec(v))(core.zerosLike(rhs))
          const at = (i: number, j: number) => columns.slice(i, j)
          const det = at(0, 0)
            .mul(at(1, 1))
            .sub(at(0, 1).mul(at(1, 0)))
          const [p, q] = [rhs.slice(0), rhs.slice(1)]
          return core.stack([
            at(1, 1).mul(p).sub(at(0, 1).mul(q)).div(det),
            at(0, 0).mul(q).sub(at(1, 0).mul(p)).div(det),
          ])
        },
      )
    expectValues(solve(a, f64([4, 8])), [1, 2])
    expectValues(grad((b: Tensor) => solve(a, b).sum())(f64([4, 8])), [0.5, 0.125])
    expectValues(grad((m: Tensor) => solve(m, f64([4, 8])).sum())(a), [
      [-0.5, -1],
      [-0.125, -0.25],
    ])
  })
})
