// Custom rules, implicit functions, linear solves and checkpoints: under every transformation, and what they refuse.

import { describe, expect, it } from 'vitest'
import {
  at,
  checkpoint,
  concat,
  cond,
  customJvp,
  customRoot,
  customVjp,
  defineBackend,
  detached,
  grad,
  hessian,
  jacobian,
  jit,
  jvp,
  linearSolve,
  ones,
  onesLike,
  type Primitive,
  reference,
  scan,
  setBackend,
  stack,
  stopGradient,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
  zerosLike,
} from '../src/index.js'
import { errorOf, expectValues, f64 } from './support.js'

setBackend(reference)

const { exp, sin, cos, sqrt } = Math

describe('customJvp', () => {
  // A rule that is wrong on purpose, to be told from the function's own derivative: 3 instead of cos.
  const marked = customJvp(
    (x: Tensor) => x.sin(),
    ([x], [dx]) => ({ value: x.sin(), tangent: dx.mul(3) }),
  )

  it('runs the function where nothing is differentiated, its rule where something is', () => {
    for (const f of [marked, jit(marked)]) {
      expectValues(f(f64(1)), sin(1))
      expectValues(vmap(f)(f64([1, 2])), [sin(1), sin(2)])
      expectValues(grad(f)(f64(1)), 3)
      expectValues(jvp(f, [f64(1)], [f64(2)]).tangent, 6)
      expectValues(jit(grad(f))(f64(1)), 3)
      expectValues(vmap(grad(f))(f64([1, 2])), [3, 3])
      expectValues(grad((x: Tensor) => vmap(f)(x).sum())(f64([1, 2])), [3, 3])
    }
  })

  it('inside loops and checkpoints', () => {
    const loop = (x: Tensor) => scan((s: Tensor) => [marked(s), null] as const, x, null, { length: 3 }).carry
    for (const g of [
      grad(loop),
      jit(grad(loop)),
      grad(jit(loop)),
      grad(checkpoint(loop)),
      jit(grad(checkpoint(loop))),
    ]) {
      expectValues(g(f64(1)), 27)
    }
    expectValues(grad(checkpoint(marked))(f64(1)), 3)
    expectValues(
      jvp(
        jit((x: Tensor) => whileLoop({ cond: (s) => s.lt(100), body: (s) => marked(s), init: x, maxSteps: 2 })),
        [f64(1)],
        [f64(1)],
      ).tangent,
      9,
    )
  })

  it('takes and gives trees, and passes zero tangents as zeros', () => {
    const f = customJvp(
      ({ a, b }: { a: Tensor; b: Tensor }, k: Tensor) => ({ sum: a.add(b), product: a.mul(b).mul(k) }),
      ([{ a, b }, k], [d, dk]) => ({
        value: { sum: a.add(b), product: a.mul(b).mul(k) },
        tangent: { sum: d.a.add(d.b), product: d.a.mul(b).add(d.b.mul(a)).mul(k).add(a.mul(b).mul(dk)) },
      }),
    )
    const loss = (a: Tensor) => {
      const { sum, product } = f({ a, b: f64(3) }, f64(10))
      return sum.mul(product)
    }
    // (a + 3) 30 a
    for (const g of [grad(loss), jit(grad(loss))]) expectValues(g(f64(2)), 210)
    expectValues(grad(grad(loss))(f64(2)), 60)
    expectValues(grad(grad(grad(loss)))(f64(2)), 0)
  })

  it('its rule may use what is differentiated once more', () => {
    const cube: (x: Tensor) => Tensor = customJvp(
      (x: Tensor) => x.mul(x).mul(x),
      ([x], [dx]) => ({ value: cube(x), tangent: dx.mul(x.mul(x).mul(3)) }),
    )
    expectValues(grad(grad(grad(cube)))(f64(2)), 6)
    expectValues(jit(hessian((x: Tensor) => cube(x).sum()))(f64([1, 2])), [
      [6, 0],
      [0, 12],
    ])
    expectValues(vmap(grad(grad(cube)))(f64([1, 2])), [6, 12])
  })

  it('refuses derivatives of captured tensors, and only those', async () => {
    const scale = (k: Tensor) =>
      customJvp(
        (x: Tensor) => x.mul(k),
        ([x], [dx]) => ({ value: x.mul(k), tangent: dx.mul(k) }),
      )
    expectValues(grad((x: Tensor) => scale(f64(2))(x))(f64(3)), 2)
    expectValues(vmap((k: Tensor) => scale(k)(f64(3)))(f64([1, 2])), [3, 6])
    for (const f of [(k: Tensor) => scale(k)(f64(3)), jit((k: Tensor) => scale(k)(f64(3)))]) {
      const error = await errorOf('not-differentiable', () => grad(f)(f64(2)))
      expect(error.fn).toBe('customJvp')
      expect(error.fix).toMatch(/argument/)
    }
    await errorOf('not-differentiable', () => jvp((k: Tensor) => scale(k)(f64(3)), [f64(2)], [f64(1)]))
  })

  it('refuses a tangent of another structure', async () => {
    const f = customJvp((x: Tensor) => ({ y: x }), (([x]: [Tensor], [dx]: [Tensor]) => ({
      value: { y: x },
      tangent: [dx],
    })) as never)
    await errorOf('tree-mismatch', () => grad((x: Tensor) => f(x).y)(f64(1)))
  })
})

