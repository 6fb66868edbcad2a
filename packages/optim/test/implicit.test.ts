import { checkGrads } from '@adjoint/conformance'
import { concat, cos, exp, grad, hessian, jit, jvp, slice, type Tensor, tensor, vmap } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { fixedPoint, leastSquares, minimize, root } from '../src/index.js'
import { f64, list } from './support.js'

const tight = { tolerance: 1e-11 }

/** x*(c) = log c, coordinate by coordinate: derivatives 1/c, -1/c², 2/c³. */
const minimum = (c: Tensor) => minimize((x: Tensor) => exp(x).sub(c.mul(x)).sum(), f64([0, 0]), tight).x

const close = (values: unknown, expected: readonly number[], digits = 7) => {
  const flat = list(values)
  expect(flat.length).toBe(expected.length)
  for (const [i, x] of flat.entries()) expect(x).toBeCloseTo(expected[i], digits)
}

describe('minimize', () => {
  test('derivatives of the minimiser by what the function captures, up to the third', () => {
    const f = (c: Tensor) => slice(minimum(c), 0)
    const c = f64([2, 3])
    close(grad(f)(c), [1 / 2, 0])
    close(hessian(f)(c), [-1 / 4, 0, 0, 0])
    const third = grad((c: Tensor) => slice(grad((d: Tensor) => slice(grad(f)(d), 0))(c), 0))
    close(third(c), [2 / 8, 0], 6)
  })

  test('forward mode, jit, and vmap over problems', () => {
    const c = f64([2, 3])
    close(jvp(minimum, [c], [f64([1, 10])]).tangent, [1 / 2, 10 / 3])
    const pull = jit(vmap(grad((c: Tensor) => minimum(c).sum())))
    close(
      pull(
        f64([
          [2, 4],
          [5, 8],
        ] as never),
      ),
      [1 / 2, 1 / 4, 1 / 5, 1 / 8],
    )
  })

  test('the value has the derivatives of the minimum: the envelope, and its second order', () => {
    // min over x of e^x - c x is c - c log c.
    const value = (c: Tensor) => minimize((x: Tensor) => exp(x).sub(c.mul(x)).sum(), f64([0]), tight).value
    const c = f64([2])
    close(grad((c: Tensor) => value(c))(c), [-Math.log(2)])
    close(hessian((c: Tensor) => value(c))(c), [-1 / 2])
  })

  test.each(['newton-cg', 'trust-region', 'nonlinear-cg', 'nelder-mead'] as const)('%s too', (method) => {
    const solve = (c: Tensor) =>
      minimize((x: Tensor) => x.sub(c).square().sum(), f64([0, 0]), { method, tolerance: 1e-9 }).x
    close(grad((c: Tensor) => slice(solve(c), 1))(f64([1, 2])), [0, 1])
  })

  test('against finite differences, through a coupled problem', () => {
    const ridge = (p: Tensor) =>
      minimize(
        (x: Tensor) => {
          const [a, b] = [slice(x, 0), slice(x, 1)]
          return a
            .sub(slice(p, 0))
            .square()
            .add(b.sub(a.square()).square().mul(slice(p, 1)))
            .add(a.mul(b).square())
        },
        f64([0.5, 0.5]),
        tight,
      ).x
    checkGrads((p: Tensor) => ridge(p).sum(), [f64([1.3, 2])], { order: 2 })
  })

  test('the start has no influence on the derivative', () => {
    const f = (x0: Tensor) => minimize((x: Tensor) => x.sub(1).square().sum(), x0, tight).x.sum()
    close(grad(f)(f64([4, 5])), [0, 0])
  })

  test('a coordinate at its bound moves with the bound, and moves the others', () => {
    // min (x - y)² + (y - 3)² with x <= u: x = u, y = (u + 3) / 2.
    const solve = (u: Tensor) =>
      minimize((x: Tensor) => slice(x, 0).sub(slice(x, 1)).square().add(slice(x, 1).sub(3).square()), f64([0, 0]), {
        ...tight,
        bounds: { upper: concat([u, f64([100])]) },
      }).x
    close(solve(f64([1])), [1, 2])
    close(grad((u: Tensor) => slice(solve(u), 0))(f64([1])), [1])
    close(grad((u: Tensor) => slice(solve(u), 1))(f64([1])), [1 / 2])
  })

  test('more unknowns than are factored: conjugate gradients', () => {
    const n = 100
    const weights = f64(Array.from({ length: n }, (_, i) => 1 + i / n))
    const solve = (c: Tensor) =>
      minimize((x: Tensor) => exp(x).mul(weights).sub(c.mul(x)).sum(), weights.mul(0), tight).x
    const c = weights.mul(0).add(2)
    close(grad((c: Tensor) => solve(c).sum())(c), Array(n).fill(1 / 2), 6)
  })

  test('float32, at its precision', () => {
    const f = (c: Tensor) => minimize((x: Tensor) => exp(x).sub(c.mul(x)).sum(), tensor([0, 0])).x.sum()
    close(grad(f)(tensor([2, 4])), [0.5, 0.25], 4)
  })
})

