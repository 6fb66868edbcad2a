// How arguments become operands: numbers take the dtype of the tensors they meet, tensors must agree already.

import { bind1 } from '../bind.js'
import { convert, type DType, isFloat } from '../dtype.js'
import { AdjointError } from '../error.js'
import type { Primitive } from '../primitive.js'
import { castPrimitive } from '../primitives/convert.js'
import { requireDType } from '../shape.js'
import { isTensor, literalTensor, type Tensor, type TensorLike } from '../tensor.js'

/** @internal Tensors of one dtype from tensors and numbers. */
export function operands(fn: string, values: readonly TensorLike[]): Tensor[] {
  let strong: Tensor | undefined
  for (const value of values) {
    if (typeof value === 'number') continue
    if (!isTensor(value)) throw notTensor(fn, value)
    if (!value.weak && strong === undefined) strong = value
  }
  if (strong !== undefined) {
    const { dtype } = strong
    return values.map((value) => adapt(fn, value, dtype))
  }
  const weak = values.find((value) => typeof value !== 'number')
  const dtype = weak === undefined ? 'float32' : (weak as Tensor).dtype
  return values.map((value) => (typeof value === 'number' ? literalTensor(value, dtype, true) : (value as Tensor)))
}

/** @internal One operand as a tensor; a number becomes float32. */
export function operand(fn: string, value: TensorLike): Tensor {
  if (typeof value === 'number') return literalTensor(value, 'float32', true)
  if (!isTensor(value)) throw notTensor(fn, value)
  return value
}

function adapt(fn: string, value: TensorLike, dtype: DType): Tensor {
  if (typeof value === 'number') return literalTensor(checkedNumber(fn, value, dtype), dtype)
  if (!value.weak || value.dtype === dtype) return value
  if (!isFloat(dtype)) {
    throw new AdjointError('dtype-mismatch', {
      fn,
      given: `a traced JavaScript number with a ${dtype} tensor`,
      expected: 'a float tensor, or a number known when tracing',
      fix: `Pass tensor(n, { dtype: '${dtype}' })`,
    })
  }
  return bind1(castPrimitive, [value], { dtype })
}

/** @internal A number that the dtype can hold. */
function checkedNumber(fn: string, value: number, dtype: DType): number {
  if (!isFloat(dtype) && convert(dtype, value) !== value) {
    throw new AdjointError('dtype-mismatch', {
      fn,
      given: `the number ${value} with a ${dtype} tensor`,
      expected: dtype === 'bool' ? '0 or 1' : `an integer in the range of ${dtype}`,
      fix: "Cast the tensor first, as in x.cast('float32')",
    })
  }
  return value
}

function notTensor(fn: string, value: unknown): AdjointError {
  const kind = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a value of type ${typeof value}`
  return new AdjointError('invalid-argument', {
    fn,
    given: kind,
    expected: 'a tensor or a number',
    fix: 'Wrap data with tensor(...)',
  })
}

/** @internal Refuses operands that are not all float. */
export function requireFloat(fn: string, x: Tensor): Tensor {
  requireDType(fn, x, ['float32', 'float64'])
  return x
}

/** @internal Applies an element-wise primitive of one operand. */
export function apply1(name: string, primitive: Primitive, x: TensorLike): Tensor {
  return bind1(primitive, [operand(name, x)])
}

/** @internal Applies an element-wise primitive of two operands. */
export function apply2(name: string, primitive: Primitive, a: TensorLike, b: TensorLike): Tensor {
  return bind1(primitive, operands(name, [a, b]))
}
