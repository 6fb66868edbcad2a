// What all element-wise primitives share: one operand dtype, implicit NumPy broadcasting, and the rules that follow from it.

import { bind } from '../bind.js'
import type { BinaryOp, CompareOp, UnaryOp } from '../compile/ir.js'
import { type DType, newArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { cast } from '../functions/elementwise.js'
import { broadcastTo, reshape } from '../functions/movement.js'
import { sum } from '../functions/reductions.js'
import { definePrimitive, type HostArray, type MaybeZero, type Primitive, type PrimitiveRules } from '../primitive.js'
import { type Aval, broadcastShapes, broadcastStrides, formatAval, type Shape, sameShape, sizeOf } from '../shape.js'
import type { Tensor } from '../tensor.js'

/** Operand dtypes by kind. */
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

interface ElementwiseRules extends Pick<PrimitiveRules<object>, 'jvp' | 'transpose'> {
  readonly dtypes: readonly DType[]
  /** One element; integers may overflow the range, storing wraps them. */
  readonly compute: (a: number, b: number, dtype: DType) => number
}

/** A primitive of one or two operands, applied element by element. */
export function elementwise(name: UnaryOp | BinaryOp | CompareOp, rules: ElementwiseRules, output?: DType): Primitive {
  const { dtypes, compute, ...derivatives } = rules
  const primitive: Primitive = definePrimitive(name, {
    ...derivatives,
    shape: (inputs) => {
      checkOperands(name, inputs, dtypes)
      return [
        {
          shape: broadcastShapes(
            name,
            inputs.map((x) => x.shape),
          ),
          dtype: output ?? inputs[0].dtype,
          weak: allWeak(inputs),
        },
      ]
    },
    vmap: (inputs, batched) => bind(primitive, alignBatch(inputs, batched)),
    reference: ([a, b], _, [out]) => [computeAll(a, b ?? a, out, compute)],
    scalar: (args, _, dtype) => ({ op: name, args, dtype }) as never,
  })
  return primitive
}

/** Whether all operands are traced JavaScript numbers. */
function allWeak(inputs: readonly Aval[]): boolean {
  return inputs.every((x) => x.weak === true)
}

function computeAll(a: HostArray, b: HostArray, out: Aval, compute: ElementwiseRules['compute']) {
  const data = newArray(out.dtype === 'float32' ? 'float64' : out.dtype, sizeOf(out.shape))
  const at = positions(out.shape, [a.shape, b.shape])
  at((i, [ia, ib]) => {
    data[i] = compute(a.data[ia], b.data[ib], a.dtype)
  })
  return data
}

/** Visits every element of `shape` with the flat index of each broadcast operand. */
export function positions(shape: Shape, operands: readonly Shape[]) {
  const strides = operands.map((s) => broadcastStrides(s, shape))
  return (visit: (i: number, at: readonly number[]) => void) => {
    const size = sizeOf(shape)
    const index = new Array<number>(shape.length).fill(0)
    const at = operands.map(() => 0)
    for (let i = 0; i < size; i++) {
      visit(i, at)
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        const wraps = ++index[axis] === shape[axis]
        for (let k = 0; k < at.length; k++) at[k] += wraps ? -strides[k][axis] * (shape[axis] - 1) : strides[k][axis]
        if (!wraps) break
        index[axis] = 0
      }
    }
  }
}

/** Refuses operands of different or unsupported dtypes. */
export function checkOperands(fn: string, inputs: readonly Aval[], dtypes: readonly DType[]): void {
  const { dtype } = inputs[0]
  if (inputs.some((x) => x.dtype !== dtype)) {
    throw new AdjointError('dtype-mismatch', {
      fn,
      given: inputs.map(formatAval).join(' and '),
      expected: 'operands of one dtype',
      fix: `Tensors never promote silently: cast one of them, as in x.cast('${dtype}')`,
    })
  }
  if (!dtypes.includes(dtype)) {
    throw new AdjointError('dtype-mismatch', {
      fn,
      given: inputs.map(formatAval).join(' and '),
      expected: dtypes.join(', '),
      fix: 'Cast it first',
    })
  }
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
    const axes = out.shape.map((_, i) => i).filter((i) => i < lead || (shape[i - lead] === 1 && out.shape[i] !== 1))
    out = reshape(sum(out, axes), shape)
  }
  return out.dtype === dtype ? out : cast(out, dtype)
}

/** A tangent in the output's shape. */
export function spread(tangent: MaybeZero, { shape }: Aval): MaybeZero {
  return tangent === null || sameShape(tangent.shape, shape) ? tangent : broadcastTo(tangent, shape)
}