describe('customVjp', () => {
  const marked = customVjp((x: Tensor, k: Tensor) => x.mul(k), {
    forward: (x: Tensor, k: Tensor) => [x.mul(k), { x, k }] as const,
    backward: ({ x, k }, ct: Tensor) => [ct.mul(k).mul(100), ct.mul(x).mul(1000)],
  })

  it('pulls back by its own rule, for one argument or both', () => {
    for (const f of [marked, jit(marked)]) {
      expectValues(grad(f)(f64(2), f64(3)), 300)
      expectValues(grad(f, { argnums: 1 })(f64(2), f64(3)), 2000)
      const [gx, gk] = grad(f, { argnums: [0, 1] })(f64(2), f64(3)) as unknown as Tensor[]
      expectValues(gx, 300)
      expectValues(gk, 2000)
      expectValues(jit(grad(f))(f64(2), f64(3)), 300)
    }
    const { value, grad: g } = valueAndGrad((x: Tensor) => marked(x, x))(f64(2))
    expectValues(value, 4)
    expectValues(g, 2200)
  })

  it('sums over the lanes that share an argument', () => {
    const xs = f64([1, 2, 3])
    const total = (k: Tensor) => vmap(marked, { inAxes: [0, null] })(xs, k).sum()
    for (const g of [grad(total), jit(grad(total))]) expectValues(g(f64(5)), 6000)
    expectValues(vmap(grad(marked, { argnums: 1 }), { inAxes: [0, null] })(xs, f64(5)), [1000, 2000, 3000])
    expectValues(jit(vmap(grad(marked), { inAxes: [null, 0] }))(f64(2), xs), [100, 200, 300])
  })

  it('inside loops and checkpoints', () => {
    const loop = (x: Tensor) => scan((s: Tensor) => [marked(s, f64(2)), null] as const, x, null, { length: 2 }).carry
    for (const g of [grad(loop), jit(grad(loop)), grad(checkpoint(loop)), jit(grad(checkpoint(loop))), grad(jit(loop))])
      expectValues(g(f64(1)), 200 ** 2)
  })

  it('its second derivative is that of its backward pass', () => {
    const cube = customVjp((x: Tensor) => x.mul(x).mul(x), {
      forward: (x: Tensor) => [x.mul(x).mul(x), x] as const,
      backward: (x: Tensor, ct: Tensor) => [ct.mul(x.mul(x).mul(3))],
    })
    expectValues(grad(grad(cube))(f64(2)), 12)
    expectValues(grad(grad(grad(cube)))(f64(2)), 6)
    expectValues(jit(grad(grad(cube)))(f64(2)), 12)
    expectValues(jvp(grad(cube), [f64(2)], [f64(1)]).tangent, 12)
    expectValues(vmap(grad(grad(cube)))(f64([1, 2])), [6, 12])
    expectValues(hessian((x: Tensor) => cube(x).sum())(f64([1, 2])), [
      [6, 0],
      [0, 12],
    ])
  })

  it('serves several pullbacks of one forward pass', () => {
    const { pull } = vjp(marked, f64(2), f64(3))
    expectValues((pull(f64(1)) as readonly Tensor[])[0], 300)
    expectValues((pull(f64(2)) as readonly Tensor[])[1], 4000)
  })

  it('refuses forward mode, captured tensors and cotangents of another structure', async () => {
    for (const f of [marked, jit(marked)]) {
      const error = await errorOf('not-differentiable', () => jvp(f, [f64(1), f64(1)], [f64(1), f64(0)]))
      expect(error.fix).toMatch(/customJvp/)
      await errorOf('not-differentiable', () => jacobian((x: Tensor) => f(x, x), { mode: 'forward' })(f64(1)))
    }
    const captured = (k: Tensor) =>
      customVjp((x: Tensor) => x.mul(k), {
        forward: (x: Tensor) => [x.mul(k), null] as const,
        backward: (_: null, ct: Tensor) => [ct.mul(k)],
      })(f64(3))
    expect((await errorOf('not-differentiable', () => grad(captured)(f64(2)))).fn).toBe('customVjp')
    const wrong = customVjp((x: Tensor) => x.mul(1), {
      forward: (x: Tensor) => [x.mul(1), null] as const,
      backward: ((_: null, ct: Tensor) => ct) as never,
    })
    await errorOf('tree-mismatch', () => grad(wrong)(f64(1)))
  })
})

