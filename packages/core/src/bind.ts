// bind: the one way to apply a primitive. The innermost transformation of its operands interprets it, or a backend runs it.

import type { Backend } from './backend/backend.js'
import { beside, defaultBackend } from './backend/current.js'
import { dispatch } from './backend/dispatch.js'
import { literalResult } from './backend/literal.js'
import { decomposes, findKernel } from './backend/lookup.js'
import { toArray } from './dtype.js'
import { AdjointError } from './error.js'
import type { Primitive } from './primitive.js'
import { runtime } from './runtime.js'
import { type Aval, formatAval } from './shape.js'
import { releasing } from './temporaries.js'
import { concreteTensor, literalTensor, type Tensor, tensorFromArray } from './tensor.js'

const NONE = {}

/**
 * Applies a primitive.
 *
 * @param primitive - from `definePrimitive`
 * @param inputs - tensors of one backend
 * @param params - the primitive's static parameters
 * @returns its outputs, always a list
 * @throws AdjointError from the primitive's shape rule; `backend-mismatch`; `leaked-tracer`; `missing-kernel` in strict mode
 * @example
 * const half = definePrimitive('@me/half:half', {
 *   shape: ([x]) => [x],
 *   reference: ([x]) => [x.data.map((v) => v / 2)],
 * })
 * const [y] = bind(half, [tensor([2, 4])])   // [1, 2]
 */
export function bind<P extends object>(
  primitive: Primitive<P>,
  inputs: readonly Tensor[],
  params: P = NONE as P,
): readonly Tensor[] {
  let top = runtime.staging
  for (let i = 0; i < inputs.length; i++) {
    const { trace } = inputs[i]
    if (trace === null) continue
    if (!trace.alive) throw leaked(primitive.name, inputs[i])
    if (top === null || trace.level > top.level) top = trace
  }
  return top === null
    ? evaluate(primitive, inputs, params)
    : top.process(primitive as unknown as Primitive, inputs, params)
}

/** `bind` for a primitive with one output. */
export function bind1<P extends object>(primitive: Primitive<P>, inputs: readonly Tensor[], params?: P): Tensor {
  return bind(primitive, inputs, params)[0]
}

function evaluate<P extends object>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): readonly Tensor[] {
  if (primitive.run !== undefined) return primitive.run(inputs, params)
  const backend = commonBackend(primitive.name, inputs)
  const outputs = primitive.shape(inputs, params)
  if (primitive.view === true) {
    const { buffer } = inputs[0]
    buffer?.check(primitive.name)
    if (buffer === null) return [viewOfNumber(inputs[0], outputs[0], backend)]
    return [concreteTensor(outputs[0].shape, buffer.retain(), inputs[0].weak, outputs[0].dtype)]
  }
  // What is computed from numbers alone stays a number: it lies on no backend, and is known at once on all of them.
  const value = literalResult(primitive, inputs, params, outputs[0])
  if (value !== undefined) return [literalTensor(value, outputs[0].dtype, outputs[0].weak)]
  checkDtypes(primitive.name, backend, outputs)
  const call = { inputs, outputs, params }
  if (decomposes(backend, primitive as unknown as Primitive, call)) return decomposed(primitive, inputs, params)
  const kernel = findKernel(backend, primitive as unknown as Primitive, call)
  return dispatch(backend, primitive.name, inputs, outputs, (storages) => kernel(storages, call))
}

/** A number under another shape takes a place on a backend. */
function viewOfNumber(x: Tensor, { shape, dtype }: Aval, backend: Backend): Tensor {
  return shape.length === 0 ? x : tensorFromArray(backend, toArray(dtype, [x.literal as number]), shape, dtype)
}

/** Runs a primitive by its decomposition. */
function decomposed<P extends object>(
  { decompose }: Primitive<P>,
  inputs: readonly Tensor[],
  params: P,
): readonly Tensor[] {
  return releasing(
    () => beside(inputs, () => decompose?.(inputs, params) ?? []),
    (outputs) => outputs,
  )
}

/** @internal The backend the tensors share; the default where none has one. */
export function commonBackend(fn: string, inputs: readonly Tensor[]): Backend {
  let found: Backend | null = null
  for (let i = 0; i < inputs.length; i++) {
    const { buffer } = inputs[i]
    if (buffer === null || buffer.backend === found) continue
    if (found !== null) throw mixedBackends(fn, found.name, buffer.backend.name)
    found = buffer.backend
  }
  return found ?? defaultBackend()
}

/** @internal Refuses dtypes that the device cannot hold. */
export function checkDtypes(fn: string, backend: Backend, avals: readonly Aval[]): void {
  for (const aval of avals) {
    if (backend.dtypes.includes(aval.dtype)) continue
    throw new AdjointError('dtype-unsupported', {
      fn,
      given: `${formatAval(aval)} on backend '${backend.name}'`,
      expected: `one of ${backend.dtypes.join(', ')}`,
      fix: 'Cast it, or work on the host: x.to(hostBackend())',
    })
  }
}

function mixedBackends(fn: string, first: string, second: string): AdjointError {
  return new AdjointError('backend-mismatch', {
    fn,
    given: `tensors of backends '${first}' and '${second}'`,
    expected: 'tensors of one backend',
    fix: 'Move one: x.to(backend)',
  })
}

function leaked(fn: string, tensor: Tensor): AdjointError {
  return new AdjointError('leaked-tracer', {
    fn,
    given: `a traced ${formatAval(tensor)} whose function has returned`,
    expected: 'tensors that live in this call',
    fix: 'Return the value from the function instead of storing it outside',
  })
}
