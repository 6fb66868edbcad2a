// The scalar IR: typed scalar expressions and statements that every codegen backend prints.
// One kernel is a grid of independent threads; the int32 variables `g0`, `g1`, ... are the indices of the one that runs.

import type { KernelCall } from '../backend/kernel.js'
import type { DType } from '../dtype.js'
import type * as binary from './operations/binary.js'
import type * as compare from './operations/compare.js'
import type * as unary from './operations/unary.js'

/** Scalar operations of one operand. */
export type UnaryOp = keyof typeof unary

/** Scalar operations of two operands of one dtype. */
export type BinaryOp = keyof typeof binary

/** Comparisons: operands of one dtype, a bool out. */
export type CompareOp = keyof typeof compare

/** A typed scalar expression. */
export type Scalar =
  | { readonly op: 'const'; readonly value: number; readonly dtype: DType }
  /** A number handed in at each run: literals of the Program, lifted. */
  | { readonly op: 'parameter'; readonly index: number; readonly dtype: DType }
  | { readonly op: 'variable'; readonly name: string; readonly dtype: DType }
  | { readonly op: 'load'; readonly buffer: number; readonly index: Scalar; readonly dtype: DType }
  | { readonly op: 'loadLocal'; readonly array: string; readonly index: Scalar; readonly dtype: DType }
  | { readonly op: UnaryOp; readonly args: readonly [Scalar]; readonly dtype: DType }
  | { readonly op: BinaryOp | CompareOp; readonly args: readonly [Scalar, Scalar]; readonly dtype: DType }
  | {
      readonly op: 'select'
      readonly args: readonly [condition: Scalar, onTrue: Scalar, onFalse: Scalar]
      readonly dtype: DType
    }
  | { readonly op: 'cast' | 'bitcast'; readonly args: readonly [Scalar]; readonly dtype: DType }

/** A statement. Variables are declared before use and live to the end of their block. */
export type Statement =
  | { readonly kind: 'declare'; readonly name: string; readonly value: Scalar; readonly mutable: boolean }
  | { readonly kind: 'assign'; readonly name: string; readonly value: Scalar }
  | { readonly kind: 'store'; readonly buffer: number; readonly index: Scalar; readonly value: Scalar }
  | { readonly kind: 'storeLocal'; readonly array: string; readonly index: Scalar; readonly value: Scalar }
  /** A private array of the thread, or one shared by its workgroup. */
  | {
      readonly kind: 'array'
      readonly name: string
      readonly dtype: DType
      readonly length: number
      readonly space: 'private' | 'workgroup'
    }
  /** `for (name = start; name < end; name += step)`, int32. */
  | {
      readonly kind: 'loop'
      readonly name: string
      readonly start: Scalar
      readonly end: Scalar
      readonly step: number
      /** Its iterations may run in any order, and at once. */
      readonly independent?: boolean
      readonly body: readonly Statement[]
    }
  | { readonly kind: 'while'; readonly condition: Scalar; readonly body: readonly Statement[] }
  | {
      readonly kind: 'if'
      readonly condition: Scalar
      readonly then: readonly Statement[]
      readonly otherwise: readonly Statement[]
    }
  /** All threads of a workgroup meet. */
  | { readonly kind: 'barrier' }

/** A buffer of a kernel. Reads come first, writes after. */
export interface KernelBuffer {
  readonly dtype: DType
  readonly size: number
  readonly access: 'read' | 'write'
}

/** One kernel: an independent run of `body` for each point of the grid, whose indices are the variables `g0`, `g1`, ... */
export interface ScalarKernel {
  readonly name: string
  readonly buffers: readonly KernelBuffer[]
  /** Dtypes of the numbers handed in at each run. */
  readonly parameters: readonly DType[]
  /** Lengths of the grid; `[]` is a single run. The last axis is the one to lay along memory. */
  readonly grid: readonly number[]
  /** Threads that share workgroup memory and barriers; 1 where neither is used. */
  readonly workgroup: number
  readonly body: readonly Statement[]
}

/** The scalar meaning of an element-wise primitive: an expression of its operands, element by element. */
export type ScalarRule<P> = (operands: readonly Scalar[], params: P, output: DType) => Scalar

/** A whole kernel in the IR, for one call; buffers are the inputs, then the outputs. */
export type KernelRule<P> = (call: KernelCall<P>) => ScalarKernel
