import {
  applyUpdates,
  grad,
  jit,
  type Optimizer,
  scan,
  type Tensor,
  tensor,
  tree,
  valueAndGrad,
  vmap,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  adam,
  addDecayedWeights,
  chain,
  clip,
  clipByGlobalNorm,
  masked,
  piecewise,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleBySchedule,
  sgd,
  trace,
} from '../src/index.js'
import { f64, list, walk } from './support.js'

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true })
const vector = fc.array(finite, { minLength: 1, maxLength: 5 })
const bowl = (x: Tensor) => x.square().mul(0.5).add(x.sin()).sum()

/** Optimizers of every kind, as they take part in chains. */
const part: fc.Arbitrary<Optimizer<unknown>> = fc.constantFrom(
  ...([
    scale(-0.3),
    trace(0.5),
    trace(0.9, { nesterov: true }),
    clip(0.7),
    clipByGlobalNorm(1.5),
    scaleByAdam(),
    addDecayedWeights(0.1),
    sgd(0.2),
  ] as Optimizer<unknown>[]),
)

describe('chain', () => {
  test('is associative', () => {
    fc.assert(
      fc.property(part, part, part, vector, (a, b, c, start) => {
        const paths = [chain(a, b, c), chain(chain(a, b), c), chain(a, chain(b, c))].map((o) =>
          walk(o as Optimizer<unknown>, f64(start), grad(bowl), 3),
        )
        expect(paths[1]).toEqual(paths[0])
        expect(paths[2]).toEqual(paths[0])
      }),
      { numRuns: 40 },
    )
  })

  test('of nothing changes nothing', () => {
    const none = chain()
    expect(none.update(f64([1, 2]), none.init(f64([0, 0]))).updates.arraySync()).toEqual([1, 2])
  })

  test('sgd is momentum and a scale, adam is scaleByAdam and a scale', () => {
    const pairs: [Optimizer<unknown>, Optimizer<unknown>][] = [
      [sgd(0.1, { momentum: 0.9 }) as Optimizer<unknown>, chain(trace(0.9), scale(-0.1)) as Optimizer<unknown>],
      [
        sgd(0.1, { momentum: 0.9, nesterov: true }) as Optimizer<unknown>,
        chain(trace(0.9, { nesterov: true }), scaleByLearningRate(0.1)) as Optimizer<unknown>,
      ],
      [
        adam(0.1, { beta1: 0.7 }) as Optimizer<unknown>,
        chain(scaleByAdam({ beta1: 0.7 }), scale(-0.1)) as Optimizer<unknown>,
      ],
    ]
    for (const [whole, parts] of pairs)
      expect(walk(whole, f64([1, -2]), grad(bowl), 5)).toEqual(walk(parts, f64([1, -2]), grad(bowl), 5))
  })

  test('refuses what is no optimizer', () => {
    expect(() => chain(scale(1), 0.1 as unknown as Optimizer<unknown>)).toThrow(/a value of type number as part 1/)
    expect(() => chain(undefined as unknown as Optimizer<unknown>)).toThrow(/invalid-argument/)
  })
})

describe('clip', () => {
  test('limits every entry and keeps the others', () => {
    const clipped = clip(1).update(f64([-3, -1, 0.5, 7, Number.NaN]), {})
    expect(list(clipped.updates)).toEqual([-1, -1, 0.5, 1, Number.NaN])
  })

  test.each([0, -1, Number.NaN, Infinity])('refuses the bound %s', (bound) => {
    expect(() => clip(bound)).toThrow(/invalid-argument/)
    expect(() => clipByGlobalNorm(bound)).toThrow(/invalid-argument/)
  })
})

