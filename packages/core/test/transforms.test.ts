// grad, vjp, jvp, linearize, jacobian, hessian, hvp, vmap, jit: alone, composed, on trees and numbers, at awkward points.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as core from '../src/index.js'
import {
  at,
  grad,
  hessian,
  hvp,
  jacobian,
  jit,
  jvp,
  linearize,
  stopGradient,
  type Tensor,
  tensor,
  valueAndGrad,
  vjp,
  vmap,
  where,
} from '../src/index.js'
import * as random from '../src/random/index.js'
import { expectValues, f64, i32 } from './support.js'

const cube = (x: Tensor): Tensor => x.mul(x).mul(x)
const total = (x: Tensor): Tensor => cube(x).sum()

describe('grad', () => {
  it('goes to any order', () => {
    const x = f64(1.5)
    const sine = (v: Tensor) => v.sin()
    expectValues(grad(grad(grad(sine)))(x), -Math.cos(1.5))
    expectValues(grad(grad(grad(grad(sine))))(x), Math.sin(1.5))
  })

  it('takes trees and returns their shape, with zeros where nothing depends', () => {
    const params = { w: f64([1, 2]), nested: [f64(3), { unused: f64([[4]]) }] as const }
    const { w, nested } = grad((p: typeof params) => p.w.square().sum().mul(p.nested[0]))(params)
    expectValues(w, [6, 12], 'float64')
    expectValues(nested[0], 5)
    expectValues(nested[1].unused, [[0]], 'float64')
  })

  it('takes JavaScript numbers, in the dtype of the loss', () => {
    expectValues(grad((a: Tensor | number, x: Tensor) => x.mul(a).sum())(2, f64([1, 2])), 3, 'float64')
  })

  it('chooses arguments', () => {
    const f = (x: Tensor, y: Tensor) => x.mul(y).sum()
    const [x, y] = [f64([1, 2]), f64([3, 4])]
    expectValues(grad(f, { argnums: 1 })(x, y), [1, 2])
    const both = grad(f, { argnums: [1, 0] })(x, y)
    expectValues(both[0], [1, 2])
    expectValues(both[1], [3, 4])
  })

  it('passes integers and aux through', () => {
    const {
      value,
      grad: g,
      aux,
    } = valueAndGrad((x: Tensor, n: Tensor) => [x.mul(n.cast('float64')).sum(), { n }] as const, { hasAux: true })(
      f64([1, 2]),
      i32([3, 4]),
    )
    expectValues(value, 11)
    expectValues(g, [3, 4])
    expectValues(aux.n, [3, 4], 'int32')
  })

  it('keeps values concrete: branching on them is allowed', () => {
    const f = (x: Tensor) => (x.item() > 0 ? x.mul(2) : x.mul(3))
    expectValues(grad(f)(f64(1)), 2)
    expectValues(grad(f)(f64(-1)), 3)
  })

  it('of a value used twice sums both ways', () => {
    expectValues(grad((x: Tensor) => x.mul(x.exp()).add(x).sum())(f64([0, 1])), [2, 2 * Math.E + 1])
  })

  it('through casts keeps the dtype of the argument', () => {
    expectValues(grad((x: Tensor) => x.cast('float64').square().sum())(tensor([1, 2])), [2, 4], 'float32')
  })

  it('stops at stopGradient', () => {
    expectValues(grad((x: Tensor) => x.mul(stopGradient(x)).sum())(f64([3])), [3])
  })
})

