// The CPU backend's storage kinds and kernel API, as types: packages write `kernels: { cpu }` against these alone.

import type { ScalarKernel } from '../codegen/ir.js'
import type { ArrayKernel } from '../codegen/javascript.js'
import type { DType, TypedArray } from '../dtype.js'
import type { KernelCall } from './kernel.js'

/** Storage the garbage collector owns: small and user-visible results. */
export interface ArrayStorage {
  readonly kind: 'array'
  readonly data: TypedArray
}

/** Storage inside the WebAssembly heap: large results, valid until the cache spills it to an array. */
export interface HeapStorage {
  readonly kind: 'heap'
  /** Byte offset in `CpuKernelApi.memory`. */
  readonly pointer: number
  readonly length: number
}

/** How the CPU backend holds a tensor. */
export type CpuStorage = ArrayStorage | HeapStorage

/** A kernel that fills outputs it is handed. Arrays are views of the storages, valid during the call only. */
export type CpuKernel = (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void

/** What the CPU backend hands to a kernel factory. */
export interface CpuKernelApi {
  /** The WebAssembly heap, or null where the backend runs without one. */
  readonly memory: WebAssembly.Memory | null
  /** Scratch space that lives until the kernel returns. */
  scratch(dtype: DType, length: number): TypedArray
  /** Code for a kernel of the scalar IR, over typed arrays. Kernels that print alike share it. */
  compile(kernel: ScalarKernel): ArrayKernel
  /** The packed matrix product `c [m, n] += alpha * a [m, k] b [k, n]`, row strides in elements. */
  gemm(options: GemmOptions): void
}

/** Operands of `CpuKernelApi.gemm`; strides are in elements. */
export interface GemmOptions {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly alpha: number
  readonly a: TypedArray
  readonly aOffset: number
  readonly aStrides: readonly [row: number, column: number]
  readonly b: TypedArray
  readonly bOffset: number
  readonly bStrides: readonly [row: number, column: number]
  readonly c: TypedArray
  readonly cOffset: number
  readonly cStride: number
}

/** Builds the kernel for one signature; called once per shape, dtype and parameters. */
export type CpuKernelFactory<P extends object> = (api: CpuKernelApi, call: KernelCall<P>) => CpuKernel
