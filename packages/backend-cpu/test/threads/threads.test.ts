// Threads: the same bits for any number of them, tensors that stay valid, and workers that die.

import workerThreads, { type Worker } from 'node:worker_threads'
import type { Backend, Tensor, TypedArray } from '@adjoint/core'
import { exp, isAdjointError, jit, lt, softmax, tanh, tensor, vmap, where, withBackend, wrap } from '@adjoint/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createCpu, threads } from '../../src/index.js'
import { storeOf } from '../../src/internals.js'
import type { Team } from '../../src/threads/team.js'
import { hangs, traps } from './modules.js'

/** Work of a microsecond and lt is shared too. */
const EVERYTHING = { from: 0 }

const teamOf = (backend: Backend): Team => storeOf(backend)?.heap()?.team as Team

/** Equal bit by bit; what the test runner compares element by element takes its time. */
function expectEqual(a: TypedArray, b: TypedArray): void {
  const bytes = ({ buffer, byteOffset, byteLength }: TypedArray) => new Uint8Array(buffer, byteOffset, byteLength)
  expect(Buffer.compare(bytes(a), bytes(b))).toBe(0)
}

/** How many calls a team has shared so far. */
function watch(backend: Backend): () => number {
  const run = vi.spyOn(teamOf(backend), 'run')
  return () => run.mock.calls.length
}

const numbers = (length: number, seed = 1) =>
  Float64Array.from({ length }, (_, i) => Math.sin((i + 1) * 12.9898 * seed) * 3)

describe('results', () => {
  const backends = [1, 2, 3].map((count) => ({ count, cpu: createCpu({ name: `cpu-${count}`, webassemblyFrom: 1 }) }))
  let shared: () => number

  beforeAll(async () => {
    for (const { count, cpu } of backends) expect(await threads(count, { ...EVERYTHING, backend: cpu })).toBe(count)
    shared = watch(backends[2].cpu)
  })

  afterAll(async () => {
    for (const { cpu } of backends) await threads(1, { backend: cpu })
  })

  /** The bits with one thread, found again with two and three. */
  function expectSame(work: (x: Tensor, y: Tensor) => Tensor, x: Parameters<typeof tensor>, y = x): void {
    const results = backends.map(({ cpu }) => withBackend(cpu, () => work(tensor(...x), tensor(...y)).dataSync()))
    for (const data of results) {
      expect(data.buffer).toBeInstanceOf(ArrayBuffer)
      expectEqual(data, results[0])
    }
  }

  const matrix = (rows: number, columns: number, dtype: 'float32' | 'float64' = 'float32', seed = 1) =>
    [numbers(rows * columns, seed), { dtype, shape: [rows, columns] }] as Parameters<typeof tensor>

  describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
    it.each([
      ['square', 130, 70, 90],
      ['wide', 20, 70, 300],
      ['matrix times vector', 200, 90, 1],
      ['vector times matrix', 1, 90, 200],
    ] as const)('products: %s', (_, m, k, n) => {
      const before = shared()
      expectSame((x, y) => x.matmul(y), matrix(m, k, dtype), matrix(k, n, dtype, 2))
      expect(shared()).toBeGreaterThan(before)
    })

    it('products of a batch, transposed and broadcast', () => {
      const batch = [numbers(6 * 20 * 30), { dtype, shape: [6, 20, 30] }] as Parameters<typeof tensor>
      expectSame((x, y) => x.matmul(y.transpose([0, 2, 1])), batch)
      expectSame((x, y) => vmap((a: Tensor) => a.matmul(y))(x), batch, matrix(30, 17, dtype))
    })

    it('fused kernels, rows of totals, and movement', () => {
      const before = shared()
      expectSame(
        jit((x, y) => softmax(tanh(x).mul(y).add(exp(x.neg())))),
        matrix(67, 45, dtype),
      )
      expectSame((x) => x.transpose(), matrix(67, 45, dtype))
      expectSame((x) => x.sum(1), matrix(67, 45, dtype))
      expectSame((x) => x.sum(), matrix(300, 200, dtype))
      expectSame(
        jit((x: Tensor, y: Tensor) => tanh(x.add(y)).sum()),
        matrix(300, 200, dtype),
      )
      expectSame((x) => x.max(0), matrix(67, 45, dtype))
      expectSame((x) => x.pow(1.5), matrix(67, 45, dtype))
      expect(shared() - before).toBeGreaterThan(3)
    })
  })

  it('any program', () => {
    const steps: readonly ((x: Tensor, y: Tensor) => Tensor)[] = [
      (x, y) => x.add(y),
      (x, y) => x.mul(y).sub(0.25),
      (x) => tanh(x),
      (x) => x.sub(x.mean(1, { keepDims: true })),
      (x) => x.div(exp(x).sum(0, { keepDims: true })),
      (x, y) => where(lt(x, y), x, y),
      (x) => x.reshape([x.shape[1], x.shape[0]]).transpose(),
      (x, y) => x.matmul(y.transpose()).matmul(y).mul(0.01),
      (x) => x.add(x.sum()),
      (x) => x.mul(x.max(1, { keepDims: true })),
    ]
    const program = fc.record({
      shape: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 70 })),
      dtype: fc.constantFrom('float32' as const, 'float64' as const),
      path: fc.array(fc.nat(steps.length - 1), { minLength: 1, maxLength: 5 }),
      compiled: fc.boolean(),
    })
    fc.assert(
      fc.property(program, ({ shape, dtype, path, compiled }) => {
        const work = (x: Tensor, y: Tensor) => path.reduce((z, step) => steps[step](z, y), x)
        expectSame(compiled ? jit(work) : work, matrix(...shape, dtype), matrix(...shape, dtype, 3))
      }),
      { numRuns: 40 },
    )
  })
})

