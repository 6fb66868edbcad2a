// Reading values: awaited everywhere, at once where the backend can, with errors that say why where it cannot.

import { scalarArray, type TypedArray } from './dtype.js'
import { AdjointError } from './error.js'
import type { Trace } from './runtime.js'
import { formatAval, type Shape, stridesOf } from './shape.js'
import type { Tensor } from './tensor.js'

/** A number or boolean, or arrays of them, nested as the shape says. */
export type NestedArray = number | boolean | NestedArray[]

/** A trace whose tracers carry values, as eager differentiation's do. */
export interface ReadableTrace extends Trace {
  primalOf(tensor: Tensor): Tensor
}

/** The tensor below the traces that keep values: concrete, unless another trace is there. */
function primalOf(tensor: Tensor): Tensor {
  const { trace } = tensor
  return trace !== null && 'primalOf' in trace ? primalOf((trace as ReadableTrace).primalOf(tensor)) : tensor
}

function concreteValue(tensor: Tensor, fn: string): Tensor {
  const value = primalOf(tensor)
  if (value.trace !== null) throw tracedValue(tensor, fn)
  return value
}

/** @internal Whether the values could be read now, without waiting. */
export function isReadable(tensor: Tensor): boolean {
  const { trace, buffer } = primalOf(tensor)
  return trace === null && (buffer === null || (buffer.backend.sync && buffer.state !== 'pending'))
}

/** @internal */
export async function readData(tensor: Tensor): Promise<TypedArray> {
  const { buffer, literal, dtype, size } = concreteValue(tensor, 'data')
  if (buffer === null) return scalarArray(dtype, literal ?? 0)
  await buffer.settled
  buffer.check('data')
  // What is there already is copied before anything else can run: the backend may move it.
  const data = buffer.backend.read(buffer.storage, dtype, size)
  return data instanceof Promise ? (await data).slice() : data.slice()
}

/** @internal */
export function readDataSync(tensor: Tensor, fn: string): TypedArray {
  const { buffer, literal, dtype, size } = concreteValue(tensor, fn)
  if (buffer === null) return scalarArray(dtype, literal ?? 0)
  buffer.check(fn)
  const data = buffer.backend.sync && buffer.state === 'ready' ? buffer.backend.read(buffer.storage, dtype, size) : null
  if (data === null || data instanceof Promise) {
    throw new AdjointError('sync-read', {
      fn,
      given: `${formatAval(tensor)} on backend '${buffer.backend.name}'`,
      expected: 'a backend that reads at once',
      fix: 'Use `await x.data()`',
    })
  }
  return data.slice()
}

/** @internal Nested arrays of flat row-major data. */
export function nest(data: TypedArray, { shape, dtype }: { shape: Shape; dtype: string }): NestedArray {
  const strides = stridesOf(shape)
  const level = (axis: number, offset: number): NestedArray =>
    axis === shape.length
      ? dtype === 'bool'
        ? data[offset] !== 0
        : data[offset]
      : Array.from({ length: shape[axis] }, (_, i) => level(axis + 1, offset + i * strides[axis]))
  return level(0, 0)
}

function tracedValue(tensor: Tensor, fn: string): AdjointError {
  return new AdjointError('traced-value', {
    fn,
    given: `a traced ${formatAval(tensor)}, which has no values yet`,
    expected: 'a concrete tensor',
    fix: 'Read it outside jit and vmap; branch with where() or cond(), loop with whileLoop()',
  })
}