/** x with A x = b for two unknowns, from the columns of A. */
function cramer(matvec: (x: Tensor) => Tensor, b: Tensor): Tensor {
  const columns = jacobian((v: Tensor) => matvec(v))(zerosLike(b))
  const at = (i: number, j: number) => columns.slice(i, j)
  const det = at(0, 0)
    .mul(at(1, 1))
    .sub(at(0, 1).mul(at(1, 0)))
  const [p, q] = [b.slice(0), b.slice(1)]
  return stack([at(1, 1).mul(p).sub(at(0, 1).mul(q)).div(det), at(0, 0).mul(q).sub(at(1, 0).mul(p)).div(det)])
}

describe('detached', () => {
  /** How often k can be halved until it is at most 1, with k captured. */
  const halvings = (k: Tensor) =>
    detached((start: Tensor) => {
      const init = { left: k, count: start.cast('int32') }
      const body = (s: typeof init) => ({ left: s.left.mul(0.5), count: s.count.add(1) })
      return whileLoop({ cond: (s) => s.left.gt(1), body, init }).count
    })(f64(0))
  const f = (k: Tensor) => k.mul(halvings(k).cast('float64'))

  it('gives constants, through loops of unknown length, whatever it captures', () => {
    expectValues(f(f64(8)), 24)
    for (const g of [grad(f), jit(grad(f)), grad(jit(f))]) expectValues(g(f64(8)), 3)
    expectValues(vmap(grad(f))(f64([8, 3, 1])), [3, 2, 0])
    expectValues(jvp(f, [f64(8)], [f64(2)]).tangent, 6)
    expectValues(grad(grad(f))(f64(8)), 0)
  })
})

