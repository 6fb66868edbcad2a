// The tensor: immutable shape, dtype and values, concrete on a backend or traced by a transformation; one class for both.

import type { Backend } from './backend/backend.js'
import { Buffer } from './backend/buffer.js'
import { defaultBackend } from './backend/current.js'
import { type DType, scalarArray, type TypedArray } from './dtype.js'
import { AdjointError } from './error.js'
import * as elementwise from './functions/elementwise.js'
import * as linear from './functions/linear.js'
import * as movement from './functions/movement.js'
import * as reductions from './functions/reductions.js'
import { type NestedArray, nest, readData, readDataSync } from './reading.js'
import { runtime, type Trace } from './runtime.js'
import { type Aval, formatAval, type Shape, sizeOf } from './shape.js'

/** A tensor, or a number that takes the dtype of the tensor it meets. */
export type TensorLike = Tensor | number

/** Which axes a reduction removes; all of them when left out. */
export type Axis = number | readonly number[]

const BRAND = Symbol.for('adjoint.tensor')

/**
 * An immutable n-dimensional array. Make one with `tensor`, `zeros`, `random.normal`, ...; operations return new ones.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]])
 * x.mul(x).sum(1).dataSync()   // Float32Array [5, 25]
 */
export class Tensor implements Aval {
  /** Lengths of the axes. */
  readonly shape: Shape
  /** Element type. */
  readonly dtype: DType
  /** @internal */
  buffer: Buffer | null
  /** @internal */
  readonly trace: Trace | null
  /** @internal What the trace knows of its tracer. */
  readonly payload: unknown
  /** True for a JavaScript number, which takes the dtype of the tensor it meets. */
  readonly weak: boolean
  /** @internal The value, of a scalar known without a backend. */
  readonly literal: number | undefined

  /** @internal */
  constructor(
    shape: Shape,
    dtype: DType,
    buffer: Buffer | null,
    trace: Trace | null,
    payload: unknown,
    weak: boolean,
    literal: number | undefined,
  ) {
    this.shape = shape
    this.dtype = dtype
    this.buffer = buffer
    this.trace = trace
    this.payload = payload
    this.weak = weak
    this.literal = literal
  }

  /** @internal */
  get [BRAND](): true {
    return true
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** The backend that holds the values, or that a traced computation will run on. */
  get backend(): Backend {
    return this.trace?.backendOf(this) ?? this.buffer?.backend ?? defaultBackend()
  }

  /**
   * The values, row by row, as a fresh typed array; works on every backend.
   *
   * @throws AdjointError `traced-value` under jit or vmap; `released`, `donated`; whatever went wrong in the computation
   */
  data(): Promise<TypedArray> {
    return readData(this)
  }

  /** The values at once. @throws AdjointError `sync-read` where the backend can only be awaited; otherwise as `data` */
  dataSync(): TypedArray {
    return readDataSync(this, 'dataSync')
  }

  /** The value of a tensor with one element. @throws AdjointError as `dataSync`; `shape-mismatch` for another size */
  item(): number {
    if (this.size !== 1) {
      throw new AdjointError('shape-mismatch', {
        fn: 'item',
        given: formatAval(this),
        expected: 'exactly one element',
        fix: 'Use data() for many',
      })
    }
    return this.literal ?? readDataSync(this, 'item')[0]
  }

  /** The values as nested arrays (booleans for bool). */
  async array(): Promise<NestedArray> {
    return nest(await this.data(), this)
  }

  /** The values as nested arrays, at once. @throws AdjointError as `dataSync` */
  arraySync(): NestedArray {
    return nest(readDataSync(this, 'arraySync'), this)
  }

  /** Gives the storage back. Reading later is an error; tensors sharing the storage (reshapes) keep it. */
  dispose(): void {
    const { buffer } = this
    if (buffer === null || buffer.isGone) return
    if (buffer.backend.external === true) finalizer.unregister(this)
    buffer.release()
    this.buffer = buffer.isGone ? buffer : buffer.dead()
  }

  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose()
  }

  /** @internal */
  [Symbol.toPrimitive](): never {
    throw new AdjointError('tensor-as-boolean', {
      fn: 'Tensor',
      given: `${formatAval(this)} used as a JavaScript operand`,
      fix: 'Use add(), lt(), ...; item() to read; where() or cond() to branch',
    })
  }

