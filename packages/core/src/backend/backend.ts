// The backend interface: storage, reading, and kernels in two tiers (by primitive, and compiled from the scalar IR).

import type { ScalarKernel } from '../compile/ir.js'
import type { DType, TypedArray } from '../dtype.js'
import { AdjointError } from '../error.js'
import type { Primitive } from '../primitive.js'
import type { Kernel, KernelCall, Storage } from './kernel.js'

/** Live buffers and their bytes. */
export interface MemoryInfo {
  readonly buffers: number
  readonly bytes: number
}

/** What one fused kernel may hold on a codegen backend. */
export interface FusionLimits {
  /** Most buffers, inputs and outputs together. */
  readonly buffers: number
  /** Most scalar operations. */
  readonly operations: number
}

/** A fused kernel ready to run: fills the outputs it is handed. */
export type CompiledKernel = (
  inputs: readonly Storage[],
  outputs: readonly Storage[],
  scalars: readonly number[],
) => void

/** What a backend must say; see `defineBackend`. */
export interface BackendSpec {
  readonly name: string
  /** Dtypes the device holds; others are refused by name. */
  readonly dtypes: readonly DType[]
  /** Whether `read` returns at once. Without it, work is queued and reading is `await x.data()`. */
  readonly sync: boolean
  /** A new buffer with the data, which the backend may keep. */
  write(data: TypedArray, dtype: DType): Storage
  /** The buffer's elements; the caller does not change them. */
  read(storage: Storage, dtype: DType, size: number): TypedArray | Promise<TypedArray>
  /** Frees a buffer, or takes it back for reuse. Left out where the garbage collector does all. */
  release?(storage: Storage): void
  /** Buffers live outside the JavaScript heap: a finalizer is the safety net for tensors nobody disposed. */
  readonly external?: boolean
  /** What is live now; zeros where the garbage collector owns the memory. */
  memory(): MemoryInfo
  /** A kernel made for this call, looked up after the table and before the primitive's own. */
  find?(primitive: Primitive, call: KernelCall): Kernel | undefined
  /** Codegen tier: code for one fused kernel. */
  compile?(kernel: ScalarKernel): CompiledKernel
  /** Codegen tier: an uninitialised buffer for a compiled kernel to fill. */
  allocate?(dtype: DType, size: number): Storage
  /** Codegen tier: what fits one kernel. */
  readonly fusion?: FusionLimits
}

/** A backend: a spec with its table of kernels. */
export interface Backend extends BackendSpec {
  readonly table: ReadonlyMap<string, Kernel>
  /** Registers a kernel for a primitive; a later one replaces it. Returns the backend, for chaining. */
  implement<P extends object>(primitive: Primitive<P>, kernel: Kernel<P>): Backend
}

/**
 * Makes a backend. Op-tier backends `implement` primitives; codegen ones give `compile` and `allocate`.
 *
 * @throws AdjointError `invalid-argument` when `compile` comes without `allocate`
 * @example
 * const arrays = defineBackend({
 *   name: 'arrays',
 *   dtypes: ['float32', 'int32', 'bool'],
 *   sync: true,
 *   write: (data) => data,
 *   read: (storage) => storage as Float32Array,
 *   memory: () => ({ buffers: 0, bytes: 0 }),
 * })
 * withBackend(arrays, () => tensor([1, 2]).add(1).dataSync())
 */
export function defineBackend(spec: BackendSpec): Backend {
  if (spec.compile !== undefined && spec.allocate === undefined) {
    throw new AdjointError('invalid-argument', {
      fn: 'defineBackend',
      given: `backend '${spec.name}' with compile but no allocate`,
      expected: 'both: compiled kernels fill buffers that allocate made',
    })
  }
  const table = new Map<string, Kernel>()
  const backend: Backend = {
    ...spec,
    table,
    implement(primitive, kernel) {
      table.set(primitive.name, kernel as Kernel)
      return backend
    },
  }
  return backend
}
