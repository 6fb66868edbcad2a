// The smallest useful backend: a table of kernels, one function per primitive. What is not in it runs on the host.

import type { Backend, DType, Kernel, KernelCall, Shape, TypedArray } from '@adjoint/core'
import * as core from '@adjoint/core'
import * as primitives from '@adjoint/core/primitives'

/** How this backend holds a tensor. Real ones keep a handle of the device's memory here. */
interface Held {
  readonly values: TypedArray
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
}

/** One kernel per line: this is the backend. */
const UNARY: readonly (readonly [core.Primitive, (a: number) => number])[] = [
  [primitives.negPrimitive, (a) => -a],
  [primitives.absPrimitive, Math.abs],
  [primitives.signPrimitive, Math.sign],
  [primitives.expPrimitive, Math.exp],
  [primitives.logPrimitive, Math.log],
  [primitives.sqrtPrimitive, Math.sqrt],
  [primitives.tanhPrimitive, Math.tanh],
  [primitives.logisticPrimitive, (a) => 1 / (1 + Math.exp(-a))],
]

const BINARY: readonly (readonly [core.Primitive, (a: number, b: number, dtype: DType) => number])[] = [
  [primitives.addPrimitive, (a, b) => a + b],
  [primitives.subPrimitive, (a, b) => a - b],
  [primitives.mulPrimitive, (a, b, dtype) => (dtype === 'int32' ? Math.imul(a, b) : a * b)],
  [primitives.divPrimitive, (a, b, dtype) => (dtype === 'int32' ? (a / b) | 0 : a / b)],
  [primitives.maxPrimitive, (a, b) => Math.max(a, b)],
  [primitives.minPrimitive, (a, b) => Math.min(a, b)],
  [primitives.eqPrimitive, (a, b) => Number(a === b)],
  [primitives.ltPrimitive, (a, b) => Number(a < b)],
  [primitives.lePrimitive, (a, b) => Number(a <= b)],
]

/**
 * An op-tier backend: float32, int32 and bool, twenty kernels, everything else by way of the host.
 *
 * @example
 * const x = tensor([1, 2, 3], { backend: createOpTier() })
 * x.mul(x).sum().item()   // 14
 */
export function createOpTier({ name = 'op-tier' }: { readonly name?: string } = {}): Backend {
  const backend = core.defineBackend({
    name,
    dtypes: ['float32', 'int32', 'bool'],
    sync: true,
    write: (data): Held => ({ values: data }),
    read: (storage) => (storage as Held).values,
    memory: () => ({ buffers: 0, bytes: 0 }),
  })
  for (const [primitive, op] of UNARY)
    backend.implement(
      primitive,
      elementwise((a) => op(a)),
    )
  for (const [primitive, op] of BINARY) backend.implement(primitive, elementwise(op))
  backend.implement(
    primitives.broadcastPrimitive,
    elementwise((a) => a),
  )
  backend.implement(primitives.transposePrimitive, transpose)
  backend.implement(primitives.sumPrimitive, sum)
  return backend
}

/** The primitives that `createOpTier` has kernels for; views need none. */
export function opTierKernels(): readonly string[] {
  return [...createOpTier().table.keys()]
}

/** Makes a kernel: shapes and parameters come with each call. */
function kernel<P>(fill: (inputs: readonly TypedArray[], out: TypedArray, call: KernelCall<P>) => void): Kernel<P> {
  return (storages, call) => {
    const [{ dtype, shape }] = call.outputs
    const out = new ARRAYS[dtype](size(shape))
    fill(
      storages.map((s) => (s as Held).values),
      out,
      call,
    )
    return [{ values: out } satisfies Held]
  }
}

function elementwise(op: (a: number, b: number, dtype: DType) => number): Kernel<never> {
  return kernel(([a, b = a], out, { inputs: [x, y = x], outputs: [{ shape }] }) => {
    const [left, right] = [strides(x.shape, shape), strides(y.shape, shape)]
    each(shape, (i, index) => {
      out[i] = op(a[dot(index, left)], b[dot(index, right)], x.dtype)
    })
  })
}

const transpose: Kernel<primitives.TransposeParams> = kernel(
  ([x], out, { inputs: [from], outputs: [{ shape }], params }) => {
    const own = strides(from.shape, from.shape)
    const moved = params.permutation.map((axis) => own[axis])
    each(shape, (i, index) => {
      out[i] = x[dot(index, moved)]
    })
  },
)

/** Sums in doubles, one result after the other. */
const sum: Kernel<primitives.ReduceParams> = kernel(([x], out, { inputs: [{ shape, dtype }], params: { axes } }) => {
  const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  const places = strides(kept, shape)
  const totals = new Float64Array(out.length)
  each(shape, (i, index) => {
    const at = dot(index, places)
    totals[at] = dtype === 'int32' ? (totals[at] + x[i]) | 0 : totals[at] + x[i]
  })
  out.set(totals)
})

function size(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1)
}

/** Row-major strides of a shape as it is read while walking `target`: 0 along axes that repeat. */
function strides(shape: Shape, target: Shape): number[] {
  const lead = target.length - shape.length
  return target.map((n, axis) =>
    axis < lead || (shape[axis - lead] === 1 && n !== 1) ? 0 : size(shape.slice(axis - lead + 1)),
  )
}

function dot(index: readonly number[], steps: readonly number[]): number {
  let at = 0
  for (let i = 0; i < index.length; i++) at += index[i] * steps[i]
  return at
}

/** Visits all index vectors of a shape, row by row. */
function each(shape: Shape, visit: (i: number, index: readonly number[]) => void): void {
  const index = new Array<number>(shape.length).fill(0)
  const count = size(shape)
  for (let i = 0; i < count; i++) {
    visit(i, index)
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
  }
}
