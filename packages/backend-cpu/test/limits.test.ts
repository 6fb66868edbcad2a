// What cannot be: sizes beyond numbers, and results that no memory holds. Errors say what was asked for.

import { broadcastTo, jit, ones, type Tensor, withBackend, zeros } from '@adjoint/core'
import { describe, expect, it } from 'vitest'
import { createCpu } from '../src/index.js'

const MANY = 2 ** 20

describe.each(['webassembly', 'javascript'] as const)('%s', (codeGeneration) => {
  const cpu = createCpu({ codeGeneration })
  const refused = (work: () => unknown) => {
    try {
      withBackend(cpu, work)
    } catch (error) {
      return error
    }
    return undefined
  }

  it('a shape whose product is no number', () => {
    for (const make of [zeros, ones])
      expect(refused(() => make([2 ** 40, 2 ** 40]))).toMatchObject({ code: 'shape-mismatch' })
    expect(refused(() => zeros([2 ** 40, 2 ** 40, 0]))).toBeUndefined()
  })

  it('a tensor that fits nowhere', () => {
    expect(refused(() => zeros([MANY, MANY]))).toMatchObject({
      code: 'device-failed',
      given: expect.stringMatching(/4398046511104 bytes/),
    })
  })

  it('a result of one operation, under its name', () => {
    const error = refused(() => ones([MANY, 1]).add(ones([1, MANY])))
    expect(error).toMatchObject({
      code: 'device-failed',
      fn: 'add',
      given: expect.stringMatching(/4398046511104 bytes/),
    })
    expect(refused(() => broadcastTo(ones([1]), [2 ** 27, MANY]))).toMatchObject({
      code: 'device-failed',
      fn: 'broadcast',
    })
  })

  it('a result of a program, under the name of its function and with the line that called it', () => {
    const pairs = jit((x: Tensor) => x.reshape([MANY, 1]).add(x).exp(), { name: 'pairs' })
    const outer = jit(
      (x: Tensor) =>
        x
          .reshape([MANY, 1])
          .matmul(x.reshape([1, MANY]))
          .exp(),
      { name: 'outer' },
    )
    const x = withBackend(cpu, () => ones([MANY]))
    for (const [name, f] of Object.entries({ pairs, outer }))
      expect(refused(() => f(x))).toMatchObject({
        code: 'device-failed',
        fn: expect.stringMatching(`^${name} \\(`),
        given: expect.stringMatching(/4398046511104 bytes/),
        line: expect.stringMatching(/limits\.test\.ts/),
      })
    expect(jit((y: Tensor) => y.sum())(x).item()).toBe(MANY)
  })
})

it('the memory of a small heap is no limit: what does not fit lies in arrays', () => {
  const cpu = createCpu({ heapBytes: 2 ** 22 })
  expect(
    withBackend(cpu, () =>
      ones([2 ** 22])
        .add(1)
        .sum()
        .item(),
    ),
  ).toBe(2 ** 23)
})
