// Bad input: every mistake is an AdjointError with a code, the function, what was given, the user's line and what to do.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { einsum } from '../src/einsum.js'
import { callSite } from '../src/error.js'
import type { ErrorCode } from '../src/index.js'
import * as core from '../src/index.js'
import {
  at,
  type Backend,
  configure,
  defineBackend,
  grad,
  jit,
  jvp,
  ones,
  reference,
  scan,
  scope,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
  zeros,
} from '../src/index.js'
import * as random from '../src/random/index.js'
import { bools, errorOf, f64, i32 } from './support.js'

const other: Backend = defineBackend({ ...reference, name: 'other' })
const later: Backend = defineBackend({
  ...reference,
  name: 'later',
  sync: false,
  read: async (storage) => storage as Float32Array,
})
const narrow: Backend = defineBackend({ ...reference, name: 'narrow', dtypes: ['float32', 'int32', 'uint32', 'bool'] })
const bare: Backend = defineBackend({ ...reference, name: 'bare', find: undefined })

const x = ones([2, 3])
const promised = (async (v: Tensor) => v.sum()) as unknown as (v: Tensor) => Tensor

/** Each mistake: the code it gets, and how it is made. */
const MISTAKES: readonly (readonly [what: string, code: ErrorCode, fn: () => unknown])[] = [
  ['ragged data', 'shape-mismatch', () => tensor([[1, 2], [3]])],
  ['data of another kind', 'invalid-argument', () => tensor(['a'] as never)],
  ['data of another size', 'shape-mismatch', () => tensor([1, 2, 3], { shape: [2, 2] })],
  ['an unknown dtype', 'invalid-argument', () => tensor([1], { dtype: 'float16' as never })],
  ['a negative length', 'shape-mismatch', () => zeros([-1])],
  ['a fractional length', 'shape-mismatch', () => zeros([1.5])],
  ['wrap of another size', 'shape-mismatch', () => core.wrap(new Float32Array(3), [2])],
  ['a step of 0', 'invalid-argument', () => core.arange(0, 5, 0)],
  ['a negative count', 'invalid-argument', () => core.linspace(0, 1, -1)],
  ['a dtype the backend lacks', 'dtype-unsupported', () => tensor([1], { dtype: 'float64', backend: narrow })],
  ['a cast to a dtype the backend lacks', 'dtype-unsupported', () => tensor([1], { backend: narrow }).cast('float64')],

  ['shapes that do not broadcast', 'shape-mismatch', () => x.add(ones([4]))],
  ['float32 with float64', 'dtype-mismatch', () => x.add(f64(1))],
  ['int with float tensors', 'dtype-mismatch', () => i32([1]).mul(ones([1]))],
  ['a fraction with an int tensor', 'dtype-mismatch', () => i32([1]).add(0.5)],
  ['a negative number with a uint32 tensor', 'dtype-mismatch', () => tensor([1], { dtype: 'uint32' }).add(-1)],
  ['an array as an operand', 'invalid-argument', () => x.add([1, 2, 3] as never)],
  ['exp of integers', 'dtype-mismatch', () => core.exp(i32([1]))],
  ['not of floats', 'dtype-mismatch', () => core.not(x)],
  ['where with a float condition', 'dtype-mismatch', () => core.where(x, 1, 0)],
  ['where with branches of two dtypes', 'dtype-mismatch', () => core.where(bools([true]), x, i32([1]))],
  ['bitcast of float64', 'dtype-mismatch', () => core.bitcast(f64([1]), 'int32')],
  ['mean of integers', 'dtype-mismatch', () => i32([1, 2]).mean()],
  ['an axis out of range', 'axis-out-of-range', () => x.sum(2)],
  ['a negative axis out of range', 'axis-out-of-range', () => x.max(-3)],
  ['an axis of a scalar', 'axis-out-of-range', () => tensor(1).sum(0)],
  ['one axis twice', 'invalid-argument', () => x.sum([0, -2])],
  ['the largest of nothing', 'shape-mismatch', () => core.argMax(zeros([0]))],
  ['reshape to another size', 'shape-mismatch', () => x.reshape([4])],
  ['reshape with two unknowns', 'shape-mismatch', () => x.reshape([-1, -1])],
  ['a transposition that is no permutation', 'invalid-argument', () => x.transpose([0, 0])],
  ['squeeze of a long axis', 'shape-mismatch', () => core.squeeze(x, 0)],
  ['broadcast to a smaller shape', 'shape-mismatch', () => x.broadcastTo([3])],
  ['concat of misfits', 'shape-mismatch', () => core.concat([x, ones([2, 4])], 0)],
  ['concat of nothing', 'invalid-argument', () => core.concat([])],
  ['stack of misfits', 'shape-mismatch', () => core.stack([x, ones([3])])],
  ['an uneven split', 'shape-mismatch', () => core.split(x, 2, 1)],
  ['pad with the wrong number of axes', 'invalid-argument', () => core.pad(x, [[1, 1]])],
  ['an index out of range', 'index-out-of-range', () => at(x, 2).get()],
  ['too many indices', 'invalid-argument', () => at(x, 0, 0, 0)],
  ['float indices', 'dtype-mismatch', () => core.take(x, ones([1]))],
  ['a mask as an index', 'dtype-mismatch', () => at(x, bools([true, false])).get()],
  ['a window larger than the tensor', 'shape-mismatch', () => core.dynamicSlice(x, [0, 0], [3, 3])],
  ['matmul of misfits', 'shape-mismatch', () => x.matmul(x)],
  ['matmul of a scalar', 'shape-mismatch', () => x.matmul(tensor(1))],
  ['more of the top than there is', 'invalid-argument', () => core.topK(x, 4)],
  ['an einsum that does not parse', 'invalid-argument', () => einsum('ij,jk', x)],
  ['an einsum of misfits', 'shape-mismatch', () => einsum('ij,ij->', x, ones([2, 4]))],

  ['a loss that is no scalar', 'non-scalar-loss', () => grad((v: Tensor) => v.mul(2))(x)],
  ['a loss that is no tensor', 'non-scalar-loss', () => grad((v: Tensor) => ({ v }) as never)(x)],
  ['an integer loss', 'non-scalar-loss', () => grad((v: Tensor) => v.cast('int32').sum())(x)],
  ['the gradient of integers', 'not-differentiable', () => grad((v: Tensor) => v.sum().cast('float32'))(i32([1]))],
  ['an argument that is not there', 'invalid-argument', () => grad((v: Tensor) => v.sum(), { argnums: 1 })(x)],
  ['a direction of another shape', 'shape-mismatch', () => jvp((v: Tensor) => v, [x], [ones([2])])],
  [
    'a direction of another structure',
    'tree-mismatch',
    () => jvp((v: { a: Tensor }) => v.a, [{ a: x }], [{ b: x }] as never),
  ],
  [
    'trees of two structures',
    'tree-mismatch',
    () => core.tree.map((a: Tensor, b: Tensor) => a.add(b), { a: x }, { b: x }),
  ],
  ['a class instance as a tree', 'invalid-argument', () => core.tree.leaves({ date: new Date(0) })],
  [
    'reverse mode through an open-ended loop',
    'not-differentiable',
    () => grad(jit((v: Tensor) => whileLoop({ cond: (s) => s.lt(9), body: (s) => s.mul(2), init: v })))(tensor(1)),
  ],
  ['a primitive without a jvp', 'missing-rule', () => grad((v: Tensor) => core.bind(opaque, [v])[0].sum())(x)],
  ['a primitive without a vmap', 'missing-rule', () => vmap((v: Tensor) => core.bind(opaque, [v])[0])(x)],
  ['a primitive without a name', 'invalid-argument', () => core.definePrimitive('', { shape: ([v]) => [v] })],

  ['batches of two lengths', 'shape-mismatch', () => vmap((a: Tensor, b: Tensor) => a.add(b))(ones([2]), ones([3]))],
  ['nothing to batch', 'shape-mismatch', () => vmap((a: Tensor) => a, { inAxes: null })(x)],
  ['a batch of scalars', 'shape-mismatch', () => vmap((a: Tensor) => a)(tensor(1))],
  ['inAxes of another length', 'invalid-argument', () => vmap((a: Tensor) => a, { inAxes: [0, 0] })(x)],

  ['a promise under grad', 'promise-in-trace', () => grad(promised)(x)],
  ['a promise under vmap', 'promise-in-trace', () => vmap(promised)(x)],
  ['a promise under jit', 'promise-in-trace', () => jit(promised)(x)],
  ['a promise in a scope', 'promise-in-trace', () => scope(async () => 1)],
  ['a promise with a backend', 'promise-in-trace', () => core.withBackend(reference, async () => 1)],
  ['a value read under jit', 'traced-value', () => jit((v: Tensor) => v.mul(v.sum().item()))(x)],
  ['a value read under vmap', 'traced-value', () => vmap((v: Tensor) => v.mul(v.sum().item()))(x)],
  ['a tensor as a condition', 'tensor-as-boolean', () => Number(x as never)],
  ['a tensor in a template', 'tensor-as-boolean', () => (x as never) + 1],

  ['a tensor of another backend', 'backend-mismatch', () => x.add(tensor([1], { backend: other }))],
  ['moving backends inside jit', 'invalid-argument', () => jit((v: Tensor) => v.to(other))(x)],
  ['an asynchronous host', 'invalid-argument', () => core.setHostBackend(later)],
  ['reading at once where impossible', 'sync-read', () => tensor([1], { backend: later }).dataSync()],
  ['item() of many', 'shape-mismatch', () => x.item()],
  [
    'a branch that changes the structure',
    'loop-changed-type',
    () =>
      jit((v: Tensor) =>
        core.cond(
          v.lt(0),
          (): unknown => [v],
          () => ({ v }),
        ),
      )(tensor(1)),
  ],
  [
    'a branch that changes the shape',
    'loop-changed-type',
    () =>
      jit((v: Tensor) =>
        core.cond(
          v.lt(0),
          () => v,
          () => v.reshape([1]),
        ),
      )(tensor(1)),
  ],
  [
    'a condition that is no scalar',
    'shape-mismatch',
    () =>
      core.cond(
        x.gt(0),
        () => x,
        () => x,
      ),
  ],
  [
    'a while body that changes the shape',
    'loop-changed-type',
    () => whileLoop({ cond: (s) => s.sum().lt(9), body: (s) => core.concat([s, s]), init: ones([1]) }),
  ],
  [
    'a while body that changes the dtype',
    'loop-changed-type',
    () =>
      jit((v: Tensor) => whileLoop({ cond: (s) => s.sum().lt(9), body: (s) => s.cast('int32'), init: v }))(ones([1])),
  ],
  [
    'a reverse loop without a limit',
    'missing-argument',
    () => whileLoop({ cond: (s) => s.lt(9), body: (s) => s, init: tensor(1), reverse: true }),
  ],
  [
    'a scan that changes its carry',
    'loop-changed-type',
    () => scan((c: Tensor, v: Tensor) => [c.add(v).reshape([1]), null] as const, tensor(0), ones([2])),
  ],
  [
    'a scan body that returns no pair',
    'loop-changed-type',
    () => scan(((c: Tensor) => c) as never, tensor(0), ones([2])),
  ],
  [
    'a scan over two lengths',
    'shape-mismatch',
    () => scan((c: Tensor) => [c, null] as const, tensor(0), [ones([2]), ones([3])]),
  ],
  ['a scan over nothing known', 'shape-mismatch', () => scan((c: Tensor) => [c, null] as const, tensor(0), null)],

  ['a number as a key', 'invalid-argument', () => random.uniform(1 as never, [2])],
  ['a fractional seed', 'invalid-argument', () => random.key(0.5)],
  ['an empty interval', 'invalid-argument', () => random.integers(random.key(0), 3, 3, [2])],
]

