// Making tensors: from data, constants, ranges. Data is copied, but for `wrap`, which says so.

import type { Backend } from '../backend/backend.js'
import { Buffer } from '../backend/buffer.js'
import { beside, defaultBackend, withBackend } from '../backend/current.js'
import { bind1, checkDtypes } from '../bind.js'
import { checkDType, convert, type DType, dtypeOf, newArray, type TypedArray, toArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { iotaBeside, iotaPrimitive } from '../primitives/movement.js'
import { runtime } from '../runtime.js'
import { checkFills, checkInteger, checkShape, formatShape, type Shape, sizeOf } from '../shape.js'
import { concreteTensor, isTensor, literalTensor, type Tensor, tensorFromArray } from '../tensor.js'
import { add, cast, eq, mul, where } from './elementwise.js'
import { broadcastTo } from './movement.js'

/** Numbers or booleans, nested as the shape: `[[1, 2], [3, 4]]`. */
export type TensorData = number | boolean | TypedArray | readonly TensorData[]

/** Options of functions that make tensors. */
export interface CreateOptions {
  /** Element type. @defaultValue 'float32', or what the data says */
  readonly dtype?: DType
  /** Where the values live. @defaultValue the default backend */
  readonly backend?: Backend
}

/** Options of `tensor`. */
export interface TensorOptions extends CreateOptions {
  /** Shape, for flat data. @defaultValue the nesting */
  readonly shape?: Shape
}

/**
 * A tensor with a copy of the data.
 *
 * @param data - a number, nested arrays, or a typed array, whose dtype it keeps (Uint8Array counts as bool)
 * @throws AdjointError `shape-mismatch` for ragged data or a shape of another size; `dtype-unsupported`
 * @example
 * tensor([[1, 2], [3, 4]]).shape                      // [2, 2]
 * tensor(new Float64Array(6), { shape: [2, 3] }).dtype   // 'float64'
 */
export function tensor(
  data: TensorData | Tensor,
  { shape, dtype, backend = defaultBackend() }: TensorOptions = {},
): Tensor {
  if (isTensor(data)) return dtype === undefined ? data : cast(data, dtype)
  if (dtype !== undefined) checkDType('tensor', dtype)
  const nesting = ArrayBuffer.isView(data) ? [(data as TypedArray).length] : shapeOf(data as TensorData)
  const flat = ArrayBuffer.isView(data) ? (data as TypedArray) : flatten(data as TensorData, sizeOf(nesting))
  const type =
    dtype ??
    (ArrayBuffer.isView(data)
      ? dtypeOf(data as TypedArray)
      : typeof first(data as TensorData) === 'boolean'
        ? 'bool'
        : 'float32')
  const target = shape ?? nesting
  checkFills('tensor', flat.length, target)
  checkDtypes('tensor', backend, [{ shape: target, dtype: type }])
  const array = ArrayBuffer.isView(flat) && dtypeOf(flat) === type ? flat.slice() : toArray(type, flat)
  return tensorFromArray(backend, array, target, type)
}

function first(data: TensorData): unknown {
  return Array.isArray(data) ? first(data[0]) : data
}

function shapeOf(data: TensorData): number[] {
  if (ArrayBuffer.isView(data)) return [data.length]
  return Array.isArray(data) ? [data.length, ...(data.length === 0 ? [] : shapeOf(data[0]))] : []
}

function flatten(data: TensorData, size: number): number[] {
  const out: number[] = []
  const shape = shapeOf(data)
  const walk = (part: TensorData, axis: number): void => {
    const length = Array.isArray(part) || ArrayBuffer.isView(part) ? (part as ArrayLike<TensorData>).length : undefined
    if (length !== shape[axis]) throw ragged(shape)
    if (length === undefined) {
      if (typeof part !== 'number' && typeof part !== 'boolean') throw notNumeric(part)
      out.push(Number(part))
    } else for (const item of part as Iterable<TensorData>) walk(item, axis + 1)
  }
  walk(data, 0)
  if (out.length !== size) throw ragged(shape)
  return out
}

function ragged(shape: Shape): AdjointError {
  return new AdjointError('shape-mismatch', {
    fn: 'tensor',
    given: `ragged arrays, not all ${formatShape(shape)}`,
    expected: 'rows of equal length',
    fix: 'Pad the short rows, or keep one tensor per row',
  })
}

function notNumeric(value: unknown): AdjointError {
  return new AdjointError('invalid-argument', {
    fn: 'tensor',
    given: `data holding ${value === null ? 'null' : typeof value}`,
    expected: 'numbers or booleans',
  })
}

/**
 * A tensor on the user's own memory: no copy. Changing the array afterwards changes the tensor; that is on you.
 *
 * @throws AdjointError `shape-mismatch` when sizes differ
 * @example
 * wrap(new Float32Array(6), [2, 3]).shape   // [2, 3]
 */
export function wrap(data: TypedArray, shape: Shape = [data.length], backend: Backend = defaultBackend()): Tensor {
  checkFills('wrap', data.length, shape)
  const dtype = dtypeOf(data)
  checkDtypes('wrap', backend, [{ shape, dtype }])
  return concreteTensor(shape, new Buffer(backend, dtype, data.length, true).fill(backend.write(data, dtype, true)))
}

/**
 * A tensor of one value.
 *
 * @example
 * full([2], 7)   // [7, 7]
 */
export function full(shape: Shape, value: number, { dtype = 'float32', backend }: CreateOptions = {}): Tensor {
  checkShape('full', shape)
  if (runtime.staging !== null && (backend === undefined || backend === defaultBackend()))
    return broadcastTo(literalTensor(convert(dtype, value), dtype), shape)
  const target = backend ?? defaultBackend()
  checkDtypes('full', target, [{ shape, dtype }])
  const array = newArray(dtype, sizeOf(shape))
  if (value !== 0) array.fill(convert(dtype, value))
  return tensorFromArray(target, array, shape, dtype)
}

/**
 * A tensor of zeros.
 *
 * @example
 * zeros([2, 3]).shape   // [2, 3]
 */
export function zeros(shape: Shape, options?: CreateOptions): Tensor {
  return full(shape, 0, options)
}

/**
 * A tensor of ones.
 *
 * @example
 * ones([2])   // [1, 1]
 */
export function ones(shape: Shape, options?: CreateOptions): Tensor {
  return full(shape, 1, options)
}

/**
 * Zeros in the shape, dtype and backend of another tensor.
 *
 * @example
 * zerosLike(tensor([1, 2]))   // [0, 0]
 */
export function zerosLike(x: Tensor): Tensor {
  return fullLike(x, 0)
}

/**
 * Ones in the shape, dtype and backend of another tensor.
 *
 * @example
 * onesLike(tensor([1, 2]))   // [1, 1]
 */
export function onesLike(x: Tensor): Tensor {
  return fullLike(x, 1)
}

/**
 * One value in the shape, dtype and backend of another tensor.
 *
 * @example
 * fullLike(tensor([1, 2]), 5)   // [5, 5]
 */
export function fullLike(x: Tensor, value: number): Tensor {
  return beside([x], () => full(x.shape, value, { dtype: x.dtype }))
}

/**
 * start, start + step, ... below stop; int32 when all three are integers.
 *
 * @example
 * arange(3)         // [0, 1, 2]
 * arange(1, 2, 0.5) // [1, 1.5]
 */
export function arange(start: number, stop?: number, step = 1, options: CreateOptions = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  if (step === 0 || ![from, to, step].every(Number.isFinite)) {
    throw new AdjointError('invalid-argument', {
      fn: 'arange',
      given: `start ${from}, stop ${to}, step ${step}`,
      expected: 'finite numbers and a step that is not 0',
    })
  }
  const dtype = options.dtype ?? ([from, to, step].every(Number.isInteger) ? 'int32' : 'float32')
  const length = Math.max(0, Math.ceil((to - from) / step))
  return placed(options.backend, () => {
    const index = bind1(iotaPrimitive, [], { shape: [length], dtype: dtype === 'bool' ? 'int32' : dtype, axis: 0 })
    return cast(add(mul(index, step), from), dtype)
  })
}

function placed(backend: Backend | undefined, make: () => Tensor): Tensor {
  return backend === undefined ? make() : withBackend(backend, make)
}

/**
 * `count` evenly spaced values from start to stop, both included.
 *
 * @example
 * linspace(0, 1, 3)   // [0, 0.5, 1]
 */
export function linspace(start: number, stop: number, count: number, options: CreateOptions = {}): Tensor {
  checkInteger('linspace', count, { what: 'count', low: 0 })
  const values = Float64Array.from({ length: count }, (_, i) =>
    i === count - 1 && count > 1 ? stop : start + ((stop - start) * i) / Math.max(1, count - 1),
  )
  return tensor(values, { dtype: 'float32', ...options })
}

/**
 * The identity matrix. `[n, m]`, square unless m is given.
 *
 * @example
 * eye(2)   // [[1, 0], [0, 1]]
 */
export function eye(n: number, m = n, { dtype = 'float32', backend }: CreateOptions = {}): Tensor {
  return placed(backend, () => {
    const row = bind1(iotaPrimitive, [], { shape: [n, 1], dtype: 'int32', axis: 0 })
    const column = bind1(iotaPrimitive, [], { shape: [1, m], dtype: 'int32', axis: 1 })
    return cast(eq(row, column), dtype)
  })
}

/**
 * The lower triangle, zeros above diagonal k. `[..., n, m]`
 *
 * @example
 * tril(ones([2, 2]))   // [[1, 0], [1, 1]]
 */
export function tril(x: Tensor, k = 0): Tensor {
  const [n, m] = x.shape.slice(-2)
  const row = iotaBeside(x, { shape: [n, 1], dtype: 'int32', axis: 0 })
  const column = iotaBeside(x, { shape: [1, m], dtype: 'int32', axis: 1 })
  return where(column.le(row.add(k)), x, 0)
}
