import {
  bind,
  configure,
  defineBackend,
  grad,
  isAdjointError,
  jit,
  memory,
  ones,
  scan,
  scope,
  synchronize,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from '@adjoint/core'
import { cumulativePrimitive, randomBitsPrimitive, sortPrimitive } from '@adjoint/core/primitives'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeAsync } from '../src/index.js'

const device = createFakeAsync()
const empty = { buffers: 0, bytes: 0 }
let before: ReturnType<typeof configure>

beforeEach(() => {
  before = configure({ warn: () => {} })
})
afterEach(() => configure(before))

/** A computation with intermediates, inside and outside of jit. */
const loss = (x: Tensor) => x.mul(2).sin().square().sum()

describe('the job queue', () => {
  it('keeps user code synchronous and delivers in order', async () => {
    const x = tensor([1, 2], { backend: device })
    expect(await x.add(1).mul(x).data()).toEqual(new Float32Array([2, 6]))
  })

  it('refuses to read at once and says what to do', () => {
    expect(() => tensor([1], { backend: device }).add(1).dataSync()).toThrow(/await x\.data\(\)/)
  })

  it('runs decompositions without waiting for itself', async () => {
    const key = tensor([0, 42], {
      dtype: 'uint32',
      backend: createFakeAsync({ name: 'no-random', missing: ['randomBits'] }),
    })
    const direct = tensor([0, 42], { dtype: 'uint32', backend: device })
    const bits = (k: Tensor) => bind(randomBitsPrimitive, [k], { shape: [5] })[0]
    const expected = await bits(direct).data()
    expect(await bits(key).data()).toEqual(expected)
    expect(await jit(bits)(key).data()).toEqual(expected)
  })

  it('runs a while whose end only the device knows', async () => {
    const start = tensor([1, 3], { backend: device })
    const run = (x: Tensor) => whileLoop({ cond: (s) => s.sum().lt(100), body: (s) => s.mul(2), init: x })
    expect(await run(start).data()).toEqual(new Float32Array([32, 96]))
    expect(await jit(run)(start).data()).toEqual(new Float32Array([32, 96]))
  })

  it('queues what follows a while behind it', async () => {
    const start = tensor(1, { backend: device })
    const end = whileLoop({ cond: (s) => s.lt(50), body: (s) => s.mul(3), init: start })
    expect(await end.add(1).data()).toEqual(new Float32Array([82]))
  })

  it('gives each lane of a batched while its own end', async () => {
    const starts = tensor([1, 40, 200], { backend: device })
    const run = vmap((x: Tensor) => whileLoop({ cond: (s) => s.lt(100), body: (s) => s.mul(2), init: x }))
    expect(await run(starts).data()).toEqual(new Float32Array([128, 160, 200]))
  })

  it('goes by way of the host for a missing kernel, in order, and says so once', async () => {
    const warnings: string[] = []
    configure({ warn: (message) => warnings.push(message) })
    const partial = createFakeAsync({ name: 'no-sort', missing: ['sort'] })
    const x = tensor([3, 1, 2], { backend: partial })
    const sorted = (v: Tensor) => bind(sortPrimitive, [v.add(1)], { keys: 1, descending: false })[0].mul(10)
    expect(await sorted(x).data()).toEqual(new Float32Array([20, 30, 40]))
    expect(await sorted(x).data()).toEqual(new Float32Array([20, 30, 40]))
    expect(warnings).toEqual(["Backend 'no-sort' has no kernel for 'sort': it runs on 'reference'."])
    configure({ strict: true })
    expect(() => sorted(x)).toThrow(/sort.*no-sort.*missing-kernel/s)
  })

  it('refuses more than the queue holds, and recovers', async () => {
    configure({ queueLimit: 20 })
    let x = ones([2], { backend: device })
    const fill = () => {
      for (let i = 0; i < 30; i++) x = x.add(1)
    }
    expect(fill).toThrow(/queue-overflow/)
    await x.data()
    expect(await x.add(1).data()).toBeInstanceOf(Float32Array)
  })
})

