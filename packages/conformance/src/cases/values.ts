// Operands of cases: values in a range, the special values of each dtype, and dtype by dtype lists.

import type { DType, Shape } from '@adjoint/core'
import { isFloat } from '../checks/close.js'
import { generator } from '../checks/numbers.js'
import type { CaseInput, PrimitiveCase } from './case.js'

/** dtypes with gradients. */
export const FLOATS: readonly DType[] = ['float32', 'float64']

/** dtypes with arithmetic. */
export const NUMBERS: readonly DType[] = ['float32', 'float64', 'int32', 'uint32']

/** All dtypes. */
export const ALL: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

/** Values that arithmetic gets wrong first. */
const SPECIAL: readonly number[] = [NaN, Infinity, -Infinity, 0, -0, 1, -1.5, 2]

/** An operand with given values. */
export function input(dtype: DType, shape: Shape, data: readonly number[]): CaseInput {
  return { dtype, shape, data }
}

/** An operand with values in a range, different from each other by a hundredth of it or more while they fit. */
export function spread(
  dtype: DType,
  shape: Shape,
  [low, high]: readonly [number, number] = [-2, 2],
  seed = 1,
): CaseInput {
  const size = shape.reduce((a, b) => a * b, 1)
  const next = generator(seed)
  const order = Array.from({ length: size }, (_, i) => ({ i, by: next() })).sort((a, b) => a.by - b.by)
  const data = new Array<number>(size)
  order.forEach(({ i }, rank) => {
    data[i] = stored(dtype, low + ((high - low) * (rank + 0.25 + next() / 2)) / size, rank)
  })
  return { dtype, shape, data }
}

function stored(dtype: DType, value: number, rank: number): number {
  if (isFloat(dtype)) return value
  if (dtype === 'bool') return rank % 2
  return dtype === 'uint32' ? Math.abs(Math.round(value)) : Math.round(value)
}

/** The least, greatest and smallest values of a dtype. */
export function extremes(dtype: DType): readonly number[] {
  if (isFloat(dtype)) return SPECIAL
  if (dtype === 'int32') return [-2147483648, 2147483647, -1, 0, 1, 7]
  return dtype === 'uint32' ? [4294967295, 2147483648, 0, 1, 7] : [0, 1]
}

/** The cases of each dtype, with the dtype in their names. */
export function forDTypes<P extends object>(
  dtypes: readonly DType[],
  cases: (dtype: DType) => readonly PrimitiveCase<P>[],
): PrimitiveCase<P>[] {
  return dtypes.flatMap((dtype) => cases(dtype).map((c) => ({ ...c, name: `${dtype} ${c.name}` })))
}