describe('switching', () => {
  it('keeps tensors, also through growth, and hands out memory of their own', async () => {
    const cpu = createCpu()
    const on = <R>(fn: () => R) => withBackend(cpu, fn)
    const own = new Float32Array(10_000).fill(2)
    const [x, aliased] = on(() => [tensor(numbers(100_000)).mul(2), wrap(own)])
    const before = x.dataSync()
    const double = jit((t: Tensor) => t.mul(2))
    double(x)
    for (const count of [2, 3, 1, 2]) {
      expect(await threads(count, { ...EVERYTHING, backend: cpu })).toBe(count)
      expectEqual(x.dataSync(), before)
      const large = on(() => Array.from({ length: 5 }, () => tensor(new Float32Array(1 << 20).fill(1))))
      const totals = large.map((t) => double(t).sum())
      for (const total of totals) expect(total.item()).toBe(2 ** 21)
      expectEqual(
        double(x).dataSync(),
        before.map((v) => v * 2),
      )
      const data = await double(x).data()
      expect(data.buffer).toBeInstanceOf(ArrayBuffer)
      expect(double(aliased).dataSync()[9999]).toBe(4)
      expect(aliased.dataSync().buffer).toBeInstanceOf(ArrayBuffer)
    }
    await threads(1, { backend: cpu })
    expect(storeOf(cpu)?.heap()?.shared).toBe(false)
    expect(own.every((v) => v === 2)).toBe(true)
  })

  it('takes one change after the other', async () => {
    const cpu = createCpu()
    const counts = await Promise.all([2, 1, 3].map((count) => threads(count, { backend: cpu })))
    expect(counts).toEqual([2, 1, 3])
    expect(teamOf(cpu).size).toBe(3)
    await threads(1, { backend: cpu })
  })

  it('leaves small work to the main thread', async () => {
    const cpu = createCpu()
    await threads(2, { backend: cpu, from: 1e9 })
    const shared = watch(cpu)
    withBackend(cpu, () => {
      const x = tensor(numbers(250_000), { shape: [500, 500] })
      for (let i = 0; i < 5; i++) x.add(1).matmul(x)
    })
    expect(shared()).toBe(0)
    await threads(1, { backend: cpu })
  })

  it('refuses what is no number of threads, and backends of others', async () => {
    const codes = [threads(0), threads(1.5), threads(2, { from: -1 }), threads(2, { patience: 0 })].map((promise) =>
      promise.catch((error) => isAdjointError(error) && error.code),
    )
    expect(await Promise.all(codes)).toEqual(new Array(4).fill('invalid-argument'))
    const other = { ...createCpu(), name: 'other' }
    await expect(threads(2, { backend: other })).rejects.toThrow(/a backend made by createCpu/)
  })

  it('is one thread, with one notice, where memory cannot be shared', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    vi.stubGlobal('SharedArrayBuffer', undefined)
    expect(await threads(2, { backend: createCpu() })).toBe(1)
    expect(await threads(2, { backend: createCpu({ codeGeneration: 'javascript' }) })).toBe(1)
    expect(warn).toHaveBeenCalledTimes(1)
    vi.unstubAllGlobals()
    warn.mockRestore()
  })
})

describe('a worker that dies', () => {
  /** Runs a task until a worker has met it. */
  function runOften(team: Team, bytes: Uint8Array<ArrayBuffer>): void {
    const task = team.task(bytes)
    if (task === null) throw new Error('no task')
    for (let i = 0; i < 1e6; i++) team.run(task, [], 64, 1)
  }

  it.each([
    ['hangs', hangs, /no sign of life for/],
    ['traps', traps, /divide by zero|division by zero/],
  ] as const)('%s: the call fails, new workers take over, tensors stay', async (_, make, message) => {
    const cpu = createCpu({ webassemblyFrom: 1 })
    await threads(2, { ...EVERYTHING, backend: cpu, patience: 1000 })
    const x = withBackend(cpu, () => tensor(numbers(50_000)).add(0))
    const before = x.dataSync()
    const team = teamOf(cpu)
    let failure: unknown
    try {
      runOften(team, make())
    } catch (error) {
      failure = error
    }
    expect(isAdjointError(failure) && failure.code).toBe('device-failed')
    expect(String(failure)).toMatch(message)
    expectEqual(x.add(0).dataSync(), before)
    expect(teamOf(cpu)).not.toBe(team)
    await teamOf(cpu).ready
    const shared = watch(cpu)
    expectEqual(x.add(0).dataSync(), before)
    expect(shared()).toBeGreaterThan(0)
    await threads(1, { backend: cpu })
  })

  it('between calls: nothing fails, and new workers take over', async () => {
    const made: Worker[] = []
    const { Worker } = workerThreads
    workerThreads.Worker = class extends Worker {
      constructor(...parts: ConstructorParameters<typeof Worker>) {
        super(...parts)
        made.push(this)
      }
    }
    const cpu = createCpu({ webassemblyFrom: 1 })
    await threads(3, { ...EVERYTHING, backend: cpu })
    workerThreads.Worker = Worker
    const team = teamOf(cpu)
    const x = withBackend(cpu, () => tensor(numbers(50_000)))
    const expected = x.mul(2).dataSync()
    const died = made[0].terminate()
    expectEqual(x.mul(2).dataSync(), expected)
    await died
    await vi.waitUntil(() => teamOf(cpu) !== team)
    await teamOf(cpu).ready
    expectEqual(x.mul(2).dataSync(), expected)
    await threads(1, { backend: cpu })
  })
})
