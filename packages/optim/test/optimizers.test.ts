import { readFileSync } from 'node:fs'
import { applyUpdates, grad, type Optimizer, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { adagrad, adam, adamw, amsgrad, constant, lion, nadam, rmsprop, sgd } from '../src/index.js'
import { f64, list, walk } from './support.js'

interface Reference {
  readonly method: string
  readonly problem: 'quadratic' | 'rosenbrock'
  readonly start: readonly number[]
  readonly options: {
    rate: number
    momentum?: number
    nesterov?: boolean
    decay?: number
    beta1?: number
    beta2?: number
    centered?: boolean
    initial?: number
  }
  readonly path: readonly (readonly number[])[]
}

const stored = JSON.parse(readFileSync(new URL('reference/paths.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Reference>
}

const losses = {
  quadratic: (x: Tensor) =>
    x
      .square()
      .mul(f64([0.5, 5]))
      .sum(),
  rosenbrock: (x: Tensor) => {
    const [a, b] = [x.slice(0), x.slice(1)]
    return a.sub(1).square().add(b.sub(a.square()).square().mul(100))
  },
}

function optimizerOf({ method, options: { rate, decay, ...options } }: Reference): Optimizer<unknown> {
  switch (method.split(',')[0]) {
    case 'adam':
      return adam(rate, options) as Optimizer<unknown>
    case 'adamw':
      return adamw(rate, { weightDecay: decay, ...options }) as Optimizer<unknown>
    case 'amsgrad':
      return amsgrad(rate, options) as Optimizer<unknown>
    case 'nadam':
      return nadam(rate, options) as Optimizer<unknown>
    case 'rmsprop':
      return rmsprop(rate, { decay, ...options }) as Optimizer<unknown>
    case 'adagrad':
      return adagrad(rate, options) as Optimizer<unknown>
    case 'lion':
      return lion(rate, { weightDecay: decay, ...options }) as Optimizer<unknown>
    default:
      return sgd(rate, { weightDecay: decay, ...options }) as Optimizer<unknown>
  }
}

describe('ten steps of the published formulas', () => {
  test.each(Object.entries(stored.paths))('%s', (_, reference) => {
    const path = walk(optimizerOf(reference), f64(reference.start), grad(losses[reference.problem]), 10)
    for (const [i, value] of path.flat().entries()) {
      const expected = reference.path.flat()[i]
      expect(Math.abs(value - expected)).toBeLessThan(1e-12 * Math.max(1, Math.abs(expected)))
    }
  })
})

describe('first steps by hand', () => {
  const constantly = (g: number) => () => f64([g])

  test('sgd', () => {
    expect(walk(sgd(0.5), f64([1]), constantly(3), 2)).toEqual([[-0.5], [-2]])
  })

  test('sgd with momentum: velocities g, 1.5 g, 1.75 g', () => {
    expect(walk(sgd(1, { momentum: 0.5 }), f64([0]), constantly(4), 3)).toEqual([[-4], [-10], [-17]])
  })

  test('sgd with Nesterov momentum: g + velocity / 2 of the same velocities', () => {
    expect(walk(sgd(1, { momentum: 0.5, nesterov: true }), f64([0]), constantly(4), 3)).toEqual([[-6], [-13], [-20.5]])
  })

  test('sgd with weight decay goes through the momentum', () => {
    expect(walk(sgd(1, { momentum: 0.5, weightDecay: 0.5 }), f64([8]), constantly(0), 2)).toEqual([[4], [0]])
  })

  test('adam: one learning rate along the sign, whatever the scale', () => {
    const [first, second] = walk(adam(0.1, { epsilon: 0 }), f64([0, 0, 0]), () => f64([1e-6, -3, 1e6]), 2)
    for (const [i, sign] of [-1, 1, -1].entries()) {
      expect(first[i]).toBeCloseTo(0.1 * sign, 12)
      expect(second[i]).toBeCloseTo(0.2 * sign, 12)
    }
  })

  test('adam: epsilon is outside the root', () => {
    expect(walk(adam(1, { epsilon: 3 }), f64([0]), constantly(1), 1)[0][0]).toBeCloseTo(-0.25, 12)
  })

  test('adam: a gradient of zeros moves nothing', () => {
    expect(walk(adam(0.1), f64([2]), constantly(0), 3)).toEqual([[2], [2], [2]])
  })

  test('adamw: decay does not go through the rescaling', () => {
    expect(walk(adamw(0.1, { weightDecay: 0.5 }), f64([2]), constantly(0), 1)[0][0]).toBeCloseTo(1.9, 14)
    expect(walk(adam(0.1), f64([2]), constantly(7), 1)[0][0] - 0.1).toBeCloseTo(
      walk(adamw(0.1, { weightDecay: 0.5 }), f64([2]), constantly(7), 1)[0][0],
      12,
    )
  })

  test('adamw decays the masked leaves only', () => {
    const optimizer = adamw(0.1, { weightDecay: 0.5, mask: { weight: true, bias: false } })
    const [moved] = walk(
      optimizer,
      { bias: f64([2]), weight: f64([2]) },
      () => ({ bias: f64([0]), weight: f64([0]) }),
      1,
    )
    expect(moved[0]).toBe(2)
    expect(moved[1]).toBeCloseTo(1.9, 14)
  })
})

test('the bias correction keeps float32 exact where 1 - beta2 would cancel', () => {
  const optimizer = adam(1, { epsilon: 0 })
  const start = tensor([0])
  const { updates } = optimizer.update(tensor([1]), optimizer.init(start))
  expect(Math.abs(updates.item() + 1)).toBeLessThan(3e-7)
})

describe.each([
  ['sgd', (rate: 0.1 | (() => Tensor)) => sgd(rate, { momentum: 0.9, weightDecay: 0.01 })],
  ['adam', (rate: 0.1 | (() => Tensor)) => adam(rate)],
  ['adamw', (rate: 0.1 | (() => Tensor)) => adamw(rate)],
])('%s', (_, make) => {
  test.each(['float32', 'float64'] as const)('stays %s', (dtype) => {
    const params = { a: tensor([1, 2], { dtype }), b: [tensor(3, { dtype })] }
    const optimizer = make(0.1)
    const { updates, state } = optimizer.update(params, optimizer.init(params), { params })
    const next = applyUpdates(params, updates)
    expect([updates.a.dtype, updates.b[0].dtype, next.a.dtype]).toEqual([dtype, dtype, dtype])
    expect(optimizer.update(params, state, { params }).updates.a.dtype).toBe(dtype)
  })

  test('takes trees that mix float32 and float64', () => {
    const params = { a: tensor([1]), b: f64([1]) }
    const optimizer = make(constant(0.1) as () => Tensor)
    const { updates } = optimizer.update(params, optimizer.init(params), { params })
    expect([updates.a.dtype, updates.b.dtype]).toEqual(['float32', 'float64'])
    expect(list(updates.a)[0]).toBeCloseTo(list(updates.b)[0], 6)
  })

  test('a constant schedule is the number', () => {
    const gradient = (x: Tensor) => x.mul(3)
    expect(walk(make(constant(0.1) as () => Tensor), f64([1, -2]), gradient, 5)).toEqual(
      walk(make(0.1), f64([1, -2]), gradient, 5),
    )
  })

  test('leaves its arguments alone', () => {
    const [params, grads] = [f64([1, 2]), f64([3, 4])]
    const optimizer = make(0.1)
    const state = optimizer.init(params)
    const before = list(state)
    optimizer.update(grads, state, { params })
    expect([list(params), list(grads), list(state)]).toEqual([[1, 2], [3, 4], before])
  })

  test('takes empty leaves and empty trees', () => {
    const params = { none: f64([]), more: {} }
    const optimizer = make(0.1)
    expect(optimizer.update(params, optimizer.init(params), { params }).updates.none.shape).toEqual([0])
    expect(optimizer.update({}, optimizer.init({}), { params: {} }).updates).toEqual({})
  })

  test('refuses parameters that are not float tensors', () => {
    expect(() => adam(0.1).init({ w: 1 })).toThrow(/the number 1 as a parameter.*tensor\(1\)/s)
    expect(() => adam(0.1).init(tensor([1], { dtype: 'int32' }))).toThrow(/int32\[1\].*invalid-argument/s)
  })
})

describe('bad input', () => {
  test.each([
    [() => sgd(-0.1), /sgd: got learning rate -0.1/],
    [() => sgd(Number.NaN), /learning rate NaN/],
    [() => adam(Infinity), /adam: got learning rate Infinity/],
    [() => adamw('0.1' as unknown as number), /learning rate 0.1/],
    [() => sgd(0.1, { momentum: 1 }), /decay 1/],
    [() => sgd(0.1, { momentum: -0.5 }), /decay -0.5/],
    [() => sgd(0.1, { nesterov: true }), /nesterov without momentum/],
    [() => sgd(0.1, { weightDecay: -1 }), /weight decay -1/],
    [() => adam(0.1, { beta1: 1 }), /beta1 1/],
    [() => adam(0.1, { beta2: -0.1 }), /beta2 -0.1/],
    [() => adam(0.1, { epsilon: -1 }), /epsilon -1/],
    [() => adamw(0.1, { weightDecay: Number.NaN }), /weight decay NaN/],
  ])('%s', (make, message) => {
    expect(make).toThrow(message)
    expect(make).toThrow(/invalid-argument/)
  })

  test('adamw without params', () => {
    const optimizer = adamw(0.1)
    expect(() => optimizer.update(f64([1]), optimizer.init(f64([1])))).toThrow(/missing-argument/)
  })

  test('gradients of another structure', () => {
    const optimizer = adam(0.1)
    const state = optimizer.init({ a: f64([1]) })
    expect(() => optimizer.update({ b: f64([1]) }, state)).toThrow(/tree-mismatch/)
  })
})
