// Small words over tfjs's kernels, for the kernels of this backend: operands broadcast, dtypes are those of Adjoint.

import type { TfjsInfo, TfjsOps } from '../api.js'
import { sameShape, sizeOf } from '../device.js'

type DType = TfjsInfo['dtype']

/** One operand, one result. */
export function unary(ops: TfjsOps, kernel: string, x: TfjsInfo): TfjsInfo {
  return ops.run(kernel, { x })
}

/** Two operands, which broadcast. */
export function binary(ops: TfjsOps, kernel: string, a: TfjsInfo, b: TfjsInfo): TfjsInfo {
  return ops.run(kernel, { a, b })
}

/** One number. */
export function scalar(ops: TfjsOps, value: number, dtype: DType): TfjsInfo {
  return ops.constant([value], [], dtype)
}

/** The same number everywhere. */
export function fill(ops: TfjsOps, shape: readonly number[], value: number, dtype: DType): TfjsInfo {
  return ops.run('Fill', {}, { shape, value, dtype })
}

/** The elements row by row under another shape. */
export function reshape(ops: TfjsOps, x: TfjsInfo, shape: readonly number[]): TfjsInfo {
  return ops.run('Reshape', { x }, { shape })
}

/** Repeated along axes of length 1 and new leading axes. */
export function broadcast(ops: TfjsOps, x: TfjsInfo, shape: readonly number[]): TfjsInfo {
  if (sameShape(x.shape, shape)) return x
  if (sizeOf(x.shape) === 1 && sizeOf(shape) === 1) return reshape(ops, x, shape)
  const aligned = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape]
  const reps = shape.map((n, i) => (aligned[i] === n ? 1 : n))
  return ops.run('Tile', { x: reshape(ops, x, aligned) }, { reps })
}

/** Values of one dtype in another, as Adjoint's `cast` has it. */
export function cast(ops: TfjsOps, x: TfjsInfo, dtype: DType): TfjsInfo {
  if (x.dtype === dtype) return x
  if (dtype === 'bool') return binary(ops, 'NotEqual', x, scalar(ops, 0, x.dtype))
  return ops.run('Cast', { x }, { dtype })
}

/** bool as int32, others as they are: most tfjs kernels refuse bool. */
export function countable(ops: TfjsOps, x: TfjsInfo): TfjsInfo {
  return x.dtype === 'bool' ? cast(ops, x, 'int32') : x
}

/** `yes` where the condition holds, `no` elsewhere; all three broadcast to `shape`. */
export function select(
  ops: TfjsOps,
  shape: readonly number[],
  condition: TfjsInfo,
  yes: TfjsInfo,
  no: TfjsInfo,
): TfjsInfo {
  // tfjs's wasm kernel takes bool for four bytes, and writes past the end.
  if (yes.dtype === 'bool') {
    const other = binary(ops, 'LogicalAnd', unary(ops, 'LogicalNot', condition), no)
    return broadcast(ops, binary(ops, 'LogicalOr', binary(ops, 'LogicalAnd', condition, yes), other), shape)
  }
  const [c, t, e] = [condition, yes, no].map((x) => broadcast(ops, x, shape))
  return ops.run('Select', { condition: c, t, e })
}

/**
 * Axes in another order. The shader of WebGPU is wrong for integers of other ranks than 2 (tensorflow/tfjs#8638): there they
 * go as floats, which a sum makes of them, because tfjs casts by calling them so.
 */
export function transpose(ops: TfjsOps, x: TfjsInfo, perm: readonly number[]): TfjsInfo {
  if (perm.every((axis, i) => axis === i)) return x
  if (ops.device !== 'webgpu' || x.dtype === 'float32' || perm.length === 2)
    return ops.run('Transpose', { x }, { perm })
  const floats = binary(ops, 'Add', cast(ops, x, 'float32'), scalar(ops, 0, 'float32'))
  return cast(ops, ops.run('Transpose', { x: floats }, { perm }), x.dtype)
}

/** A window. */
export function slice(ops: TfjsOps, x: TfjsInfo, begin: readonly number[], size: readonly number[]): TfjsInfo {
  return x.shape.length === 0 ? x : ops.run('Slice', { x }, { begin, size })
}

/** 0, 1, 2, ... as int32 `[n]`. */
export function range(ops: TfjsOps, n: number): TfjsInfo {
  return ops.run('Range', {}, { start: 0, stop: n, step: 1, dtype: 'int32' })
}

/** Elements, or rows, of an axis by int32 indices `[k]` that are inside. */
export function takeRows(ops: TfjsOps, x: TfjsInfo, indices: TfjsInfo, axis: number): TfjsInfo {
  return ops.run('GatherV2', { x, indices }, { axis, batchDims: 0 })
}

/** Integers moved between 0 and a greatest value. */
export function clamp(ops: TfjsOps, x: TfjsInfo, high: TfjsInfo): TfjsInfo {
  return binary(ops, 'Maximum', binary(ops, 'Minimum', x, high), scalar(ops, 0, 'int32'))
}

/** The greater or the lesser; NaN wins, which tfjs promises on cpu only. */
export function larger(ops: TfjsOps, kernel: 'Maximum' | 'Minimum', a: TfjsInfo, b: TfjsInfo): TfjsInfo {
  const out = binary(ops, kernel, a, b)
  if (a.dtype !== 'float32' || ops.device === 'cpu') return out
  const either = binary(ops, 'LogicalOr', unary(ops, 'IsNan', a), unary(ops, 'IsNan', b))
  return select(ops, out.shape, either, binary(ops, 'Add', a, b), out)
}

/** tfjs's cpu kernel multiplies in doubles, which lose low bits above 2^53: there in two halves of 16 bits. */
export function wrappingMul(ops: TfjsOps, a: TfjsInfo, b: TfjsInfo): TfjsInfo {
  if (ops.device !== 'cpu' || b.dtype !== 'int32') return binary(ops, 'Multiply', a, b)
  const half = scalar(ops, 65536, 'int32')
  const high = binary(ops, 'FloorDiv', b, half)
  const low = binary(ops, 'Sub', b, binary(ops, 'Multiply', high, half))
  const upper = binary(ops, 'Multiply', binary(ops, 'Multiply', a, high), half)
  return binary(ops, 'Add', upper, binary(ops, 'Multiply', a, low))
}
