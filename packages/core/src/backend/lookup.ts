// Finds what runs a primitive: the backend's table, its finder, a decomposition, the host.

import { formatAval, sizeOf } from '../shape.js'
import { AdjointError } from '../error.js'
import type { Primitive } from '../primitive.js'
import { runtime, warnOnce } from '../runtime.js'
import type { Backend } from './backend.js'
import { hostBackend } from './current.js'
import type { Kernel, KernelCall, Storage } from './kernel.js'

/** @internal The kernel to run; reports a fall-back to the host once by name, refuses it in strict mode. */
export function findKernel(backend: Backend, primitive: Primitive, call: KernelCall): Kernel {
  const own = primitive.host ? undefined : ownKernel(backend, primitive, call)
  if (own !== undefined) return own
  const host = hostBackend()
  if (host === backend) {
    const kernel = ownKernel(backend, primitive, call)
    if (kernel !== undefined) return kernel
    throw missingKernel(backend, primitive, call)
  }
  if (!primitive.host) {
    if (runtime.settings.strict) throw missingKernel(backend, primitive, call)
    warnOnce(`Backend '${backend.name}' has no kernel for '${primitive.name}': it runs on '${host.name}'.`)
  }
  return viaHost(backend, host, findKernel(host, primitive, call))
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
  return (storages, call) => {
    const read = storages.map((s, i) => backend.read(s, call.inputs[i].dtype, sizeOf(call.inputs[i].shape)))
    const run = async () => {
      const arrays = await Promise.all(read)
      const outputs = await kernel(arrays.map((data, i) => host.write(data, call.inputs[i].dtype)), call)
      const results = await Promise.all(outputs.map((s, i) => host.read(s, call.outputs[i].dtype, sizeOf(call.outputs[i].shape))))
      return results.map((data, i) => backend.write(data, call.outputs[i].dtype))
    }
    if (!backend.sync) return run()
    const arrays = read.map((data, i) => host.write(data as never, call.inputs[i].dtype))
    const outputs = kernel(arrays, call) as readonly Storage[]
    return outputs.map((s, i) => {
      const { dtype, shape } = call.outputs[i]
      return backend.write(host.read(s, dtype, sizeOf(shape)) as never, dtype)
    })
  }
}

function missingKernel(backend: Backend, primitive: Primitive, call: KernelCall): AdjointError {
  return new AdjointError('missing-kernel', {
    fn: primitive.name,
    given: `${call.inputs.map(formatAval).join(', ') || 'no inputs'} on backend '${backend.name}'`,
    expected: 'a kernel in the backend, in the primitive, or a decomposition',
    fix: `Register one with backend.implement, or move the inputs with to(), or leave strict mode`,
  })
}
