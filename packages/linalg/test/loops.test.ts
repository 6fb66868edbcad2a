// Factorisations in loops of unknown length: their kernels are steps of the compiled loop, which is not left for them.

import { createCpu } from '@adjoint/backend-cpu'
import {
  configure,
  defineBackend,
  eye,
  jit,
  type Kernel,
  type Primitive,
  type Tensor,
  vmap,
  whileLoop,
  withBackend,
} from '@adjoint/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { inv, sqrtm } from '../src/index.js'
import { definite, largest } from './support.js'

let settings: ReturnType<typeof configure>
beforeAll(() => {
  settings = configure({ strict: true })
})
afterAll(() => void configure(settings))

const counts = { traced: 0, lookedUp: 0, inverses: 0, read: [] as number[] }

interface Roots {
  readonly root: Tensor
  readonly inverse: Tensor
  readonly change: Tensor
  readonly steps: Tensor
}

/** The square root of a matrix by the iteration of E. Denman and A. Beavers, 1976: two inverses a step. */
function denmanBeavers(a: Tensor): Roots {
  const zero = a.slice(0, 0).mul(0)
  return whileLoop<Roots>({
    cond: ({ change }) => change.gt(1e-12),
    body: ({ root, inverse, steps }) => {
      counts.traced++
      const next = root.add(inv(inverse)).mul(0.5)
      const change = next.sub(root).abs().max()
      return { root: next, inverse: inverse.add(inv(root)).mul(0.5), change, steps: steps.add(1) }
    },
    init: { root: a, inverse: eye(10, 10, { dtype: 'float64' }), change: zero.add(1), steps: zero },
  })
}

/** A CPU backend that counts. */
function watched() {
  const inner = createCpu({ name: 'watched' })
  const find = (primitive: Primitive, call: Parameters<NonNullable<typeof inner.find>>[1]): Kernel | undefined => {
    counts.lookedUp++
    const kernel = inner.find?.(primitive, call)
    if (kernel === undefined || primitive.name !== '@adjoint/linalg:inv') return kernel
    return (...args) => {
      counts.inverses++
      return kernel(...args)
    }
  }
  return defineBackend({
    ...inner,
    find,
    read: (storage, dtype, size) => {
      counts.read.push(size)
      return inner.read(storage, dtype, size)
    },
  })
}

it('an inverse in a compiled while is one of its steps: nothing is traced, looked up or read on the way', () => {
  withBackend(watched(), () => {
    const roots = jit(denmanBeavers)
    const [first, second] = [definite(1, [10, 10]), definite(2, [10, 10])]
    expect(largest(roots(first).root.sub(sqrtm(first)))).toBeLessThan(1e-9)
    Object.assign(counts, { traced: 0, lookedUp: 0, inverses: 0, read: [] })
    const { root, steps } = roots(second)
    expect(counts.traced).toBe(0)
    expect(counts.lookedUp).toBe(0)
    expect(counts.inverses).toBeGreaterThan(8)
    // The flag of the loop and nothing else.
    expect(counts.read.every((size) => size === 1)).toBe(true)
    expect(counts.inverses).toBe(2 * steps.item())
    expect(largest(root.sub(sqrtm(second)))).toBeLessThan(1e-9)
  })
})

it('lanes of a while with inverses inside, each to its own end', () => {
  const batch = definite(3, [3, 10, 10])
  const { root, steps } = jit(vmap(denmanBeavers))(batch)
  expect(largest(root.sub(sqrtm(batch)))).toBeLessThan(1e-9)
  for (const [i, count] of Array.from(steps.dataSync()).entries())
    expect(count).toBe(denmanBeavers(batch.slice(i)).steps.item())
})
