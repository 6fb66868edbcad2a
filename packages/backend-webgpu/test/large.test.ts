// Sizes at which kernels take other ways: workgroups for rows, rows in parts, tiles, long scans, wide networks.

import {
  argMax,
  bind1,
  cumsum,
  jit,
  logSumExp,
  matmul,
  max,
  mean,
  reference,
  softmax,
  sort,
  sum,
  type Tensor,
  take,
  tensor,
  withBackend,
} from '@adjoint/core'
import { scatterPrimitive } from '@adjoint/core/primitives'
import { beforeAll, expect, it } from 'vitest'
import type { WebgpuBackend } from '../src/index.js'
import { onGpu, open } from './support.js'

/** Numbers in [-1, 1) that look random and are the same in every run. */
function noise(size: number, seed = 1): Float32Array<ArrayBuffer> {
  let state = seed
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

onGpu('large operands', () => {
  let gpu: WebgpuBackend
  beforeAll(async () => {
    gpu = await open()
  })

  /** The same on the GPU and by the reference rules. */
  async function agree(shapes: readonly (readonly number[])[], fn: (...xs: Tensor[]) => Tensor, tolerance: number) {
    const data = shapes.map((shape, i) =>
      noise(
        shape.reduce((a, b) => a * b, 1),
        i + 1,
      ),
    )
    const on = (backend: typeof reference) =>
      withBackend(backend, () => fn(...data.map((d, i) => tensor(d, { shape: shapes[i], backend })))).data()
    const [actual, expected] = [await on(gpu), await on(reference)]
    expect(actual.length).toBe(expected.length)
    let worst = 0
    for (let i = 0; i < expected.length; i++)
      worst = Math.max(worst, Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i])))
    expect(worst).toBeLessThanOrEqual(tolerance)
  }

  it('sums in one part, in several, by columns', async () => {
    await agree([[5000]], (x) => sum(x), 1e-5)
    await agree([[300_000]], (x) => sum(x), 2e-5)
    await agree([[3, 70_000]], (x) => mean(x, 1), 1e-5)
    await agree([[700, 300]], (x) => sum(x, 0), 1e-5)
    await agree([[40, 3, 500]], (x) => max(x, [0, 2]), 0)
  })

  it('fuses softmax and logSumExp of long rows', async () => {
    await agree([[7, 3000]], jit((x: Tensor) => softmax(x, 1)) as never, 1e-5)
    await agree([[7, 3000]], jit((x: Tensor) => logSumExp(x, 1)) as never, 1e-5)
    await agree([[200_000]], jit((x: Tensor) => x.square().sum().add(1).sqrt()) as never, 1e-5)
  })

  it('multiplies with large tiles, narrow and batched', async () => {
    await agree(
      [
        [200, 130],
        [130, 190],
      ],
      matmul,
      2e-5,
    )
    await agree(
      [
        [1, 3000],
        [3000, 5],
      ],
      matmul,
      2e-5,
    )
    await agree([[600, 300], [300]], matmul, 2e-5)
    await agree(
      [
        [9, 40, 33],
        [9, 33, 41],
      ],
      matmul,
      2e-5,
    )
    await agree(
      [
        [130, 90],
        [130, 110],
      ],
      (a, b) => matmul(a.transpose(), b),
      2e-5,
    )
  })

  it('multiplies by every size of tiles, integers too', async () => {
    for (const n of [20, 33, 65]) {
      await agree(
        [
          [16, n, 18],
          [16, 18, n],
        ],
        matmul,
        2e-5,
      )
    }
    const whole = (x: Tensor) => x.mul(1000).cast('int32')
    await agree(
      [
        [3, 40, 20],
        [3, 20, 31],
      ],
      (a, b) => matmul(whole(a), whole(b)).cast('float32'),
      0,
    )
  })

  it('scans, finds and sorts', async () => {
    await agree([[2, 3000]], (x) => cumsum(x, 1), 1e-4)
    await agree([[3000]], (x) => argMax(x, 0).cast('float32'), 0)
    await agree([[4, 300]], (x) => argMax(x, 1).cast('float32'), 0)
    await agree([[5000]], (x) => sort(x, 0), 0)
    await agree([[3, 1500]], (x) => sort(x, 1, { descending: true }), 0)
  })

  it('scatters many updates into few rows, the same in every run', async () => {
    const points = 6000
    const rows = Int32Array.from(noise(points, 3), (v) => Math.floor((v + 1) * 50))
    const updates = noise(points * 2, 4)
    const on = (backend: typeof reference) =>
      bind1(
        scatterPrimitive,
        [
          tensor(new Float32Array(200), { shape: [100, 2], backend }),
          tensor(rows, { shape: [points, 1], backend }),
          tensor(updates, { shape: [points, 2], backend }),
        ],
        { batch: 0, mode: 'drop', combine: 'add' },
      ).data()
    const [first, second, expected] = [await on(gpu), await on(gpu), await on(reference)]
    expect(first).toEqual(second)
    first.forEach((v, i) => {
      expect(v).toBeCloseTo(expected[i], 4)
    })
    const x = tensor(noise(300_000), { backend: gpu })
    expect((await take(x, tensor(new Int32Array([0, 299_999]), { backend: gpu })).data()).length).toBe(2)
  })
})