describe('clipByGlobalNorm', () => {
  const norm = (values: readonly number[]) => Math.hypot(...values)

  test('bounds the norm over all leaves and keeps the direction', () => {
    fc.assert(
      fc.property(vector, vector, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (a, b, bound) => {
        const clipped = list(clipByGlobalNorm(bound).update({ a: f64(a), b: [f64(b)] }, {}).updates)
        const given = [...a, ...b]
        expect(norm(clipped)).toBeLessThanOrEqual(bound * (1 + 1e-12))
        const factor = Math.min(1, bound / norm(given))
        for (const [i, x] of clipped.entries()) expect(Math.abs(x - given[i] * factor)).toBeLessThan(1e-9)
      }),
    )
  })

  test('keeps short gradients bit for bit', () => {
    fc.assert(
      fc.property(vector, (a) => {
        const bound = norm(a) * 1.001 + 1e-9
        expect(list(clipByGlobalNorm(bound).update(f64(a), {}).updates)).toEqual(a)
      }),
    )
    expect(list(clipByGlobalNorm(1).update(f64([0, 0]), {}).updates)).toEqual([0, 0])
  })

  test('keeps dtypes of mixed trees, and lets NaN through everywhere', () => {
    const { updates } = clipByGlobalNorm(1).update({ a: tensor([3]), b: f64([4]) }, {})
    expect([updates.a.dtype, updates.b.dtype]).toEqual(['float32', 'float64'])
    expect(list(updates.b)[0]).toBeCloseTo(0.8, 7)
    expect(list(clipByGlobalNorm(1).update({ a: f64([Number.NaN]), b: f64([4]) }, {}).updates)).toEqual([
      Number.NaN,
      Number.NaN,
    ])
  })
})

describe('scaleBySchedule', () => {
  test('counts updates from 0', () => {
    const optimizer = scaleBySchedule(piecewise([1, 10, 100], [1, 2]))
    expect(walk(optimizer, f64([0]), () => f64([1]), 4)).toEqual([[1], [11], [111], [211]])
  })

  test('computes in the widest dtype of the gradients', () => {
    const seen: string[] = []
    const spy = (step: Tensor) => {
      seen.push(step.dtype)
      return step
    }
    for (const grads of [{ a: tensor([1]) }, { a: tensor([1]), b: f64([1]) }]) {
      const optimizer = scaleBySchedule(spy)
      optimizer.update(grads, optimizer.init(grads))
    }
    expect(seen).toEqual(['float32', 'float64'])
  })

  test('refuses numbers, and schedules that give no scalar tensor', () => {
    expect(() => scaleBySchedule(0.1 as unknown as () => Tensor)).toThrow(/scale\(factor\)/)
    const wrong = scaleBySchedule((() => 0.1) as unknown as () => Tensor)
    expect(() => wrong.update(f64([1]), wrong.init(f64([1])))).toThrow(/returns a number/)
    const long = scaleBySchedule(() => f64([1, 2]))
    expect(() => long.update(f64([1]), long.init(f64([1])))).toThrow(/shape \[2\]/)
  })
})

