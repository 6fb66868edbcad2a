import { applyUpdates, jit, type Optimizer, type Tensor, tensor, tree, type UpdateContext } from '@adjoint/core'
import * as random from '@adjoint/core/random'
import { describe, expect, test } from 'vitest'
import {
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  cosineDecay,
  type MinimizeProgress,
  minimize,
  sgd,
} from '../src/index.js'
import { f64, list } from './support.js'

const bowl = (x: Tensor) =>
  x
    .sub(f64([3, -1]))
    .square()
    .sum()

const rosenbrock = (p: Tensor) => {
  const [x, y] = [p.slice(0), p.slice(1)]
  return x.sub(1).square().add(y.sub(x.square()).square().mul(100))
}

describe('minimize', () => {
  test('finds the minimum and says so in plain numbers', async () => {
    const { params, value, iterations, converged, status } = await minimize(bowl, f64([0, 0]), {
      optimizer: sgd(0.25),
      steps: 100,
      tolerance: 1e-6,
    })
    expect(list(params)[0]).toBeCloseTo(3, 6)
    expect(list(params)[1]).toBeCloseTo(-1, 6)
    expect(params.dtype).toBe('float64')
    expect(value).toBe(bowl(params).item())
    expect([converged, status]).toEqual([true, 'converged'])
    // The gradient is 2 |x - x*| = 6 at the start and halves with each update.
    expect(iterations).toBe(Math.ceil(Math.log2(6 / 1e-6)))
  })

  test('takes trees of parameters in float32', async () => {
    const loss = ({ line: { slope, offset } }: { line: { slope: Tensor; offset: Tensor } }) =>
      tensor([0, 1, 2])
        .mul(slope)
        .add(offset)
        .sub(tensor([1, 3, 5]))
        .square()
        .mean()
    const start = { line: { slope: tensor(0), offset: tensor(0) } }
    const { params } = await minimize(loss, start, { optimizer: adam(cosineDecay(0.3, 400)), steps: 400 })
    expect(params.line.slope.item()).toBeCloseTo(2, 3)
    expect(params.line.offset.item()).toBeCloseTo(1, 3)
    expect(params.line.slope.dtype).toBe('float32')
  })

  test('does not depend on how it is chunked', async () => {
    const results = await Promise.all(
      [1, 7, 100].map((every) => minimize(rosenbrock, f64([-1.2, 1]), { optimizer: adam(0.05), steps: 100, every })),
    )
    for (const { params, value } of results) {
      expect(list(params)).toEqual(list(results[0].params))
      expect(value).toBe(results[0].value)
    }
    const converging = await Promise.all(
      [1, 7, 50].map((every) =>
        minimize(bowl, f64([0, 0]), { optimizer: sgd(0.25), steps: 50, every, tolerance: 1e-3 }),
      ),
    )
    for (const { params, iterations } of converging) {
      expect(list(params)).toEqual(list(converging[0].params))
      expect(iterations).toBe(converging[0].iterations)
    }
  })

  test('stops at the start where it is optimal, and at the last step where it becomes so', async () => {
    const there = await minimize(bowl, f64([3, -1]), { optimizer: sgd(0.1), steps: 10, tolerance: 0 })
    expect([there.iterations, there.status, there.value]).toEqual([0, 'converged', 0])
    const last = await minimize(bowl, f64([0, 0]), { optimizer: sgd(0.5), steps: 1, tolerance: 0 })
    expect([last.iterations, last.status, last.converged]).toEqual([1, 'converged', true])
  })

  test('reports progress', async () => {
    const seen: MinimizeProgress<Tensor>[] = []
    await minimize(bowl, f64([0, 0]), {
      optimizer: sgd(0.25),
      steps: 25,
      onProgress: (progress) => seen.push(progress),
    })
    expect(seen.map(({ iteration }) => iteration)).toEqual([10, 20, 25])
    expect(seen[0].steps).toBe(25)
    expect(seen[0].gradient).toBeCloseTo(6 / 2 ** 9, 12)
    expect(seen[1].value).toBeLessThan(seen[0].value)
    expect(seen[2].params.shape).toEqual([2])
  })

  test('stops when it is aborted, and continues from the state', async () => {
    const controller = new AbortController()
    const optimizer = adam(0.1)
    const options = { optimizer, steps: 40, every: 5, signal: controller.signal }
    const stopped = await minimize(bowl, f64([0, 0]), {
      ...options,
      onProgress: ({ iteration }) => iteration === 15 && controller.abort(),
    })
    expect([stopped.iterations, stopped.status, stopped.converged]).toEqual([15, 'aborted', false])
    const rest = await minimize(bowl, stopped.params, { optimizer, steps: 25, state: stopped.state })
    const whole = await minimize(bowl, f64([0, 0]), { optimizer, steps: 40 })
    expect(list(rest.params)).toEqual(list(whole.params))
    expect(list(rest.state)).toEqual(list(whole.state))
  })

  test('says when it diverges', async () => {
    const { status, value, converged, iterations } = await minimize((x: Tensor) => x.square().sum(), f64([1]), {
      optimizer: sgd(1e6),
      steps: 1000,
    })
    expect([status, converged, Number.isFinite(value)]).toEqual(['diverged', false, false])
    expect(iterations).toBeLessThan(1000)
  })

  test('does nothing in no steps', async () => {
    const { params, iterations, status, value } = await minimize(bowl, f64([0, 0]), { optimizer: sgd(1), steps: 0 })
    expect([list(params), iterations, status, value]).toEqual([[0, 0], 0, 'done', 10])
  })
})

