// Short names for what most tests need.

import { expect } from 'vitest'
import type { AdjointError, ErrorCode } from '../src/index.js'
import { type DType, isAdjointError, type Tensor, type TensorData, tensor } from '../src/index.js'

/** A float64 tensor. */
export const f64 = (data: TensorData, shape?: readonly number[]): Tensor => tensor(data, { dtype: 'float64', shape })

/** An int32 tensor. */
export const i32 = (data: TensorData): Tensor => tensor(data, { dtype: 'int32' })

/** A bool tensor. */
export const bools = (data: TensorData): Tensor => tensor(data, { dtype: 'bool' })

/** Requires nested values, within 1e-9 for finite numbers, and the dtype where given. */
export function expectValues(x: unknown, expected: unknown, dtype?: DType): void {
  const actual = (x as Tensor).arraySync()
  expect(rounded(actual)).toEqual(rounded(expected))
  if (dtype !== undefined) expect((x as Tensor).dtype).toBe(dtype)
}

function rounded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'number' || !Number.isFinite(value)) return value
  return Number(value.toPrecision(7)) + 0
}

/** The AdjointError with a code that a call throws, now or later. */
export async function errorOf(code: ErrorCode, fn: () => unknown): Promise<AdjointError> {
  let value: unknown
  try {
    value = await fn()
  } catch (error) {
    if (!isAdjointError(error)) throw error
    expect(error.code, error.message).toBe(code)
    return error
  }
  throw new Error(`expected an error '${code}', got ${String(value)}`)
}
