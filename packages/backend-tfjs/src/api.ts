// The public types of the package.

import type { Backend, KernelCall } from '@adjoint/core'
import type * as tfjs from '@tensorflow/tfjs-core'

/** What the backend uses of tfjs: `import * as tf` of `@tensorflow/tfjs-core`, or of `@tensorflow/tfjs`, which contains it. */
export type TfjsCore = Pick<
  typeof tfjs,
  | 'add'
  | 'engine'
  | 'getBackend'
  | 'getKernel'
  | 'mul'
  | 'ready'
  | 'reshape'
  | 'scalar'
  | 'setBackend'
  | 'stack'
  | 'sum'
  | 'tensor'
  | 'tidy'
  | 'variableGrads'
  | 'version_core'
  | 'zeros'
>

/** Options of `createTfjs`. */
export interface TfjsOptions {
  /** The copy of tfjs to run on, where it is not the one that `import('@tensorflow/tfjs-core')` finds. */
  readonly tf?: TfjsCore
  /** Name of a registered tfjs backend. @defaultValue the one tfjs has chosen */
  readonly device?: string
  /** Name of the backend in messages. @defaultValue 'tfjs-' and the device */
  readonly name?: string
  /**
   * Whether values are read at once. A WebGL or WebGPU device then blocks the page while it finishes.
   *
   * @defaultValue true on cpu and wasm, false elsewhere
   */
  readonly sync?: boolean
}

/** A tensor as tfjs kernels take and give it. */
export interface TfjsInfo {
  readonly dataId: object
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32' | 'bool'
}

/** Attributes of a tfjs kernel. */
export type TfjsAttributes = Readonly<
  Record<string, number | boolean | string | readonly number[] | readonly (readonly number[])[]>
>

/** What a kernel for this backend works with. Whatever it makes and does not return is disposed after it. */
export interface TfjsOps {
  readonly tf: TfjsCore
  /** Name of the tfjs backend: 'cpu', 'wasm', 'webgl', 'webgpu'. */
  readonly device: string
  /** Runs a kernel of tfjs by its name; of several outputs the first. */
  run(
    kernel: string,
    inputs: Readonly<Record<string, TfjsInfo | readonly TfjsInfo[]>>,
    attributes?: TfjsAttributes,
  ): TfjsInfo
  /** A constant, from numbers in row-major order. */
  constant(values: readonly number[], shape: readonly number[], dtype: TfjsInfo['dtype']): TfjsInfo
  /** Takes a tensor that something else has made: it is disposed with the rest. */
  own(info: TfjsInfo): TfjsInfo
}

/** A kernel for this backend: a primitive of any package brings one as `kernels: { tfjs }`. */
export type TfjsKernel<P extends object = object> = (
  ops: TfjsOps,
  inputs: readonly TfjsInfo[],
  call: KernelCall<P>,
) => TfjsInfo | readonly TfjsInfo[]

/** A backend on one of tfjs's. */
export interface TfjsBackend extends Backend {
  readonly tf: TfjsCore
  /** Name of the tfjs backend below: 'cpu', 'wasm', 'webgl', 'webgpu'. */
  readonly device: string
  /** Bits of a float on the device: 16 on phones without 32-bit textures. */
  readonly floatBits: 16 | 32
  /** Integers are exact up to `2 ** integerBits`: 31 in integer memory, 24 where a GPU computes with them in floats, 11 in halves. */
  readonly integerBits: 31 | 24 | 11
  /** The same device under its own queue, or without one: see `TfjsOptions.sync`. Tensors of the two do not mix. */
  blocking(): TfjsBackend
}