describe('batches', () => {
  type Batch = { x: Tensor; y: Tensor }
  const loss = (w: Tensor, { x, y }: Batch) => x.mul(w).sub(y).square().mean()
  const batch = (x: number[]): Batch => ({ x: f64(x), y: f64(x.map((v) => 3 * v)) })

  test('a list is gone through again and again', async () => {
    const { params, iterations, value } = await minimize(loss, f64(0), {
      optimizer: sgd(0.05),
      steps: 100,
      batches: [batch([1, 2]), batch([-1, 3])],
    })
    expect(params.item()).toBeCloseTo(3, 8)
    expect(iterations).toBe(100)
    expect(value).toBeLessThan(1e-12)
  })

  test('one batch, several and a stream of them take the same steps', async () => {
    const options = { optimizer: adam(0.1), steps: 12, every: 5 }
    function* stream() {
      for (;;) yield batch([1, 2])
    }
    const one = await minimize(loss, f64(0), { ...options, batches: [batch([1, 2])] })
    const two = await minimize(loss, f64(0), { ...options, batches: [batch([1, 2]), batch([1, 2])] })
    const many = await minimize(loss, f64(0), { ...options, batches: stream() })
    expect(two.params.item()).toBeCloseTo(one.params.item(), 14)
    expect(many.params.item()).toBe(two.params.item())
    expect(many.value).toBe(two.value)
  })

  test('a stream that ends, ends the run', async () => {
    async function* stream() {
      for (let i = 0; i < 7; i++) yield batch([i])
    }
    const { iterations, status } = await minimize(loss, f64(0), { optimizer: sgd(0.01), steps: 50, batches: stream() })
    expect([iterations, status]).toEqual([7, 'done'])
  })

  test('reach the optimizer, with the rest of the context', async () => {
    const seen: (UpdateContext | undefined)[] = []
    const inner = sgd(0.1)
    const update: typeof inner.update = (grads, state, context) => {
      seen.push(context)
      return inner.update(grads, state, context)
    }
    const options = { optimizer: { ...inner, update }, steps: 1, batches: [batch([1])], key: random.key(0) }
    await minimize(loss, f64(0), options)
    expect(Object.keys(seen[0]?.batch as Batch)).toEqual(['x', 'y'])
    expect(Object.keys(seen[0] as object).sort()).toEqual(['batch', 'key', 'params', 'value', 'valueAndGrad'])
  })
})

test('a key makes a fresh one for every update, the same in every run', async () => {
  const noise: Optimizer<object> = {
    init: () => ({}),
    update: (grads, state, context) => {
      const key = context?.key as random.Key
      return { updates: tree.map((g: Tensor) => random.normal(key, g.shape, { dtype: 'float64' }), grads), state }
    },
  }
  const run = (every: number) => minimize(bowl, f64([0, 0]), { optimizer: noise, steps: 4, every, key: random.key(1) })
  const drawn = [0, 1, 2, 3].map((i) => random.normal(random.foldIn(random.key(1), i), [2], { dtype: 'float64' }))
  const end = drawn.reduce((x, step) => applyUpdates(x, step), f64([0, 0]))
  for (const every of [1, 3]) expect(list((await run(every)).params)).toEqual(list(end))
})

describe('bad input', () => {
  const fails = (run: () => Promise<unknown>, message: RegExp) => expect(run()).rejects.toThrow(message)
  const optimizer = sgd(0.1)

  test('is refused', async () => {
    await fails(() => minimize(bowl, f64([0, 0]), { optimizer, steps: 1.5 }), /steps 1.5/)
    await fails(() => minimize(bowl, f64([0, 0]), { optimizer, steps: 1, every: 0 }), /every 0/)
    await fails(() => minimize(bowl, f64([0, 0]), { optimizer, steps: 1, tolerance: -1 }), /tolerance -1/)
    await fails(() => minimize(bowl, f64([0, 0]), { optimizer: 0.1 as never, steps: 1 }), /an optimizer of type number/)
    await fails(() => minimize(bowl, f64([0, 0]), { optimizer, steps: 1, batches: [] }), /an empty list/)
    await fails(() => minimize((x: number) => tensor(x), 1, { optimizer, steps: 1 }), /the number 1/)
    await fails(() => minimize(() => f64(1), {}, { optimizer, steps: 1 }), /without a tensor/)
    await fails(() => minimize((x: Tensor) => x, f64([1, 2]), { optimizer, steps: 1 }), /non-scalar-loss/)
    await fails(() => minimize(bowl, tensor([0, 0], { dtype: 'int32' }), { optimizer, steps: 1 }), /int32\[2\]/)
  })
})

test('a whole training step compiles once', async () => {
  let traces = 0
  const counted = (x: Tensor) => {
    traces++
    return bowl(x)
  }
  const optimizer = chain(clipByGlobalNorm(1), adamw(0.1))
  await minimize(counted, f64([0, 0]), { optimizer, steps: 30 })
  // Once for the loop, once for the value at the end.
  expect(traces).toBe(2)
  expect(jit(bowl)(f64([3, -1])).item()).toBe(0)
})
