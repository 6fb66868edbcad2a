// The public types of the package.

import type { Backend, Shape, Tensor } from '@adjoint/core'

/** Options of `webgpu`. */
export interface WebgpuOptions {
  /** @defaultValue 'webgpu' */
  readonly name?: string
  /** Which GPU of several. @defaultValue what the system prefers */
  readonly powerPreference?: 'low-power' | 'high-performance'
  /** A device that other code uses too, such as a renderer; it is not destroyed by `destroy`. @defaultValue one of its own */
  readonly device?: GPUDevice
  /** Where adapters come from. @defaultValue `navigator.gpu`, in Node the package `webgpu` */
  readonly gpu?: GPU
  /**
   * `accurate` computes exp, log, tanh, pow and the like to 4 units in the last place, and remainders exactly;
   * `fast` takes the GPU's own functions, whose errors differ between devices. @defaultValue 'accurate'
   */
  readonly precision?: Precision
  /** Most bytes of released buffers kept for reuse. @defaultValue 256 MiB */
  readonly poolBytes?: number
}

/** How exact elementary functions are. */
export type Precision = 'fast' | 'accurate'

/** The backend, with what only a GPU has. */
export interface WebgpuBackend extends Backend {
  readonly device: GPUDevice
  /** Vendor, architecture and name of the GPU, as far as the system tells. */
  readonly adapter: AdapterDescription
  /**
   * The buffer of a tensor, without a copy: 4 bytes an element, bools as uint32 0 or 1. It belongs to the tensor; keep
   * that alive, and do not write to it. Resolves when all work on the tensor is submitted.
   *
   * @throws AdjointError `backend-mismatch` for a tensor of another backend
   */
  toGPUBuffer(x: Tensor): Promise<GPUBuffer>
  /**
   * A tensor over a buffer of the same device, without a copy. The caller keeps the buffer and destroys it after the tensor.
   *
   * @throws AdjointError `invalid-argument` for a buffer that is too small or lacks the usages STORAGE and COPY_SRC
   */
  fromGPUBuffer(buffer: GPUBuffer, shape: Shape, dtype?: 'float32' | 'int32' | 'uint32' | 'bool'): Tensor
  /**
   * Runs `fn`, waits for all it started on this backend, and tells how long each kernel took on the GPU.
   *
   * @throws AdjointError `device-failed` where the device has no timestamp queries
   */
  profile<R>(fn: () => R | Promise<R>): Promise<Profile<R>>
  /** Gives everything on the device back; live tensors become unreadable. */
  destroy(): void
}

/** What is known of a GPU. */
export interface AdapterDescription {
  readonly vendor: string
  readonly architecture: string
  readonly description: string
}

/** One kernel's time. */
export interface KernelTime {
  readonly name: string
  /** Microseconds on the GPU's own clock. */
  readonly start: number
  readonly microseconds: number
}

/** What `profile` found. */
export interface Profile<R> {
  readonly result: R
  /** In order. */
  readonly kernels: readonly KernelTime[]
  /** The same as a file that chrome://tracing and Perfetto open. */
  readonly trace: string
}