describe('awkward points', () => {
  const slope = (f: (x: Tensor) => Tensor, at: number | number[]) => grad((x: Tensor) => f(x).sum())(f64(at))

  it('ties of max and min share the gradient', () => {
    expectValues(
      slope((x) => x.max(), [2, 1, 2]),
      [0.5, 0, 0.5],
    )
    expectValues(
      slope((x) => core.maximum(x, f64([1, 1, 1])), [1, 0, 2]),
      [0.5, 0, 1],
    )
    expectValues(
      slope((x) => x.min(), [3, 3, 3]),
      [1 / 3, 1 / 3, 1 / 3],
    )
    expectValues(
      slope((x) => x.clip(0, 1), [0, 0.5, 1, 2]),
      [0.5, 1, 0.5, 0],
    )
  })

  it('steps are flat, comparisons are zero', () => {
    expectValues(
      slope((x) => core.floor(x).add(x.sign()).add(core.round(x)), [0.3, -1.5]),
      [0, 0],
    )
    expectValues(
      slope((x) => x.gt(0).cast('float64'), [1, -1]),
      [0, 0],
    )
    expectValues(
      slope((x) => where(x.gt(0), x, 0), [1, -1]),
      [1, 0],
    )
  })

  it('the branch not taken gives no NaN', () => {
    expectValues(
      slope((x) => where(x.gt(0), where(x.gt(0), x, 1).sqrt(), 0), [4, -1, 0]),
      [0.25, 0, 0],
    )
  })

  it('|x| at 0 is 0, relu at 0 is between its slopes', () => {
    expectValues(
      slope((x) => x.abs(), [0, -2]),
      [0, -1],
    )
    expect(slope((x) => x.relu(), 0).item()).toBeGreaterThanOrEqual(0)
    expect(slope((x) => x.relu(), 0).item()).toBeLessThanOrEqual(1)
  })

  it('sqrt at 0 is infinite, log at 0 too', () => {
    expectValues(
      slope((x) => x.sqrt(), 0),
      Number.POSITIVE_INFINITY,
    )
    expectValues(
      slope((x) => x.log(), 0),
      Number.POSITIVE_INFINITY,
    )
  })

  it('pow at its corners', () => {
    expectValues(
      slope((x) => x.pow(0), [0, 2]),
      [0, 0],
    )
    expectValues(
      slope((x) => x.pow(2), [0, -3]),
      [0, -6],
    )
    expectValues(
      slope((y) => core.pow(f64(0), y), 2),
      0,
    )
    expectValues(
      slope((x) => x.pow(1), 0),
      1,
    )
  })

  it('a product with zeros', () => {
    expectValues(
      slope((x) => core.prod(x), [2, 0, 3]),
      [0, 6, 0],
    )
    expectValues(
      slope((x) => core.prod(x), [0, 0, 3]),
      [0, 0, 0],
    )
    expectValues(hessian((x: Tensor) => core.prod(x))(f64([2, 0, 3])), [
      [0, 3, 0],
      [3, 0, 2],
      [0, 2, 0],
    ])
  })

  it('softmax and logSumExp far out', () => {
    expectValues(
      slope((x) => core.logSumExp(x), [1000, -1000]),
      [1, 0],
    )
    expectValues(
      slope((x) => core.logSoftmax(x).slice([1, 2]), [1000, -1000]),
      [-1, 1],
    )
    expectValues(
      slope((x) => core.logSumExp(x), [Number.NEGATIVE_INFINITY, 0]),
      [0, 1],
    )
  })

  it('logistic keeps its right tail', () => {
    expect(slope((x) => x.sigmoid(), 40).item()).toBeCloseTo(Math.exp(-40), 25)
  })

  it('norm at 0 is 0, and far out is finite', () => {
    expectValues(
      slope((x) => core.norm(x), [0, 0]),
      [0, 0],
    )
    expectValues(
      slope((x) => core.norm(x), [3e200, 4e200]),
      [0.6, 0.8],
    )
  })

  it('0-d and empty', () => {
    expectValues(
      slope((x) => x.reshape([1, 1]).mul(2), 3),
      2,
    )
    expect(grad((x: Tensor) => x.exp().sum())(f64([])).shape).toEqual([0])
    expect(vmap((x: Tensor) => x.exp())(core.zeros([0, 3])).shape).toEqual([0, 3])
  })
})

describe('jvp, vjp and linearize', () => {
  it('agree on a function of trees', () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => ({ p: a.mul(b), s: b.sin().sum() })
    const [at, along] = [
      { a: f64([1, 2]), b: f64([3, 4]) },
      { a: f64([1, 0]), b: f64([0, 1]) },
    ]
    const { tangent } = jvp(f, [at], [along])
    const { push } = linearize(f, at)
    expectValues(tangent.p, [3, 2])
    expectValues(push(along).p, [3, 2])
    expectValues(push(along).s, Math.cos(4))
    const [ct] = vjp(f, at).pull({ p: f64([1, 10]), s: f64(0) })
    expectValues(ct.a, [3, 40])
    expectValues(ct.b, [1, 20])
  })

  it('a pullback may be used again', () => {
    const { pull } = vjp(cube, f64([1, 2]))
    expectValues(pull(f64([1, 0]))[0], [3, 0])
    expectValues(pull(f64([0, 1]))[0], [0, 12])
  })
})