describe('linearSolve', () => {
  const a = f64([
    [2, 1],
    [0.5, 4],
  ])
  const b = f64([4, 8])
  const solve = (m: Tensor, right: Tensor) => linearSolve((x: Tensor) => m.matmul(x), right, cramer)
  /** The same without the primitive. */
  const plain = (m: Tensor, right: Tensor) => cramer((x) => m.matmul(x), right)
  const loss = (f: typeof solve) => (m: Tensor, right: Tensor) => f(m, right).sin().sum()

  it('solves, and differentiates as if one went through the solver', () => {
    expectValues(solve(a, b), plain(a, b).arraySync())
    for (const argnums of [0, 1]) {
      const expected = grad(loss(plain), { argnums })(a, b).arraySync()
      for (const g of [
        grad(loss(solve), { argnums }),
        jit(grad(loss(solve), { argnums })),
        grad(jit(loss(solve)), { argnums }),
      ])
        expectValues(g(a, b), expected)
    }
    expectValues(
      jvp(solve, [a, b], [ones([2, 2], { dtype: 'float64' }), b]).tangent,
      (jvp(plain, [a, b], [ones([2, 2], { dtype: 'float64' }), b]).tangent as Tensor).arraySync(),
    )
  })

  it('to the second order', () => {
    const second = (f: typeof solve) => hessian((right: Tensor) => loss(f)(a, right))
    expectValues(second(solve)(b), second(plain)(b).arraySync())
    expectValues(jit(second(solve))(b), second(plain)(b).arraySync())
    const both = (f: typeof solve) => grad((m: Tensor) => grad(loss(f), { argnums: 1 })(m, b).square().sum())
    expectValues(both(solve)(a), both(plain)(a).arraySync())
    expectValues(jit(both(solve))(a), both(plain)(a).arraySync())
  })

  it('in batches of either side', () => {
    const matrices = stack([a, a.add(1)])
    const rights = stack([b, b.neg()])
    const each = (f: (i: number) => Tensor) => stack([f(0), f(1)]).arraySync()
    expectValues(
      vmap(solve)(matrices, rights),
      each((i) => plain(matrices.slice(i), rights.slice(i))),
    )
    expectValues(
      vmap(solve, { inAxes: [0, null] })(matrices, b),
      each((i) => plain(matrices.slice(i), b)),
    )
    expectValues(
      vmap(solve, { inAxes: [null, 0] })(a, rights),
      each((i) => plain(a, rights.slice(i))),
    )
    expectValues(
      jit(vmap(grad(loss(solve))))(matrices, rights),
      each((i) => grad(loss(plain))(matrices.slice(i), rights.slice(i))),
    )
    expectValues(
      grad((m: Tensor) =>
        vmap(solve, { inAxes: [null, 0] })(m, rights)
          .sin()
          .sum(),
      )(a),
      grad(loss(plain))(a, b)
        .add(grad(loss(plain))(a, b.neg()))
        .arraySync(),
    )
  })

  it('takes trees', () => {
    const made = linearSolve(
      (x: { u: Tensor; v: Tensor }) => ({ u: x.u.mul(2), v: x.v.mul(4) }),
      { u: f64(2), v: f64([4, 8]) },
      (_, r) => ({ u: r.u.div(2), v: r.v.div(4) }),
    )
    expectValues(made.u, 1)
    expectValues(made.v, [1, 2])
  })

  it('returns what else the method found, of any type, as constants', () => {
    const solved = (m: Tensor, right: Tensor) =>
      linearSolve(
        (x: Tensor) => m.matmul(x),
        right,
        (matvec, r) => [cramer(matvec, r), { steps: r.size, largest: r.abs().max(), ok: r.gt(0).all() }] as const,
        { hasAux: true },
      )
    for (const f of [solved, jit(solved)]) {
      const { x, aux } = f(a, b)
      expectValues(x, plain(a, b).arraySync())
      expectValues(aux.largest, 8)
      expectValues(aux.ok, true)
    }
    const used = (right: Tensor) => {
      const { x, aux } = solved(a, right)
      return x.sum().mul(stopGradient(aux.largest))
    }
    const direct = (right: Tensor) => {
      const { x, aux } = solved(a, right)
      return x.sum().mul(aux.largest)
    }
    const expected = grad(used)(b).arraySync()
    for (const g of [grad(direct), jit(grad(direct)), grad(jit(direct))]) expectValues(g(b), expected)
    expectValues(vmap((right: Tensor) => solved(a, right).aux.largest)(stack([b, b.mul(2)])), [8, 16])
  })

  it('lifts what the method captures, and takes it for constant', () => {
    // A Newton correction of the inverse that the method brings along, itself a function of m.
    const refined = (m: Tensor, right: Tensor) => {
      const inverse = (v: Tensor, flip: boolean) => {
        const [p, q, r, s] = [m.slice(0, 0), m.slice(0, 1), m.slice(1, 0), m.slice(1, 1)]
        const [up, low] = flip ? [r, q] : [q, r]
        const top = s.mul(v.slice(0)).sub(up.mul(v.slice(1)))
        return stack([top, p.mul(v.slice(1)).sub(low.mul(v.slice(0)))]).div(p.mul(s).sub(q.mul(r)))
      }
      return linearSolve(
        (x: Tensor) => m.matmul(x),
        right,
        (_, r, transposed) => inverse(r, transposed),
      )
    }
    for (const argnums of [0, 1]) {
      const expected = grad(loss(plain), { argnums })(a, b).arraySync()
      const f = loss(refined)
      for (const g of [grad(f, { argnums }), jit(grad(f, { argnums })), grad(jit(f), { argnums })])
        expectValues(g(a, b), expected)
      const lanes = vmap(grad(f, { argnums }), { inAxes: [0, null] })(stack([a, a.mul(2)]), b)
      expectValues(lanes.slice(0), expected)
      expectValues(lanes.slice(1), grad(loss(plain), { argnums })(a.mul(2), b).arraySync())
    }
    const twice = (m: Tensor) =>
      grad((t: Tensor) => loss(refined)(t, b))(m)
        .square()
        .sum()
    const plainTwice = (m: Tensor) =>
      grad((t: Tensor) => loss(plain)(t, b))(m)
        .square()
        .sum()
    for (const g of [grad(twice), jit(grad(twice))]) expectValues(g(a), grad(plainTwice)(a).arraySync())
  })

  it('solves a symmetric system again in reverse mode, without transposing it', () => {
    let traced = 0
    const s = f64([
      [2, 1],
      [1, 3],
    ])
    const symmetric = (right: Tensor) =>
      linearSolve(
        (x: Tensor) => s.matmul(x),
        right,
        (matvec, r, transposed) => {
          traced++
          expect(transposed).toBe(false)
          return cramer(matvec, r)
        },
        { symmetric: true },
      ).sin()
    const f = (right: Tensor) => symmetric(right).sum()
    expectValues(grad(f)(b), grad((r: Tensor) => plain(s, r).sin().sum())(b).arraySync())
    expect(traced).toBe(1)
  })

  it('inside loops, branches and checkpoints, with methods that capture their state', () => {
    const step = (x: Tensor) =>
      linearSolve(
        (v: Tensor) => v.mul(x),
        b,
        (_, r) => r.div(x),
      ).sqrt()
    const direct = (x: Tensor) => b.div(x).sqrt()
    const forms: ((one: (x: Tensor) => Tensor) => (x: Tensor) => Tensor)[] = [
      (one) => (x) => scan((c: Tensor) => [one(c), c.sum()] as const, x, null, { length: 3 }).carry.sum(),
      (one) => (x) => checkpoint(one)(checkpoint(one)(x)).sum(),
      (one) => (x) => cond(x.sum().gt(0), one, (v: Tensor) => v, x).sum(),
    ]
    for (const form of forms) {
      const expected = grad(form(direct))(f64([2, 3])).arraySync()
      const f = form(step)
      for (const g of [grad(f), jit(grad(f)), grad(jit(f))]) expectValues(g(f64([2, 3])), expected)
      expectValues(vmap(grad(f))(f64([[2, 3]])).slice(0), expected)
    }
  })

  it('compiles once for methods that capture other tensors', () => {
    const scaled = (k: Tensor) =>
      linearSolve(
        (x: Tensor) => x.mul(k),
        f64([1, 2]),
        (_, r) => whileLoop({ cond: (x) => x.mul(k).max().lt(2), body: () => r.div(k), init: r.mul(0) }),
      )
    expectValues(scaled(f64(4)), [0.25, 0.5])
    const before = jit.stats().compiles
    expectValues(scaled(f64(8)), [0.125, 0.25])
    expect(jit.stats().compiles).toBe(before)
  })

  it('refuses products and solutions of another shape', async () => {
    const error = await errorOf('shape-mismatch', () =>
      linearSolve(
        (x: Tensor) => x.sum(),
        b,
        (_, r) => r,
      ),
    )
    expect(error.given).toMatch(/product/)
    await errorOf('shape-mismatch', () =>
      linearSolve(
        (x: Tensor) => x,
        b,
        (_, r) => r.cast('float32'),
      ),
    )
    await errorOf('tree-mismatch', () =>
      linearSolve(
        (x: Tensor) => x,
        b,
        (_, r) => [r] as never,
      ),
    )
  })

  it('may use a solver that loops without end in sight', () => {
    const jacobi = (matvec: (x: Tensor) => Tensor, right: Tensor) =>
      whileLoop({
        cond: (x) => matvec(x).sub(right).abs().max().gt(1e-13),
        body: (x) => x.add(right.sub(matvec(x)).mul(0.25)),
        init: zerosLike(right),
        maxSteps: 400,
      })
    const f = (right: Tensor) => linearSolve((x: Tensor) => a.matmul(x), right, jacobi).sum()
    for (const g of [grad(f), jit(grad(f))])
      expectValues(g(b), grad((right: Tensor) => plain(a, right).sum())(b).arraySync())
  })
})

