// Turns a kernel factory into a kernel: one specialised kernel per signature, outputs allocated for it.

import type { CpuKernel, CpuKernelApi, CpuKernelFactory, Kernel, KernelCall, Storage } from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import type { Scratch } from './scratch.js'
import { signature } from './signature.js'
import type { Store } from './storage.js'

/** Signatures kept per primitive: programs whose shapes keep changing must not grow without bound. */
const MOST_SIGNATURES = 512

/** What running kernels needs. */
export interface KernelHost {
  readonly api: CpuKernelApi
  readonly store: Store
  readonly scratch: Scratch
}

/** A kernel over storages from a factory of kernels over arrays. */
export function fromFactory<P extends object>(
  { api, store, scratch }: KernelHost,
  name: string,
  factory: CpuKernelFactory<P>,
): Kernel<P> {
  const made = new Map<string, CpuKernel>()
  return (storages, call) => {
    const key = signature(call)
    let run = made.get(key)
    if (run === undefined) {
      if (made.size >= MOST_SIGNATURES) made.clear()
      run = factory(api, detached(call))
      made.set(key, run)
    }
    scratch.reset()
    const outputs = new Array<Storage>(call.outputs.length)
    for (let i = 0; i < outputs.length; i++) {
      const { dtype, shape } = call.outputs[i]
      outputs[i] = store.allocate(dtype, sizeOf(shape), name)
    }
    const arrays = store.operands(storages, outputs)
    run(arrays.inputs, arrays.outputs)
    return outputs
  }
}

/** The call without the tensors it may have come with, which a cached kernel must not keep alive. */
function detached<P>({ inputs, outputs, params }: KernelCall<P>): KernelCall<P> {
  return {
    inputs: inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    outputs: outputs.map(({ shape, dtype }) => ({ shape, dtype })),
    params,
  }
}
