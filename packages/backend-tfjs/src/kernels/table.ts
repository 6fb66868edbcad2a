// A table of kernels by primitive, some of them for certain calls only.

import type { KernelCall, Primitive } from '@adjoint/core'
import type { TfjsKernel } from '../api.js'

/** A primitive's kernel, and the calls it serves on a device; the others go to the host. */
export interface Entry {
  readonly name: string
  readonly kernel: TfjsKernel
  readonly serves: ((call: KernelCall, device: string) => boolean) | undefined
}

/** A line of the table. */
export function entry<P extends object>(
  primitive: Primitive<P>,
  kernel: TfjsKernel<P>,
  serves?: (call: KernelCall<P>, device: string) => boolean,
): Entry {
  return { name: primitive.name, kernel: kernel as unknown as TfjsKernel, serves: serves as Entry['serves'] }
}

/** Calls whose first operand has a dtype. */
export function only(dtype: string): (call: KernelCall<never>) => boolean {
  return ({ inputs }) => inputs[0].dtype === dtype
}
