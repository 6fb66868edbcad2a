import { createFakeAsync } from '@adjoint/conformance'
import { grad, memory, scope, synchronize, type Tensor, tensor, withBackend } from '@adjoint/core'
import { expect, test } from 'vitest'
import { pointCloud, sinkhorn } from '../src/index.js'
import './support.js'

const points = () =>
  [
    tensor([
      [0, 0],
      [1, 0],
      [0, 2],
    ]),
    tensor([
      [1, 1],
      [2, 0],
    ]),
  ] as const

test('Sinkhorn on a device that cannot be read synchronously', async () => {
  const run = () => {
    const [x, y] = points()
    const dense = sinkhorn(pointCloud(x, y).costMatrix())
    const lazy = sinkhorn(pointCloud(x, y), { epsilon: 0.1 })
    const slope = grad((z: Tensor) => sinkhorn(pointCloud(z, y), { epsilon: 0.1 }).linearCost)(x)
    return { status: [dense.status, lazy.status], cost: dense.linearCost, slope, plan: lazy.plan.toDense() }
  }
  const here = run()
  const there = withBackend(createFakeAsync(), run)
  for (const status of there.status) expect(Array.from(await status.data())).toEqual([0])
  expect((await there.cost.data())[0]).toBeCloseTo(here.cost.item(), 4)
  for (const key of ['slope', 'plan'] as const) {
    const [ours, theirs] = [await here[key].data(), await there[key].data()]
    for (const [i, v] of ours.entries()) expect(theirs[i]).toBeCloseTo(v, 3)
  }
})

test('nothing is left behind', async () => {
  const device = createFakeAsync()
  const run = async () => {
    await using work = scope()
    const value = work.run(() =>
      withBackend(device, () => {
        const [x, y] = points()
        return sinkhorn(pointCloud(x, y), { gradient: 'envelope' }).linearCost
      }),
    )
    await value.data()
    await synchronize(device)
  }
  await run()
  const constants = memory(device).buffers
  await run()
  expect(memory(device).buffers).toBe(constants)
})