const opaque = core.definePrimitive('@adjoint/core-test:opaque', { shape: ([v]) => [v], reference: ([v]) => [v.data] })

describe('bad input', () => {
  it.each(MISTAKES)('%s', async (_, code, fn) => {
    const error = await errorOf(code, fn)
    expect(error.fn).not.toBe('')
    expect(error.given).not.toBe('')
    expect(error.message).toContain(`[${code}]`)
    expect(error.line).toMatch(/errors\.test\.ts:\d+:\d+$/)
  })
})

it('behind an await names the line that waits, none of the runtime', async () => {
  expect(await Promise.resolve().then(() => callSite()())).toMatch(/errors\.test\.ts/)
})

describe('errors of a state', () => {
  let before: ReturnType<typeof configure>
  beforeEach(() => {
    before = configure({ warn: () => {} })
  })
  afterEach(() => configure(before))

  it('a tracer that outlives its function', async () => {
    let leaked: Tensor | undefined
    jit((v: Tensor) => {
      leaked = v.mul(2)
      return v
    })(x)
    expect((await errorOf('leaked-tracer', () => leaked?.add(1))).fix).toMatch(/Return the value/)
    vmap((v: Tensor) => {
      leaked = v
      return v
    })(x)
    await errorOf('leaked-tracer', () => leaked?.add(1))
  })

  it('use after dispose, and after a scope', async () => {
    const gone = ones([2])
    gone.dispose()
    await errorOf('released', () => gone.add(1))
    await errorOf('released', () => gone.data())
    let inner: Tensor | undefined
    scope(() => {
      inner = ones([2])
    })
    expect((await errorOf('released', () => inner?.dataSync())).fix).toMatch(/Return it from the scope/)
  })

  it('use after donation', async () => {
    const given = ones([2])
    const step = jit((v: Tensor) => v.mul(2), { donate: [0] })
    expect(step(given).dataSync()).toEqual(new Float32Array([2, 2]))
    await errorOf('donated', () => given.add(1))
  })

  it('a missing kernel in strict mode, by the names of primitive and backend', async () => {
    configure({ strict: true })
    const error = await errorOf('missing-kernel', () => tensor([1], { backend: bare }).exp())
    expect(error.message).toMatch(/exp.*bare/)
    configure({ strict: false })
    expect(tensor([0], { backend: bare }).exp().dataSync()).toEqual(new Float32Array([1]))
  })

  it('a key used twice, under the debug check', async () => {
    configure({ checkKeys: true })
    const key = random.key(0)
    random.uniform(key, [2])
    expect((await errorOf('key-reused', () => random.normal(key, [2]))).fix).toMatch(/Split/)
    await errorOf('key-reused', () => random.split(key))
  })

  it('two majors of the runtime', async () => {
    const { shareRuntime } = await import('../src/runtime.js')
    const place = { [Symbol.for('adjoint.core')]: { version: '9.0.0' } }
    expect((await errorOf('duplicate-runtime', () => shareRuntime(place as never))).fix).toMatch(/dedupe/)
  })

  it('warns once for a fall-back to the host', () => {
    const warnings: string[] = []
    configure({ warn: (message) => warnings.push(message) })
    const lonely = defineBackend({ ...reference, name: 'lonely', find: undefined })
    for (let i = 0; i < 3; i++) tensor([1], { backend: lonely }).log()
    expect(warnings).toEqual(["Backend 'lonely' has no kernel for 'log': it runs on 'reference'."])
  })
})