test('leastSquares: ridge regression has the closed form', () => {
  const a = f64([
    [1, 2],
    [3, 4],
    [5, 7],
  ] as never)
  const y = f64([1, 2, 4])
  const solve = (penalty: Tensor) =>
    leastSquares((x: Tensor) => [a.matmul(x).sub(y), x.mul(penalty.sqrt())], f64([0, 0]), tight).x
  const closed = (p: number) => {
    const [[s, t], [, u]] = [
      [35 + p, 49],
      [0, 69 + p],
    ]
    const [v, w] = [27, 38]
    const det = s * u - t * t
    return [(u * v - t * w) / det, (s * w - t * v) / det]
  }
  close(solve(f64(0.5)), closed(0.5))
  const [up, down] = [closed(0.5 + 1e-6), closed(0.5 - 1e-6)]
  close(
    jvp(solve, [f64(0.5)], [f64(1)]).tangent,
    up.map((x, i) => (x - down[i]) / 2e-6),
    6,
  )
})

describe('root', () => {
  const solve = (a: Tensor) => root((x: Tensor) => x.square().sub(a), f64([1]), tight).x.sum()

  test('the square root, to second order', () => {
    close(grad(solve)(f64(4)), [1 / 4])
    close(grad(grad(solve))(f64(4)), [-1 / 32])
    close(jit(vmap(grad(solve)))(f64([4, 9])), [1 / 4, 1 / 6])
  })

  test('a system that is not symmetric', () => {
    const m = f64([
      [2, 1],
      [-1, 3],
    ] as never)
    const f = (b: Tensor) => slice(root((x: Tensor) => m.matmul(x).sub(b), f64([0, 0]), tight).x, 0)
    close(grad(f)(f64([1, 2])), [3 / 7, -1 / 7])
  })
})

test('fixedPoint: derivative by the implicit function theorem', () => {
  const solve = (a: Tensor) => fixedPoint((x: Tensor) => cos(x.mul(a)), f64([0.5]), tight).x.sum()
  checkGrads(solve, [f64(0.9)], { order: 2 })
})

test('fixedPoint of more unknowns than a Jacobian is built for', () => {
  // x = a cos(x) / 2 + shift of x: a sparse system of 600 equations, none of them symmetric.
  const n = 600
  const map = (a: Tensor) => (x: Tensor) =>
    cos(x)
      .mul(a)
      .mul(0.5)
      .add(concat([x.slice([1, n]), x.slice([0, 1])]).mul(0.3))
  const solve = (a: Tensor) => fixedPoint(map(a), f64(Array(n).fill(0.5)), tight).x.mean()
  const a = f64(0.9)
  // All unknowns are alike: x = a cos(x) / 2 + 0.3 x, hence dx/da = cos(x) / (1.4 + a sin(x)).
  const x = fixedPoint((x: Tensor) => cos(x).mul(0.9).div(1.4), f64(0.5), tight).x.item() as number
  const exact = Math.cos(x) / (1.4 + 0.9 * Math.sin(x))
  close(grad((t: Tensor) => solve(t))(a), [exact], 8)
  close(jvp(solve, [a], [f64(1)]).tangent, [exact], 8)
})

test('bilevel: the penalty that makes held-out error least, by gradients through a solver in a solver', () => {
  // Inner minimum x = 4 / (1 + p); outer (x - 3)²: p = 1/3.
  const inner = (logp: Tensor) =>
    minimize((x: Tensor) => x.sub(4).square().add(exp(logp).mul(x.square())).sum(), f64([0]), tight).x
  const outer = minimize((logp: Tensor) => inner(logp).sub(3).square().sum(), f64(0), { tolerance: 1e-8 })
  expect(outer.status.item()).toBe(0)
  close(outer.x, [Math.log(1 / 3)], 6)
})
