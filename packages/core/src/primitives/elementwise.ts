// What all element-wise primitives share: one operand dtype, implicit NumPy broadcasting, and the rules that follow from it.

import { bind } from '../bind.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../codegen/ir.js'
import { type DType, wideArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { add, cast } from '../functions/elementwise.js'
import { broadcastTo, reshape } from '../functions/movement.js'
import { sum } from '../functions/reductions.js'
import { definePrimitive, type HostArray, type MaybeZero, type Primitive, type PrimitiveRules } from '../primitive.js'
import { type Aval, broadcastShapes, formatAval, requireDType, type Shape, sameShape } from '../shape.js'
import type { Tensor } from '../tensor.js'
import { spreadData } from './strided.js'

/** Operand dtypes by kind; functions, for primitives may be made before this module has set its constants. */
export function numeric(): readonly DType[] {
  return ['float32', 'float64', 'int32', 'uint32']
}

export function floats(): readonly DType[] {
  return ['float32', 'float64']
}

export function everyDType(): readonly DType[] {
  return ['float32', 'float64', 'int32', 'uint32', 'bool']
}

export function bits(): readonly DType[] {
  return ['int32', 'uint32', 'bool']
}

/** One element. */
export type Compute = (a: number, b: number, operand: DType) => number

/** The tangent that one operand's tangent contributes. Where it is linear in the operand, its own transpose as well. */
export type Partial = (d: Tensor, x: Tensor, y: Tensor, out: Tensor) => Tensor

/** How a result depends on its operands, in order; without partials it is flat. */
interface Derivatives {
  readonly partials?: readonly Partial[]
  /** How many of the leading operands the primitive is linear in. */
  readonly linear?: number
}

/** A primitive of one or two operands, applied element by element. */
export function elementwise(
  name: UnaryOp | BinaryOp | CompareOp,
  dtypes: () => readonly DType[],
  compute: Compute,
  { partials = [], linear = 0 }: Derivatives = {},
  output?: DType,
): Primitive {
  const allowed = dtypes()
  const primitive: Primitive = definePrimitive(name, {
    shape: (inputs) => {
      checkOperands(name, inputs, allowed)
      const shape = broadcastShapes(name, shapesOf(inputs))
      return [{ shape, dtype: output ?? inputs[0].dtype, weak: inputs.every((x) => x.weak === true) }]
    },
    jvp: (primals, tangents, [out]) => [pushed(partials, primals, tangents, out)],
    ...(linear > 0 && { transpose: pulled(partials.slice(0, linear)) }),
    vmap: (inputs, batched) => bind(primitive, alignBatch(inputs, batched)),
    reference: ([a, b], _, [out]) => [computeAll(a, b ?? a, out, compute)],
    scalar: (args, _, dtype) => ({ op: name, args, dtype }) as never,
  })
  return primitive
}

/** A primitive of one operand, with its derivative where it is not flat. */
export function unary(
  name: UnaryOp,
  dtypes: () => readonly DType[],
  compute: Compute,
  partial?: (d: Tensor, x: Tensor, out: Tensor) => Tensor,
) {
  return elementwise(name, dtypes, compute, partial && { partials: [(d, x, _, out) => partial(d, x, out)] })
}

function pushed(
  partials: readonly Partial[],
  [x, y]: readonly Tensor[],
  tangents: readonly MaybeZero[],
  out: Tensor,
): MaybeZero {
  let total: MaybeZero = null
  for (let i = 0; i < partials.length; i++) {
    const d = tangents[i]
    if (d === null) continue
    const part = partials[i](d, x, y, out)
    total = total === null ? part : add(total, part)
  }
  return total === null ? null : spread(total, out)
}

/** A tangent in the output's shape. */
export function spread(tangent: Tensor, { shape }: Aval): Tensor {
  return sameShape(tangent.shape, shape) ? tangent : broadcastTo(tangent, shape)
}

/** Element by element, a linear map is its own transpose: the partials at the cotangent. */
function pulled(partials: readonly Partial[]): PrimitiveRules<object>['transpose'] {
  return ([ct], inputs) => {
    if (ct === null) return inputs.map(() => null)
    const [x, y] = inputs.map((input) => (input.linear ? ct : input.value))
    return partials.map((partial, i) => (inputs[i].linear ? unbroadcast(partial(ct, x, y, ct), inputs[i].aval) : null))
  }
}

export function shapesOf(inputs: readonly Aval[]): Shape[] {
  return inputs.map((x) => x.shape)
}

function computeAll(a: HostArray, b: HostArray, { shape, dtype }: Aval, compute: Compute) {
  const [left, right] = [spreadData(a, shape), spreadData(b, shape)]
  const data = wideArray(dtype, left.length)
  for (let i = 0; i < data.length; i++) data[i] = compute(left[i], right[i], a.dtype)
  return data
}

/** Refuses operands of different or unsupported dtypes. */
export function checkOperands(fn: string, inputs: readonly Aval[], dtypes: readonly DType[]): void {
  const { dtype } = inputs[0]
  if (inputs.some((x) => x.dtype !== dtype)) {
    throw new AdjointError('dtype-mismatch', {
      fn,
      given: inputs.map(formatAval).join(' and '),
      expected: 'operands of one dtype',
      fix: `Cast one of them, as in x.cast('${dtype}')`,
    })
  }
  requireDType(fn, inputs[0], dtypes)
}

/** Operands ready to broadcast under a batch axis 0: batched ones get axes of 1 behind it to line up. */
export function alignBatch(inputs: readonly Tensor[], batched: readonly boolean[]): Tensor[] {
  const ndim = Math.max(...inputs.map((x, i) => x.ndim - (batched[i] ? 1 : 0)))
  return inputs.map((x, i) => {
    const missing = ndim + 1 - x.ndim
    if (!batched[i] || missing === 0) return x
    return reshape(x, [x.shape[0], ...new Array<number>(missing).fill(1), ...x.shape.slice(1)])
  })
}

/** A cotangent of a broadcast result, summed back to the operand's shape. */
export function unbroadcast(cotangent: Tensor, { shape, dtype }: Aval): Tensor {
  let out = cotangent
  if (!sameShape(out.shape, shape)) {
    const lead = out.ndim - shape.length
    const axes = out.shape.flatMap((n, i) => (i < lead || (shape[i - lead] === 1 && n !== 1) ? [i] : []))
    out = reshape(sum(out, axes), shape)
  }
  return out.dtype === dtype ? out : cast(out, dtype)
}