describe('customRoot', () => {
  /** x^3 + a x = b, by Newton's method. */
  const root = customRoot({
    residual: (x: Tensor, a: Tensor, b: Tensor) => x.mul(x).mul(x).add(a.mul(x)).sub(b),
    solve: (a: Tensor, b: Tensor) =>
      whileLoop({
        cond: (x) => x.mul(x).mul(x).add(a.mul(x)).sub(b).abs().max().gt(1e-14),
        body: (x) => x.sub(x.mul(x).mul(x).add(a.mul(x)).sub(b).div(x.mul(x).mul(3).add(a))),
        init: onesLike(b),
        maxSteps: 50,
      }),
    linearSolve: (matvec, right) => right.div(matvec(onesLike(right))),
  })
  // At a = 1, b = 2 the root is 1, and x' = (1, -x) / (3 x^2 + a).
  const [a, b] = [f64(1), f64(2)]

  it('differentiates the solution with respect to every parameter', () => {
    for (const f of [root, jit(root)]) {
      expectValues(f(a, b), 1)
      expectValues(grad(f)(a, b), -0.25)
      expectValues(grad(f, { argnums: 1 })(a, b), 0.25)
      expectValues(jvp(f, [a, b], [f64(1), f64(2)]).tangent, 0.25)
      expectValues(jit(grad(f))(a, b), -0.25)
    }
  })

  it('to the second and third order', () => {
    const second = grad(grad((v: Tensor) => root(a, v)))
    // x'' = -6 x x'^2 / (3 x^2 + a)
    expectValues(second(b), -0.09375)
    expectValues(jit(second)(b), -0.09375)
    expectValues(hessian((v: Tensor) => root(a, v))(b), -0.09375)
    const h = 1e-5
    const difference = (second(f64(2 + h)).item() - second(f64(2 - h)).item()) / (2 * h)
    expect(Math.abs(grad(second)(b).item() - difference)).toBeLessThan(1e-7)
  })

  it('in batches', () => {
    const bs = f64([2, 10])
    expectValues(vmap(root, { inAxes: [null, 0] })(a, bs), [1, 2])
    expectValues(vmap(grad(root, { argnums: 1 }), { inAxes: [null, 0] })(a, bs), [0.25, 1 / 13])
    expectValues(jit(grad((v: Tensor) => vmap(root, { inAxes: [0, null] })(v, b).sum()))(f64([1, 1])), [-0.25, -0.25])
  })

  it('of a system of trees', () => {
    const pair = customRoot({
      residual: (z: { x: Tensor; y: Tensor }, p: Tensor) => ({ x: z.x.add(z.y).sub(p), y: z.x.sub(z.y).sub(1) }),
      solve: (p: Tensor) => ({ x: p.add(1).div(2), y: p.sub(1).div(2) }),
      linearSolve: (matvec, right) => {
        const x = cramer(
          (v) => {
            const made = matvec({ x: v.slice(0), y: v.slice(1) })
            return stack([made.x, made.y])
          },
          stack([right.x, right.y]),
        )
        return { x: x.slice(0), y: x.slice(1) }
      },
    })
    const product = (p: Tensor) => {
      const { x, y } = pair(p)
      return x.mul(y)
    }
    for (const g of [grad(product), jit(grad(product))]) expectValues(g(f64(3)), 1.5)
    expectValues(grad(grad(product))(f64(3)), 0.5)
  })
})