  /** The dtype and shape, for messages; never the values. */
  toString(): string {
    return `Tensor ${formatAval(this)}${this.trace === null ? '' : ' (traced)'}`
  }

  /** `this + other`; shapes broadcast. */
  add(other: TensorLike): Tensor {
    return elementwise.add(this, other)
  }
  /** `this - other`; shapes broadcast. */
  sub(other: TensorLike): Tensor {
    return elementwise.sub(this, other)
  }
  /** `this * other`, element by element; shapes broadcast. */
  mul(other: TensorLike): Tensor {
    return elementwise.mul(this, other)
  }
  /** `this / other`; integers divide towards zero. */
  div(other: TensorLike): Tensor {
    return elementwise.div(this, other)
  }
  /** `this` to the power of `other`. */
  pow(other: TensorLike): Tensor {
    return elementwise.pow(this, other)
  }
  /** The greater of two values; NaN wins, ties share the gradient. */
  maximum(other: TensorLike): Tensor {
    return elementwise.maximum(this, other)
  }
  /** The lesser of two values; NaN wins, ties share the gradient. */
  minimum(other: TensorLike): Tensor {
    return elementwise.minimum(this, other)
  }
  /** `-this`. */
  neg(): Tensor {
    return elementwise.neg(this)
  }
  /** The absolute value. */
  abs(): Tensor {
    return elementwise.abs(this)
  }
  /** -1, 0 or 1. */
  sign(): Tensor {
    return elementwise.sign(this)
  }
  /** e to the power of each element. */
  exp(): Tensor {
    return elementwise.exp(this)
  }
  /** exp(x) - 1, exact near 0. */
  expm1(): Tensor {
    return elementwise.expm1(this)
  }
  /** The natural logarithm; NaN below 0. */
  log(): Tensor {
    return elementwise.log(this)
  }
  /** log(1 + x), exact near 0. */
  log1p(): Tensor {
    return elementwise.log1p(this)
  }
  /** The square root; NaN below 0. */
  sqrt(): Tensor {
    return elementwise.sqrt(this)
  }
  /** Each element times itself. */
  square(): Tensor {
    return elementwise.square(this)
  }
  /** 1 / x. */
  reciprocal(): Tensor {
    return elementwise.reciprocal(this)
  }
  /** The sine of radians. */
  sin(): Tensor {
    return elementwise.sin(this)
  }
  /** The cosine of radians. */
  cos(): Tensor {
    return elementwise.cos(this)
  }
  /** The hyperbolic tangent. */
  tanh(): Tensor {
    return elementwise.tanh(this)
  }
  /** 1 / (1 + exp(-x)). */
  sigmoid(): Tensor {
    return elementwise.sigmoid(this)
  }
  /** max(x, 0). */
  relu(): Tensor {
    return elementwise.relu(this)
  }
  /** Moved into `[low, high]`. */
  clip(low: TensorLike, high: TensorLike): Tensor {
    return elementwise.clip(this, low, high)
  }
  /** Whether equal, as bool. */
  eq(other: TensorLike): Tensor {
    return elementwise.eq(this, other)
  }
  /** Whether different, as bool. */
  ne(other: TensorLike): Tensor {
    return elementwise.ne(this, other)
  }
  /** Whether less, as bool. */
  lt(other: TensorLike): Tensor {
    return elementwise.lt(this, other)
  }
  /** Whether less or equal, as bool. */
  le(other: TensorLike): Tensor {
    return elementwise.le(this, other)
  }
  /** Whether greater, as bool. */
  gt(other: TensorLike): Tensor {
    return elementwise.gt(this, other)
  }
  /** Whether greater or equal, as bool. */
  ge(other: TensorLike): Tensor {
    return elementwise.ge(this, other)
  }
  /** Logical and of bools, bitwise of integers. */
  and(other: TensorLike): Tensor {
    return elementwise.and(this, other)
  }
  /** Logical or of bools, bitwise of integers. */
  or(other: TensorLike): Tensor {
    return elementwise.or(this, other)
  }
  /** Logical not of bools, bitwise of integers. */
  not(): Tensor {
    return elementwise.not(this)
  }
  /** The values as another dtype. */
  cast(dtype: DType): Tensor {
    return elementwise.cast(this, dtype)
  }
  /** The same values on another backend; gradients travel back. */
  to(backend: Backend): Tensor {
    return movement.to(this, backend)
  }