describe('late errors', () => {
  const broken = createFakeAsync({ name: 'broken', failing: ['sqrt'] })

  it('surface at data() with the line that asked for the work', async () => {
    const root = tensor([4], { backend: broken }).sqrt()
    const error = await root.data().catch((e) => e)
    expect(isAdjointError(error) && error.code).toBe('device-failed')
    expect(error.message).toMatch(/the device lost 'sqrt'/)
    expect(error.line).toMatch(/fake-async\.test\.ts:\d+:\d+$/)
  })

  it('poison what depends on them, and nothing else', async () => {
    const x = tensor([4], { backend: broken })
    const poisoned = x.sqrt().add(1).mul(2)
    const sound = x.add(1)
    await expect(poisoned.data()).rejects.toThrow(/the device lost 'sqrt'/)
    expect(await sound.data()).toEqual(new Float32Array([5]))
  })

  it('come out of compiled functions and loops too', async () => {
    const x = tensor([4], { backend: broken })
    await expect(jit((v: Tensor) => v.add(1).sqrt().mul(2))(x).data()).rejects.toThrow(/the device lost 'sqrt'/)
    const loop = scan((c: Tensor, row: Tensor) => [c.add(row.sqrt()), null] as const, tensor(0, { backend: broken }), x)
    await expect(loop.carry.data()).rejects.toThrow(/the device lost 'sqrt'/)
  })

  it('leave no buffer behind', async () => {
    const clean = createFakeAsync({ name: 'broken-and-clean', failing: ['sqrt'] })
    const x = tensor([4], { backend: clean })
    const forms = [
      (v: Tensor) => v.mul(2).sqrt().add(1),
      jit((v: Tensor) => v.mul(2).sqrt().add(v)),
      jit((v: Tensor) => whileLoop({ cond: (s) => s.sum().lt(9), body: (s) => s.mul(2).sqrt().add(v), init: v })),
    ]
    for (const form of forms) {
      const y = scope(() => form(x))
      await expect(y.data()).rejects.toThrow(/the device lost 'sqrt'/)
      y.dispose()
      await synchronize(clean)
      expect(clean.memory().buffers).toBe(1)
    }
  })
})

describe('memory', () => {
  it('is counted exactly', async () => {
    const counted = createFakeAsync({ name: 'counted' })
    const x = tensor([1, 2, 3], { backend: counted })
    expect(memory(counted)).toEqual({ buffers: 1, bytes: 12 })
    const y = x.add(x)
    await y.data()
    expect(memory(counted)).toEqual({ buffers: 2, bytes: 24 })
    for (const t of [x, y]) t.dispose()
    expect(memory(counted)).toEqual(empty)
  })

  it('is freed by a scope when its jobs are done', async () => {
    const counted = createFakeAsync({ name: 'scoped' })
    const x = tensor([1, 2, 3], { backend: counted })
    const y = scope(() => grad(loss)(x))
    expect(await y.data()).toHaveLength(3)
    await synchronize(counted)
    expect(counted.memory().buffers).toBe(2)
    for (const t of [x, y]) t.dispose()
    expect(counted.memory()).toEqual(empty)
  })

  it('is freed at the end of a scope around asynchronous work, but for what is kept', async () => {
    const counted = createFakeAsync({ name: 'async-scope' })
    const work = async () => {
      await using s = scope()
      const x = s.run(() => tensor([1, 2], { backend: counted }))
      const first = s.run(() => loss(x))
      const value = (await first.data())[0]
      const second = s.run(() => x.mul(value))
      await second.data()
      return s.keep(second)
    }
    const kept = await work()
    await synchronize(counted)
    expect(counted.memory().buffers).toBe(1)
    kept.dispose()
    expect(counted.memory()).toEqual(empty)
  })

  it('balances over jit, its gradient, loops and fall-backs', async () => {
    const counted = createFakeAsync({ name: 'balanced', missing: ['cumulative'] })
    const x = tensor([1, 2, 3], { backend: counted })
    const loop = (v: Tensor) => whileLoop({ cond: (s) => s.sum().lt(100), body: (s) => s.mul(2).add(v), init: v }).sum()
    const forms: ((v: Tensor) => Tensor)[] = [
      jit(loss),
      jit(grad(loss)),
      grad(loss),
      loop,
      jit(loop),
      (v) => bind(cumulativePrimitive, [v], { op: 'sum', axis: 0, reverse: false })[0],
    ]
    for (const form of forms) {
      const y = scope(() => form(x))
      await y.data()
      y.dispose()
      await synchronize(counted)
      expect(counted.memory()).toEqual({ buffers: 1, bytes: 12 })
    }
  })

  it('reads the flag of a while after chunks of steps', async () => {
    const device = createFakeAsync({ name: 'chunks' })
    let flags = 0
    const counting = defineBackend({
      ...device,
      read: (storage, dtype, size) => {
        if (dtype === 'bool') flags++
        return device.read(storage, dtype, size)
      },
    })
    const count = (most: number | null) => (v: Tensor) =>
      whileLoop({
        cond: (s) => s.sum().lt(100),
        body: (s) => s.add(1),
        init: v,
        ...(most === null ? {} : { maxSteps: most }),
      })
    const x = tensor([0], { backend: counting })
    for (const [most, end, reads] of [
      [null, 100, 11],
      [50, 50, 7],
      [3, 3, 2],
    ] as const) {
      flags = 0
      expect(Array.from(await jit(count(most))(x).data())).toEqual([end])
      expect(flags).toBe(reads)
    }
  })

  it('refuses to release a buffer twice, or that of another device', () => {
    const [a, b] = [createFakeAsync({ name: 'a' }), createFakeAsync({ name: 'b' })]
    const storage = a.write(new Float32Array(1), 'float32')
    expect(() => b.release?.(storage)).toThrow(/not alive on 'b'/)
    a.release?.(storage)
    expect(() => a.release?.(storage)).toThrow(/not alive on 'a'/)
  })
})
