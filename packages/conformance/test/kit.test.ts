// The kit against backends and primitives that are wrong on purpose: a check that cannot fail checks nothing.

import * as core from '@adjoint/core'
import { type Backend, defineBackend, type Primitive, reference } from '@adjoint/core'
import * as primitives from '@adjoint/core/primitives'
import { describe, expect, it } from 'vitest'
import {
  backendChecks,
  type Capabilities,
  CheckFailure,
  coreCases,
  createFakeAsync,
  createOpTier,
  type PrimitiveCase,
  primitiveChecks,
} from '../src/index.js'

/** Runs the check of a backend with a name, which must fail. */
async function failureOf(backend: Backend, name: RegExp, capabilities: Capabilities = {}): Promise<CheckFailure> {
  const check = backendChecks(() => backend, { capabilities }).find((c) => name.test(c.name))
  const failure = await check?.run().catch((error) => error)
  expect(failure).toBeInstanceOf(Error)
  return failure
}

describe('the backend checks catch', () => {
  it('a wrong kernel, by primitive, case and element', async () => {
    const wrong = createOpTier({ name: 'wrong' }).implement(primitives.expPrimitive, (storages) => storages)
    const dtypes = ['float32', 'int32', 'bool'] as const
    const failure = await failureOf(wrong, /^exp has a kernel/, { dtypes })
    expect(failure.message).toMatch(
      /exp \(float32 matrix\) on 'wrong': parity with the reference does not hold: .* at \[\d, \d\]/,
    )
  })

  it('a missing kernel that was not declared', async () => {
    const failure = await failureOf(createOpTier(), /^sort has a kernel/, { dtypes: ['float32', 'int32', 'bool'] })
    expect(failure.message).toMatch(/missing-kernel/)
  })

  it('a kernel that was declared missing', async () => {
    const failure = await failureOf(reference, /^sin has no kernel/, { hostPrimitives: ['sin'] })
    expect(failure).toBeInstanceOf(CheckFailure)
  })

  it('a dtype held in secret, and one not held', async () => {
    expect((await failureOf(reference, /holds the dtypes/, { dtypes: ['float32'] })).message).toMatch(
      /dtype-unsupported/,
    )
    expect((await failureOf(createOpTier(), /holds the dtypes/)).message).toMatch(/float64/)
  })

  it('a backend that frees nothing', async () => {
    const shared = defineBackend({ ...createFakeAsync({ name: 'leaky' }), release: () => {} })
    const failure = await failureOf(shared, /^neg has a kernel/, {
      dtypes: shared.dtypes,
      syncRead: false,
      memory: 'counted',
    })
    expect(failure.message).toMatch(/the balance of buffers does not hold: \d+ buffers/)
  })

  it('reading at once where it was declared impossible', async () => {
    expect(await failureOf(reference, /^reads later/, { syncRead: false })).toBeInstanceOf(CheckFailure)
  })
})

describe('the primitive checks catch', () => {
  const { cases } = coreCases().find(({ primitive }) => primitive === primitives.mulPrimitive) ?? { cases: [] }
  const broken = (rules: Partial<Primitive>): Primitive => ({ ...primitives.mulPrimitive, name: 'broken', ...rules })
  const failures = async (primitive: Primitive): Promise<string[]> => {
    const results = await Promise.all(primitiveChecks(primitive, cases).map((c) => c.run().then(() => '', String)))
    return results.filter((message) => message !== '')
  }

  it('nothing where all is right', async () => {
    expect(await failures(primitives.mulPrimitive)).toEqual([])
  })

  it('a wrong derivative', async () => {
    const [message] = await failures(broken({ jvp: ([x], [dx]) => [dx === null ? null : dx.mul(x)] }))
    expect(message).toMatch(/jvp does not hold: .* where differences give/)
  })

  it('a wrong batching rule', async () => {
    const own: Primitive = broken({ vmap: (inputs) => core.bind(own, inputs) })
    expect((await failures(own)).join()).toMatch(/vmap against a loop does not hold|shape-mismatch/)
  })

  it('a wrong transposition', async () => {
    const linear = coreCases().find(({ primitive }) => primitive === primitives.flipPrimitive)
    const wrong: Primitive = {
      ...(primitives.flipPrimitive as unknown as Primitive),
      name: 'wrong',
      jvp: (_, [dx], __, params) => [dx === null ? null : core.bind1(wrong, [dx], params)],
      transpose: ([ct]) => [ct],
    }
    const results = await Promise.all(
      primitiveChecks(wrong, linear?.cases ?? []).map((c) => c.run().then(() => '', String)),
    )
    expect(results.join()).toMatch(/vjp does not hold/)
  })
})

describe('the primitive checks take', () => {
  const passes = async (primitive: Primitive, cases: readonly PrimitiveCase[]) => {
    for (const { run } of primitiveChecks(primitive, cases)) await run()
  }

  it('float32 operands of which some are smooth', async () => {
    const data = [0.5, -1, 2]
    const input = { dtype: 'float32', shape: [3], data } as const
    await passes(primitives.mulPrimitive, [{ name: 'one of two', inputs: [input, input], smooth: [0] }])
  })

  it('operands that must be permutations', async () => {
    const reordered: Primitive = core.definePrimitive('reordered', {
      shape: ([x]) => [x],
      vmap: (inputs, batched, size) => {
        const lane = (k: number) =>
          core.bind1(
            reordered,
            inputs.map((x, i) => (batched[i] ? x.slice(k) : x)),
          )
        return [core.stack(Array.from({ length: size }, (_, k) => lane(k)))]
      },
      reference: ([x, order]) => {
        expect([...order.data].sort()).toEqual([0, 1, 2])
        return [x.data.map((_, i) => x.data[order.data[i]])]
      },
    })
    const x = { dtype: 'float64', shape: [3], data: [5, 6, 7] } as const
    const order = { dtype: 'int32', shape: [3], data: [2, 0, 1] } as const
    await passes(reordered, [{ name: 'a cycle', inputs: [x, order] }])
  })
})

it('every primitive that the core exports has cases, but for to(), which moves between backends', () => {
  const names = Object.values(primitives).flatMap((p) => (typeof p === 'object' ? [p.name] : []))
  const covered = ['to', ...coreCases().map(({ primitive }) => primitive.name)]
  expect(names.filter((name) => !covered.includes(name))).toEqual([])
})