  /** The sum over `axis`, or over everything; bools count. */
  sum(axis?: Axis, options?: reductions.ReduceOptions): Tensor {
    return reductions.sum(this, axis, options)
  }
  /** The mean over `axis`, or over everything. */
  mean(axis?: Axis, options?: reductions.ReduceOptions): Tensor {
    return reductions.mean(this, axis, options)
  }
  /** The variance over `axis`, or over everything; `ddof` as in NumPy. */
  variance(axis?: Axis, options?: reductions.VarianceOptions): Tensor {
    return reductions.variance(this, axis, options)
  }
  /** The standard deviation over `axis`, or over everything. */
  std(axis?: Axis, options?: reductions.VarianceOptions): Tensor {
    return reductions.std(this, axis, options)
  }
  /** The greatest element; NaN wins, ties share the gradient. */
  max(axis?: Axis, options?: reductions.ReduceOptions): Tensor {
    return reductions.max(this, axis, options)
  }
  /** The least element; NaN wins, ties share the gradient. */
  min(axis?: Axis, options?: reductions.ReduceOptions): Tensor {
    return reductions.min(this, axis, options)
  }
  /** Whether any element is true (not zero). */
  any(axis?: Axis, options?: reductions.ReduceOptions): Tensor {
    return reductions.any(this, axis, options)
  }
  /** Whether all elements are true (not zero). */
  all(axis?: Axis, options?: reductions.ReduceOptions): Tensor {
    return reductions.all(this, axis, options)
  }

  /** The same elements, row by row, under another shape; one length may be -1. */
  reshape(shape: Shape): Tensor {
    return movement.reshape(this, shape)
  }
  /** All elements along one axis. */
  flatten(): Tensor {
    return movement.reshape(this, [this.size])
  }
  /** The axes in another order; reversed when none is given. */
  transpose(permutation?: readonly number[]): Tensor {
    return movement.transpose(this, permutation)
  }
  /** The transpose: axes in reverse order. */
  get T(): Tensor {
    return movement.transpose(this)
  }
  /** New axes of length 1, at the given places of the result. */
  expandDims(axis: Axis): Tensor {
    return movement.expandDims(this, axis)
  }
  /** Axes of length 1 removed: the given ones, or all. */
  squeeze(axis?: Axis): Tensor {
    return movement.squeeze(this, axis)
  }
  /** Repeated along axes of length 1 and new leading axes. */
  broadcastTo(shape: Shape): Tensor {
    return movement.broadcastTo(this, shape)
  }
  /** A window: one range per leading axis; a number picks one element, and its axis goes away. */
  slice(...ranges: readonly movement.Range[]): Tensor {
    return movement.slice(this, ...ranges)
  }
  /** Reversed along the given axes, or all. */
  flip(axis?: Axis): Tensor {
    return movement.flip(this, axis)
  }

  /** The inner product of vectors, the matrix product, or NumPy's `dot` of more axes. */
  dot(other: Tensor): Tensor {
    return linear.dot(this, other)
  }
  /** The matrix product; leading axes broadcast, vectors count as a row or a column. */
  matmul(other: Tensor): Tensor {
    return linear.matmul(this, other)
  }
}

/** Whether a value is a tensor, also one of another copy of the core. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && BRAND in value
}

const finalizer = /* @__PURE__ */ new FinalizationRegistry<Buffer>((buffer) => buffer.release())

/** @internal A tensor over a buffer. */
export function concreteTensor(shape: Shape, buffer: Buffer, weak = false, dtype = buffer.dtype): Tensor {
  const made = new Tensor(shape, dtype, buffer, null, null, weak, undefined)
  if (runtime.scope !== null) runtime.scope.add(made)
  if (buffer.backend.external === true) finalizer.register(made, buffer, made)
  return made
}

/** @internal A tensor with the given host data, which the backend keeps. */
export function tensorFromArray(backend: Backend, data: TypedArray, shape: Shape, dtype: DType): Tensor {
  return concreteTensor(shape, new Buffer(backend, dtype, data.length).fill(backend.write(data, dtype)))
}

/** @internal A tracer. */
export function tracer({ shape, dtype, weak }: Aval, trace: Trace, payload: unknown): Tensor {
  return new Tensor(shape, dtype, null, trace, payload, weak === true, undefined)
}

/** @internal A scalar known without a backend. */
export function literalTensor(value: number, dtype: DType, weak = false): Tensor {
  return new Tensor([], dtype, null, null, null, weak, scalarArray(dtype, value)[0])
}