describe('masked', () => {
  const params = () => ({ encoder: { w: f64([1, 2]), b: f64([3]) }, head: [f64([4]), f64([5])] })
  const gradient = (p: ReturnType<typeof params>) => tree.map((x: Tensor) => x.mul(2), p)

  test('leaves the others untouched, and treats its own as the inner optimizer does', () => {
    const path = walk(masked(adam(0.1), { encoder: false, head: [true, false] }), params(), gradient, 4)
    const alone = walk(adam(0.1), [f64([4])], (p: Tensor[]) => p.map((x) => x.mul(2)), 4)
    expect(path).toEqual(alone.map(([head]) => [3, 1, 2, head, 5]))
  })

  test('keeps state for its own leaves alone', () => {
    const state = masked(trace(0.9), { encoder: { w: true, b: false }, head: false }).init(params())
    expect(list(state)).toEqual([0, 0])
  })

  test('passes gradients on where it is told to', () => {
    const optimizer = masked(scale(-1), { encoder: true, head: false }, { rest: 'pass' })
    expect(list(optimizer.update(params(), optimizer.init(params())).updates)).toEqual([-3, -1, -2, 4, 5])
  })

  test('of true is the optimizer, of false does nothing', () => {
    expect(walk(masked(adam(0.1), true), params(), gradient, 3)).toEqual(walk(adam(0.1), params(), gradient, 3))
    expect(walk(masked(adam(0.1), false), params(), gradient, 3)).toEqual(walk(scale(0), params(), gradient, 3))
  })

  test('gives the inner optimizer params, value and valueAndGrad of its own leaves', () => {
    const inner: Optimizer<object> = {
      init: () => ({}),
      update: (grads, state, context) => {
        const own = context?.params as Tensor[]
        const there = context?.valueAndGrad?.([own[0].add(1)])
        expect(own.length).toBe(1)
        expect(there?.value.item()).toBe(3 ** 2 + 5 ** 2)
        expect(context?.value?.item()).toBe(7)
        return { updates: there?.grad ?? grads, state }
      },
    }
    const loss = (p: Tensor[]) => p[0].square().add(p[1].square()).sum()
    const at = [f64([2]), f64([5])]
    const context = { params: at, value: f64(7), valueAndGrad: (p: unknown) => valueAndGrad(loss)(p as Tensor[]) }
    expect(list(masked(inner, [true, false]).update(at, {}, context).updates)).toEqual([6, 0])
  })

  test.each([
    [{ encoder: true }, /nothing at mask.head/],
    [{ encoder: true, head: true, tail: true }, /"tail" at mask/],
    [{ encoder: true, head: [true] }, /a list of 2/],
    [{ encoder: { w: 1, b: true }, head: true }, /1 at mask.encoder.w/],
    [null, /null at mask/],
  ])('refuses the mask %o', (mask, message) => {
    expect(() => masked(adam(0.1), mask as never).init(params())).toThrow(message)
    expect(() => masked(adam(0.1), mask as never).init(params())).toThrow(/tree-mismatch/)
  })

  test('refuses another word for the rest', () => {
    expect(() => masked(adam(0.1), true, { rest: 'drop' as 'pass' })).toThrow(/'freeze' or 'pass'/)
  })
})

describe('under transformations', () => {
  const threeSteps = (start: Tensor) => {
    const optimizer = chain(clipByGlobalNorm(5), adam(0.1))
    const first = { params: start, state: optimizer.init(start) }
    return scan(
      ({ params, state }: typeof first) => {
        const { updates, state: next } = optimizer.update(grad(bowl)(params), state, { params })
        return [{ params: applyUpdates(params, updates), state: next }, null] as const
      },
      first,
      null,
      { length: 3 },
    ).carry.params
  }

  test('vmap runs each lane as if alone', () => {
    const starts = [1, -2, 0.5]
    const lanes = vmap(threeSteps)(f64(starts).reshape([3, 1]))
    for (const [i, x] of list(lanes).entries()) expect(x).toBeCloseTo(list(threeSteps(f64([starts[i]])))[0], 13)
  })

  test('the end is differentiable in the start', () => {
    const end = (x: number) => list(threeSteps(f64([x])))[0]
    const slope = list(grad((x: Tensor) => threeSteps(x).sum())(f64([1.3])))[0]
    expect(slope).toBeCloseTo((end(1.3 + 1e-6) - end(1.3 - 1e-6)) / 2e-6, 6)
  })
})

test('every part compiles, and compiled equals eager', () => {
  fc.assert(
    fc.property(part, part, vector, (a, b, start) => {
      const optimizer = chain(a, b)
      const step = (params: Tensor, state: readonly [unknown, unknown]) =>
        optimizer.update(grad(bowl)(params), state, { params })
      const [state, params] = [optimizer.init(f64(start)), f64(start)]
      const [eager, compiled] = [step(params, state), jit(step)(params, state)]
      const other = list([compiled.updates, compiled.state])
      for (const [i, x] of list([eager.updates, eager.state]).entries())
        expect(Math.abs(x - other[i])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(x)))
    }),
    { numRuns: 20 },
  )
})
