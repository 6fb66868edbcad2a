import { describe, expectTypeOf, it } from 'vitest'
import {
  type ArgumentsOf,
  cond,
  fori,
  grad,
  hvp,
  jit,
  jvp,
  type Key,
  type Primitive,
  read,
  scan,
  type Tensor,
  type TensorLike,
  type TensorsOf,
  type TypedArray,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
} from '../src/index.js'

interface Params {
  readonly w: Tensor
  readonly layers: readonly { readonly b: Tensor; readonly scale: number }[]
}

const loss = (params: Params, x: Tensor): Tensor => params.w.mul(x).sum()
/** Types are compared, nothing runs. */
const typed = <T>(_: () => T): T => undefined as T

describe('public types', () => {
  it('trees keep their shape, with tensors at the leaves', () => {
    expectTypeOf<TensorsOf<[number, { a: Tensor }]>>().toEqualTypeOf<[Tensor, { a: Tensor }]>()
    expectTypeOf<TensorsOf<{ k: Key; n: number }>>().toEqualTypeOf<{ k: Key; n: Tensor }>()
    expectTypeOf<ArgumentsOf<[Tensor, { a: Tensor }]>>().toEqualTypeOf<[TensorLike, { a: TensorLike }]>()
  })

  it('gradients are shaped like the arguments they are for', () => {
    expectTypeOf(typed(() => grad((x: Tensor) => x.sum())(undefined as never))).toEqualTypeOf<Tensor>()
    const g = typed(() => grad(loss)(undefined as never, undefined as never))
    expectTypeOf(g.layers[0].scale).toEqualTypeOf<Tensor>()
    const both = typed(() => grad(loss, { argnums: [0, 1] })(undefined as never, undefined as never))
    expectTypeOf(both[1]).toEqualTypeOf<Tensor>()
    const { value, grad: inner } = typed(() => valueAndGrad(loss)(undefined as never, undefined as never))
    expectTypeOf(value).toEqualTypeOf<Tensor>()
    expectTypeOf(inner.w).toEqualTypeOf<Tensor>()
    const withAux = typed(() =>
      valueAndGrad((x: Tensor) => [x.sum(), { n: x }] as const, { hasAux: true })(undefined as never),
    )
    expectTypeOf(withAux.aux).toEqualTypeOf<{ readonly n: Tensor }>()
  })

  it('transforms pass types through', () => {
    const f = (x: Tensor, scale: number) => ({ y: x.mul(scale), n: scale })
    expectTypeOf(typed(() => jit(f)(undefined as never, 2))).toEqualTypeOf<{ y: Tensor; n: Tensor }>()
    expectTypeOf(typed(() => vmap(f)(undefined as never, 2))).toEqualTypeOf<{ y: Tensor; n: Tensor }>()
    const square = (x: Tensor) => x.square()
    expectTypeOf(typed(() => jvp(square, undefined as never, undefined as never)).tangent).toEqualTypeOf<Tensor>()
    expectTypeOf(typed(() => vjp(square, undefined as unknown as Tensor)).pull).returns.toEqualTypeOf<[Tensor]>()
    const norm = (p: { a: Tensor }) => p.a.sum()
    expectTypeOf(typed(() => hvp(norm, undefined as never, undefined as never))).toEqualTypeOf<{ a: Tensor }>()
    expectTypeOf(typed(() => grad(jit((x: Tensor) => x.sum()))(undefined as never))).toEqualTypeOf<Tensor>()
  })

  it('jitted functions welcome numbers in place of tensors', () => {
    const f = jit((x: Tensor, rate: Tensor) => x.mul(rate))
    expectTypeOf(f).toBeCallableWith(undefined as unknown as Tensor, 0.5)
  })

  it('control flow keeps the type of its state', () => {
    const state = undefined as unknown as { i: Tensor; x: Tensor }
    expectTypeOf(
      typed(() => whileLoop({ cond: (s: typeof state) => s.i.lt(3), body: (s) => s, init: state })),
    ).toEqualTypeOf<{ i: Tensor; x: Tensor }>()
    const looped = typed(() => scan((c: Tensor, x: Tensor) => [c, { y: x }] as const, state.x, state.x))
    expectTypeOf(looped).toEqualTypeOf<{ carry: Tensor; ys: { readonly y: Tensor } }>()
    expectTypeOf(typed(() => fori(0, 3, (_: Tensor, s: Tensor) => s, state.x))).toEqualTypeOf<Tensor>()
    const branch = typed(() =>
      cond(
        state.i.lt(1),
        (x: Tensor) => x,
        (x: Tensor) => x.neg(),
        state.x,
      ),
    )
    expectTypeOf(branch).toEqualTypeOf<Tensor>()
  })

  it('reading gives plain values', () => {
    const plain = typed(() => read({ loss: undefined as unknown as Tensor }))
    expectTypeOf(plain).resolves.toEqualTypeOf<{ loss: number | boolean | TypedArray }>()
  })

  it('primitives carry the type of their parameters', () => {
    expectTypeOf<Primitive<{ axis: number }>>().not.toEqualTypeOf<Primitive<{ axis: string }>>()
  })
})