describe('checkpoint', () => {
  /** The reference kernels, with the number of times each ran. */
  function counting() {
    const runs = new Map<string, number>()
    const find = (primitive: Primitive, call: Parameters<NonNullable<typeof reference.find>>[1]) => {
      const kernel = reference.find?.(primitive, call)
      if (kernel === undefined) return undefined
      return ((storages, own) => {
        runs.set(primitive.name, (runs.get(primitive.name) ?? 0) + 1)
        return kernel(storages, own)
      }) satisfies typeof kernel
    }
    return { backend: defineBackend({ ...reference, name: `counting-${counters++}`, find }), runs }
  }
  let counters = 0
  const chain = (x: Tensor) => x.sin().exp().sin().exp().sum()

  it.each([
    ['eager', (f: (x: Tensor) => Tensor) => grad(f)],
    ['compiled', (f: (x: Tensor) => Tensor) => jit(grad(f))],
  ])('recomputes in the backward pass, %s', (_, differentiate) => {
    const count = (f: (x: Tensor) => Tensor) => {
      const { backend, runs } = counting()
      differentiate(f)(tensor([1, 2], { dtype: 'float64', backend }))
      return [runs.get('exp') ?? 0, runs.get('sin') ?? 0]
    }
    const plain = count(chain)
    expect(plain).toEqual([2, 2])
    const [exps, sins] = count((x) => checkpoint(chain)(x))
    // Forward once, and again for the way back; compiled, the forward pass whose value nobody uses is not run.
    expect([
      [4, 4],
      [2, 2],
      [3, 4],
      [3, 3],
    ]).toContainEqual([exps, sins])
    const kept = count((x) => checkpoint(chain)(x).mul(x.sum()))
    expect(kept[0]).toBeGreaterThan(plain[0])
    expect(kept[1]).toBeGreaterThan(plain[1])
  })

  it('changes no value and no derivative, with captured tensors and trees', () => {
    const w = f64([0.5, -1])
    const f = (wrap: typeof checkpoint) => (k: Tensor) => {
      const block = wrap(({ x }: { x: Tensor }, n: number) => ({ y: x.mul(k).sin().mul(n), z: [x.sum(), k] }))
      const { y, z } = block({ x: w.mul(k) }, 3)
      return y.sum().add((z[0] as Tensor).mul(z[1] as Tensor).sum())
    }
    const plain = f((fn) => fn as never)
    for (const g of [f(checkpoint), jit(f(checkpoint))]) {
      expectValues(g(f64(0.7)), plain(f64(0.7)).arraySync())
      expectValues(grad(g)(f64(0.7)), grad(plain)(f64(0.7)).arraySync())
      expectValues(grad(grad(g))(f64(0.7)), grad(grad(plain))(f64(0.7)).arraySync())
      expectValues(
        jvp(g, [f64(0.7)], [f64(2)]).tangent,
        (jvp(plain, [f64(0.7)], [f64(2)]).tangent as Tensor).arraySync(),
      )
      expectValues(vmap(grad(g))(f64([0.7, 1.5])), vmap(grad(plain))(f64([0.7, 1.5])).arraySync())
    }
  })

  it('in a checkpoint, in loops, over integers', () => {
    const twice = checkpoint((x: Tensor) => checkpoint((y: Tensor) => y.sin().mul(y))(x).exp())
    const plain = (x: Tensor) => x.sin().mul(x).exp()
    for (const x of [0.3, 1.2]) {
      expectValues(grad(twice)(f64(x)), exp(x * sin(x)) * (sin(x) + x * cos(x)))
      expectValues(jit(grad(grad(twice)))(f64(x)), grad(grad(plain))(f64(x)).arraySync())
    }
    const deep = (x: Tensor) => scan((s: Tensor) => [twice(s).mul(0.3), null] as const, x, null, { length: 4 }).carry
    const shallow = (x: Tensor) => scan((s: Tensor) => [plain(s).mul(0.3), null] as const, x, null, { length: 4 }).carry
    for (const g of [grad(deep), jit(grad(deep))]) expectValues(g(f64(0.4)), grad(shallow)(f64(0.4)).arraySync())
    const indexed = checkpoint((x: Tensor, i: Tensor) => ({
      picked: at(concat([x, x.sqrt()]), i).get(),
      next: i.add(1),
    }))
    const { value, grad: g } = valueAndGrad((x: Tensor) => indexed(x, tensor(1, { dtype: 'int32' })).picked)(f64([4]))
    expectValues(value, sqrt(4))
    expectValues(g, [0.25])
  })
})
