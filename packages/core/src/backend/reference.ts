// The reference backend: every primitive through its plain TypeScript semantics. Slow, exact, always there.

import { DTYPES, type DType, isFloat, newArray, type TypedArray } from '../dtype.js'
import type { HostArray, Primitive } from '../primitive.js'
import { typeOf } from '../shape.js'
import { type Backend, defineBackend } from './backend.js'
import type { Kernel, KernelCall } from './kernel.js'

/**
 * The backend the core has by itself: the `reference` rule of each primitive, float64 inside.
 *
 * @example
 * withBackend(reference, () => ones([2]).add(1).dataSync())   // Float32Array [2, 2]
 */
export const reference: Backend = /* @__PURE__ */ defineBackend({
  name: 'reference',
  dtypes: DTYPES,
  sync: true,
  write: (data) => data,
  read: (storage) => storage as TypedArray,
  memory: () => ({ buffers: 0, bytes: 0 }),
  find: (primitive, call) => referenceKernel(primitive, call),
})

/** @internal The kernel of a primitive's reference rule over typed arrays. */
export function referenceKernel<P extends object>(primitive: Primitive<P>, call: KernelCall): Kernel | undefined {
  const rule = primitive.reference
  if (rule === undefined) return undefined
  return (storages) => {
    const inputs = storages.map((data, i): HostArray => ({ ...widen(data as TypedArray), ...typeOf(call.inputs[i]) }))
    const results = rule(inputs, call.params as P, call.outputs)
    return results.map((data, i) => narrow(data, call.outputs[i].dtype))
  }
}

function widen(data: TypedArray): { data: TypedArray } {
  return { data: data instanceof Float32Array ? Float64Array.from(data) : data }
}

function narrow(data: TypedArray, dtype: DType): TypedArray {
  if (!isFloat(dtype) || (dtype === 'float64' && data instanceof Float64Array)) return data
  const out = newArray(dtype, data.length)
  out.set(data)
  return out
}
