// What a backend runs: kernels, by primitive, over storages that only the backend understands.

import type { KernelRule } from '../codegen/ir.js'
import type { Aval } from '../shape.js'
import type { CpuKernelFactory } from './cpu.js'

/** A backend's own handle of a buffer: a typed array, a GPU buffer, a tfjs tensor. */
export type Storage = unknown

/** The types and parameters of one call of a kernel. */
export interface KernelCall<P = object> {
  readonly inputs: readonly Aval[]
  readonly outputs: readonly Aval[]
  readonly params: P
}

/** Computes fresh storages for the outputs. It never changes or keeps its inputs. */
export type Kernel<P = object> = (
  inputs: readonly Storage[],
  call: KernelCall<P>,
) => readonly Storage[] | Promise<readonly Storage[]>

/** A primitive's own kernels: `ir` prints on every codegen backend, the rest are by backend name. */
export interface Kernels<P extends object> {
  readonly ir?: KernelRule<P>
  readonly cpu?: CpuKernelFactory<P>
  readonly [backend: string]: unknown
}
