// Turns a kernel factory into a kernel: one specialised kernel per signature, outputs allocated for it.

import type {
  CpuKernel,
  CpuKernelApi,
  CpuKernelFactory,
  CpuStorage,
  Kernel,
  KernelCall,
  Storage,
  TypedArray,
} from '@adjoint/core'
import { sizeOf } from '@adjoint/core/codegen'
import type { ArrayPool } from './pool.js'
import type { Scratch } from './scratch.js'
import { signature } from './signature.js'

/** Signatures kept per primitive: programs whose shapes keep changing must not grow without bound. */
const MOST_SIGNATURES = 512

/** What running kernels needs. */
export interface KernelHost {
  readonly api: CpuKernelApi
  readonly pool: ArrayPool
  readonly scratch: Scratch
}

/** A kernel over storages from a factory of kernels over arrays. */
export function fromFactory<P extends object>(
  { api, pool, scratch }: KernelHost,
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
    const outputs = new Array<CpuStorage>(call.outputs.length)
    const arrays = new Array<TypedArray>(outputs.length)
    for (let i = 0; i < outputs.length; i++) {
      const { dtype, shape } = call.outputs[i]
      const storage = pool.allocate(dtype, sizeOf(shape))
      outputs[i] = storage
      arrays[i] = storage.data
    }
    scratch.reset()
    run(arraysOf(storages), arrays)
    return outputs
  }
}

/** The typed arrays of storages. */
export function arraysOf(storages: readonly Storage[]): TypedArray[] {
  const arrays = new Array<TypedArray>(storages.length)
  for (let i = 0; i < arrays.length; i++) arrays[i] = (storages[i] as { data: TypedArray }).data
  return arrays
}

/** The call without the tensors it may have come with, which a cached kernel must not keep alive. */
function detached<P>({ inputs, outputs, params }: KernelCall<P>): KernelCall<P> {
  return {
    inputs: inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    outputs: outputs.map(({ shape, dtype }) => ({ shape, dtype })),
    params,
  }
}
