// What the element-wise primitives of this package share: operands of one float dtype, broadcasting, kernels, batching.

import {
  AdjointError,
  type Aval,
  add,
  bind,
  bind1,
  broadcastTo,
  type CpuKernelFactory,
  cast,
  definePrimitive,
  full,
  type HostArray,
  isTensor,
  type MaybeZero,
  mul,
  type Primitive,
  reshape,
  type Shape,
  type Tensor,
  type TensorLike,
  tensor,
  withBackend,
} from '@adjoint/core'
import { broadcastShapes, broadcastStrides, sizeOf } from '@adjoint/core/codegen'
import { type Formula, numbers, scalars } from './arithmetic.js'

interface Derivatives<P> {
  /** The partial derivatives, one for each operand, written with functions of tensors; computed where asked for. */
  readonly partials: (operands: readonly Tensor[], out: Tensor, params: P) => readonly (() => Tensor)[]
}

interface FormulaRules<P extends object> extends Derivatives<P> {
  readonly formula: (params: P) => Formula
}

interface HostRules<P extends object> extends Derivatives<P> {
  /** One element in float64. */
  readonly compute: (params: P) => (...operands: number[]) => number
}

/** A primitive whose formula is one expression: it fuses into compiled kernels on every codegen backend. */
export function formulaPrimitive<P extends object = object>(name: string, rules: FormulaRules<P>): Primitive<P> {
  return elementwisePrimitive<P>(
    name,
    rules,
    (params) =>
      (...xs) =>
        rules.formula(params)(numbers, ...xs),
    {
      scalar: (operands, params, dtype) => rules.formula(params)(scalars(dtype as 'float64'), ...operands),
    },
  )
}

/** A primitive that iterates: a plain function of numbers, run as a CPU kernel, and on the host for other devices. */
export function hostPrimitive<P extends object = object>(name: string, rules: HostRules<P>): Primitive<P> {
  const cpu: CpuKernelFactory<P> = (_, { inputs, outputs, params }) => {
    const fill = loop(inputs, outputs[0].shape, rules.compute(params))
    return (arrays, [out]) => fill(arrays as readonly Float64Array[], out as Float64Array)
  }
  return elementwisePrimitive<P>(name, rules, rules.compute, { kernels: { cpu } })
}

function elementwisePrimitive<P extends object>(
  name: string,
  { partials }: Derivatives<P>,
  compute: (params: P) => (...operands: number[]) => number,
  kernel: Pick<Primitive<P>, 'scalar' | 'kernels'>,
): Primitive<P> {
  const primitive: Primitive<P> = definePrimitive<P>(`@adjoint/special:${name}`, {
    ...kernel,
    shape: (inputs) => [outputOf(name, inputs)],
    jvp: (primals, tangents, [out], params) => {
      const slopes = partials(primals, out, params)
      const parts = tangents.map((t, i) => (t === null ? null : mul(t, slopes[i]())))
      return [
        spread(
          parts.reduce<MaybeZero>((a, b) => (a === null ? b : b === null ? a : add(a, b)), null),
          out.shape,
        ),
      ]
    },
    vmap: (inputs, batched, _, params) => bind(primitive, alignBatch(inputs, batched), params),
    reference: (inputs: readonly HostArray[], params, [out]) => {
      const data = new Float64Array(sizeOf(out.shape))
      loop(
        inputs,
        out.shape,
        compute(params),
      )(
        inputs.map((x) => x.data as Float64Array),
        data,
      )
      return [data]
    },
  })
  return primitive
}

/** Applies a primitive to tensors and numbers; numbers take the dtype of the tensors. */
export function apply<P extends object>(
  fn: string,
  primitive: Primitive<P>,
  values: readonly TensorLike[],
  params: P = {} as P,
): Tensor {
  return bind1(primitive, floats(fn, values), params)
}