describe('matrices of derivatives', () => {
  const f = (x: Tensor) => core.stack([x.slice(0).mul(x.slice(1)), x.slice(1).square(), x.sum()])

  it('jacobian is the same in both modes', () => {
    const x = f64([2, 3])
    expectValues(jacobian(f)(x), [
      [3, 2],
      [0, 6],
      [1, 1],
    ])
    expectValues(jacobian(f, { mode: 'forward' })(x), [
      [3, 2],
      [0, 6],
      [1, 1],
    ])
    expectValues(jacobian(f, { mode: 'reverse' })(x), [
      [3, 2],
      [0, 6],
      [1, 1],
    ])
    expect(jacobian((m: Tensor) => m.T)(core.ones([2, 3])).shape).toEqual([3, 2, 2, 3])
  })

  it('hessian, and its products without it', () => {
    expectValues(hessian(total)(f64([1, 2])), [
      [6, 0],
      [0, 12],
    ])
    expectValues(hvp(total, f64([1, 2]), f64([1, 1])), [6, 12])
  })
})

describe('vmap', () => {
  it('takes axes per argument, shared arguments, trees and numbers', () => {
    const f = (p: { x: Tensor }, y: Tensor, k: Tensor | number) => p.x.mul(y).sum().mul(k)
    const out = vmap(f, { inAxes: [1, null, null] })(
      {
        x: f64([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      },
      f64([1, 10]),
      2,
    )
    expectValues(out, [82, 104, 126])
  })

  it('places the batch where asked, also for results that do not depend on it', () => {
    expect(vmap((x: Tensor) => x.expandDims(0), { outAxes: 1 })(core.zeros([4, 3])).shape).toEqual([1, 4, 3])
    expectValues(vmap((_: Tensor) => f64(7))(f64([1, 2])), [7, 7])
  })

  it('gives random lanes their own keys', () => {
    const keys = random.split(random.key(0), 3)
    const words = core.stack(keys.map((k) => core.tree.leaves(k)[0] as Tensor))
    expect(words.shape).toEqual([3, 2])
  })
})

/** Expressions over one vector, for properties of compositions. */
const step = fc.constantFrom<(x: Tensor) => Tensor>(
  (x) => x.sin(),
  (x) => x.mul(x),
  (x) => x.add(1).tanh(),
  (x) => x.sub(x.mean()),
  (x) => x.flip(),
  (x) => core.cumsum(x).mul(0.5),
  (x) => core.softmax(x),
  (x) => x.expandDims(1).mul(x).sum(0),
  (x) => core.sort(x),
  (x) => where(x.gt(0), x.exp(), x).clip(-3, 3),
  (x) =>
    at(x, i32([2, 0, 1]))
      .get()
      .mul(x),
)
const program = fc
  .array(step, { minLength: 1, maxLength: 4 })
  .map((steps) => (x: Tensor) => steps.reduce((v, s) => s(v), x))
const loss = program.map(
  (f) => (x: Tensor) =>
    f(x)
      .mul(f64([0.3, -1, 0.7]))
      .sum(),
)
const point = fc
  .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 })
  .filter(
    ([a, b, c]) =>
      Math.min(Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(a - b), Math.abs(b - c), Math.abs(a - c)) > 0.05,
  )

function close(a: Tensor, b: Tensor): void {
  const [x, y] = [a.dataSync(), b.dataSync()]
  expect(a.shape).toEqual(b.shape)
  for (const [i, v] of x.entries()) expect(Math.abs(v - y[i])).toBeLessThanOrEqual(1e-8 * Math.max(1, Math.abs(y[i])))
}

describe('compositions of random programs', () => {
  it('jit(grad) = grad(jit) = grad', () => {
    fc.assert(
      fc.property(loss, point, (f, at) => {
        const expected = grad(f)(f64(at))
        close(jit(grad(f))(f64(at)), expected)
        close(grad(jit(f))(f64(at)), expected)
      }),
      { numRuns: 40 },
    )
  })

  it('vmap(grad) is a loop, also compiled and the other way around', () => {
    fc.assert(
      fc.property(loss, point, point, (f, a, b) => {
        const xs = f64([a, b])
        const expected = core.stack([grad(f)(f64(a)), grad(f)(f64(b))])
        close(vmap(grad(f))(xs), expected)
        close(jit(vmap(grad(f)))(xs), expected)
        close(vmap(jit(grad(f)))(xs), expected)
        close(grad((m: Tensor) => vmap(f)(m).sum())(xs), expected)
      }),
      { numRuns: 30 },
    )
  })

  it('forward over reverse = reverse over forward = reverse over reverse', () => {
    fc.assert(
      fc.property(loss, point, (f, at) => {
        const [x, v] = [f64(at), f64([1, -0.5, 0.25])]
        const expected = hvp(f, x, v)
        close(grad((y: Tensor) => jvp(f, [y], [v]).tangent)(x), expected)
        close(grad((y: Tensor) => grad(f)(y).mul(v).sum())(x), expected)
        close(jit((y: Tensor) => hvp(f, y, v))(x), expected)
      }),
      { numRuns: 25 },
    )
  })
})
