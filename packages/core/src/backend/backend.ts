// The backend interface: storage, reading, and kernels in two tiers (by primitive, and compiled from the scalar IR).

import type { DType, TypedArray } from '../dtype.js'
import type { Primitive } from '../primitive.js'
import type { Equation, Program, Variable } from '../program/program.js'
import type { Kernel, KernelCall, Storage } from './kernel.js'

/** Live buffers and their bytes. */
export interface MemoryInfo {
  readonly buffers: number
  readonly bytes: number
}

/** A fused kernel ready to run: fills the outputs it is handed. */
export type CompiledKernel = (
  inputs: readonly Storage[],
  outputs: readonly Storage[],
  scalars: readonly number[],
) => void

/** Several equations of a Program as one kernel. */
export interface FusedKernel {
  readonly name: string
  /** Where the user asked for its last equation. */
  readonly site: Equation['site']
  readonly inputs: readonly Variable[]
  readonly outputs: readonly Variable[]
  /** For each output, the inputs (by position) whose storage it may take: they are read where it is written. */
  readonly overwritable: readonly (readonly number[])[]
  /** The numbers it is handed: literal operands of equations. */
  readonly literals: readonly { readonly equation: Equation; readonly operand: number }[]
  /** Generates its code. */
  build(): CompiledKernel
}

/** How a backend compiles Programs; made by `codegen` of `@adjoint/core/codegen`. */
export interface Codegen {
  /** A Program's steps in order: fused kernels, and equations that stay by themselves. */
  plan(program: Program): readonly (FusedKernel | Equation)[]
  /** An uninitialised buffer for a compiled kernel to fill. */
  allocate(dtype: DType, size: number): Storage
}

/** What a backend must say; see `defineBackend`. */
export interface BackendSpec {
  readonly name: string
  /** Dtypes the device holds; others are refused by name. */
  readonly dtypes: readonly DType[]
  /** Whether `read` returns at once. Without it, work is queued and reading is `await x.data()`. */
  readonly sync: boolean
  /** A new buffer with the data, which the backend may keep; `borrowed` data may be changed by the user at any time. */
  write(data: TypedArray, dtype: DType, borrowed?: boolean): Storage
  /** The buffer's elements; the caller does not change them. */
  read(storage: Storage, dtype: DType, size: number): TypedArray | Promise<TypedArray>
  /** Frees a buffer, or takes it back for reuse. Left out where the garbage collector does all. */
  release?(storage: Storage): void
  /** Buffers live outside the JavaScript heap, so `write` copies; a finalizer is the safety net for tensors nobody disposed. */
  readonly external?: boolean
  /** What is live now; zeros where the garbage collector owns the memory. */
  memory(): MemoryInfo
  /** A kernel made for this call, looked up after the table and before the primitive's own. */
  find?(primitive: Primitive, call: KernelCall): Kernel | undefined
  /** Codegen tier: fuses jitted work into kernels of its own. */
  readonly codegen?: Codegen
}

/** A backend: a spec with its table of kernels. */
export interface Backend extends BackendSpec {
  readonly table: ReadonlyMap<string, Kernel>
  /** Registers a kernel for a primitive; a later one replaces it. Returns the backend, for chaining. */
  implement<P extends object>(primitive: Primitive<P>, kernel: Kernel<P>): Backend
}

/**
 * Makes a backend. Op-tier backends `implement` primitives; codegen ones also give `codegen`.
 *
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