/** Float tensors of one dtype from tensors and numbers; numbers alone become float32. */
export function floats(fn: string, values: readonly TensorLike[]): Tensor[] {
  for (const value of values) if (typeof value !== 'number' && !isTensor(value)) throw notTensor(fn, value)
  const tensors = values.filter(isTensor)
  const leader = tensors.find((x) => !x.weak) ?? tensors[0] ?? tensor(0)
  const { dtype } = leader
  if (tensors.some((x) => !x.weak && (x.dtype !== dtype || !isFloat(x)))) throw mixed(fn, tensors)
  return values.map((value) => {
    if (typeof value === 'number') return withBackend(leader.backend, () => full([], value, { dtype }))
    return value.weak && value.dtype !== dtype ? cast(value, dtype) : value
  })
}

function isFloat({ dtype }: Aval): boolean {
  return dtype === 'float32' || dtype === 'float64'
}

function notTensor(fn: string, value: unknown): AdjointError {
  return new AdjointError('invalid-argument', {
    fn,
    given: Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`,
    expected: 'a tensor or a number',
    fix: 'Wrap data with tensor(...)',
  })
}

function mixed(fn: string, tensors: readonly Aval[]): AdjointError {
  const given = tensors.map(({ dtype, shape }) => `${dtype}[${shape.join(', ')}]`).join(' and ')
  const other = tensors.find((x) => !isFloat(x))
  return new AdjointError('dtype-mismatch', {
    fn,
    given,
    expected: other === undefined ? 'operands of one dtype' : 'float32 or float64',
    fix: `Cast first, as in x.cast('${tensors.find(isFloat)?.dtype ?? 'float32'}')`,
  })
}

function outputOf(name: string, inputs: readonly Aval[]): Aval {
  const [{ dtype }] = inputs
  if (inputs.some((x) => x.dtype !== dtype || !isFloat(x))) throw mixed(name, inputs)
  const shapes = inputs.map((x) => x.shape)
  return { shape: broadcastShapes(name, shapes), dtype, weak: inputs.every((x) => x.weak === true) }
}

function spread(tangent: MaybeZero, shape: Shape): MaybeZero {
  const same = tangent === null || (tangent.ndim === shape.length && tangent.shape.every((n, i) => n === shape[i]))
  return same ? tangent : broadcastTo(tangent, shape)
}

/** Batched operands get axes of 1 behind the batch, so that they line up with the others. */
function alignBatch(inputs: readonly Tensor[], batched: readonly boolean[]): Tensor[] {
  const ndim = Math.max(...inputs.map((x, i) => x.ndim - (batched[i] ? 1 : 0)))
  return inputs.map((x, i) => {
    const missing = ndim + 1 - x.ndim
    if (!batched[i] || missing === 0) return x
    return reshape(x, [x.shape[0], ...new Array<number>(missing).fill(1), ...x.shape.slice(1)])
  })
}

/** A loop over the elements of a shape; operands that are scalars or have that shape are walked without an index table. */
function loop(inputs: readonly Aval[], shape: Shape, compute: (...operands: number[]) => number) {
  const size = sizeOf(shape)
  const tables = inputs.map((x) => (sizeOf(x.shape) === size ? null : positions(x.shape, shape)))
  return (arrays: readonly Float64Array[], out: Float64Array): void => {
    const at = (k: number, i: number): number => {
      const table = tables[k]
      return arrays[k][table === null ? i : table[i]]
    }
    if (arrays.length === 1) for (let i = 0; i < size; i++) out[i] = compute(at(0, i))
    else if (arrays.length === 2) for (let i = 0; i < size; i++) out[i] = compute(at(0, i), at(1, i))
    else if (arrays.length === 3) for (let i = 0; i < size; i++) out[i] = compute(at(0, i), at(1, i), at(2, i))
    else for (let i = 0; i < size; i++) out[i] = compute(...arrays.map((_, k) => at(k, i)))
  }
}

/** For each element of `target`, where its operand lies. */
function positions(shape: Shape, target: Shape): Int32Array {
  const strides = broadcastStrides(shape, target)
  const out = new Int32Array(sizeOf(target))
  let filled = Math.min(1, out.length)
  for (let axis = target.length - 1; axis >= 0; axis--) {
    for (let i = filled; i < filled * target[axis]; i++) out[i] = out[i - filled] + strides[axis]
    filled *= target[axis]
  }
  return out
}
