// Finds what runs a primitive: the backend's table, its finder, a decomposition, the host.

import type { TypedArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import { inOrder, type Maybe, ready, sequence } from '../maybe.js'
import type { Primitive } from '../primitive.js'
import { runtime, warnOnce } from '../runtime.js'
import { type Aval, formatAval, sizeOf } from '../shape.js'
import type { Backend } from './backend.js'
import { hostBackend } from './current.js'
import type { Kernel, KernelCall, Storage } from './kernel.js'
import { reference, referenceKernel } from './reference.js'

/** @internal The kernel to run; reports a fall-back to the host once by name, refuses it in strict mode. */
export function findKernel(backend: Backend, primitive: Primitive, call: KernelCall): Kernel {
  const own = primitive.host ? undefined : ownKernel(backend, primitive, call)
  if (own !== undefined) return own
  const host = hostBackend()
  const kernel = ownKernel(host, primitive, call)
  if (kernel !== undefined && host === backend) return kernel
  const [place, found] = kernel === undefined ? [reference, referenceKernel(primitive, call)] : [host, kernel]
  if (found === undefined) throw missingKernel(backend, primitive, call)
  if (!primitive.host) {
    if (runtime.settings.strict) throw missingKernel(backend, primitive, call)
    warnOnce(`Backend '${backend.name}' has no kernel for '${primitive.name}': it runs on '${place.name}'.`)
  }
  return viaHost(backend, place, found)
}

/** @internal Whether the backend runs a primitive by its decomposition: it has one, and the backend no kernel. */
export function decomposes(backend: Backend, primitive: Primitive, call: KernelCall): boolean {
  return primitive.decompose !== undefined && !primitive.host && ownKernel(backend, primitive, call) === undefined
}

function ownKernel(backend: Backend, primitive: Primitive, call: KernelCall): Kernel | undefined {
  return backend.table.get(primitive.name) ?? backend.find?.(primitive, call)
}

/** Reads the inputs, runs the host's kernel, writes the outputs. */
function viaHost(backend: Backend, host: Backend, kernel: Kernel): Kernel {
  return (storages, call) =>
    sequence(function* () {
      const inputs = yield* ready(inOrder(storages.map((s, i) => readAll(backend, s, call.inputs[i]))))
      const there = inputs.map((data, i) => host.write(data, call.inputs[i].dtype))
      const outputs = yield* ready(kernel(there, call))
      const results = yield* ready(inOrder(outputs.map((s, i) => readAll(host, s, call.outputs[i]))))
      return results.map((data, i) => backend.write(data.slice(), call.outputs[i].dtype))
    })
}

function readAll(backend: Backend, storage: Storage, { shape, dtype }: Aval): Maybe<TypedArray> {
  return backend.read(storage, dtype, sizeOf(shape))
}

function missingKernel(backend: Backend, primitive: Primitive, call: KernelCall): AdjointError {
  return new AdjointError('missing-kernel', {
    fn: primitive.name,
    given: `${call.inputs.map(formatAval).join(', ') || 'no inputs'} on backend '${backend.name}'`,
    expected: 'a kernel in the backend, in the primitive, or a decomposition',
    fix: 'Register one with backend.implement, move the inputs with to(), or leave strict mode',
  })
}
