// Operands of a matrix product as offset tables: any axes in any order are rows, columns or summed, without a copy.

import type { TypedArray } from '@adjoint/core'

/** A matrix inside an array: element `[i, p]` is `data[base + outer[i] + inner[p]]`; `inner` is summed over. */
export interface Operand {
  readonly data: TypedArray
  readonly base: number
  readonly outer: Int32Array
  readonly inner: Int32Array
}

/** Where results go: row `i` starts at `base + i * stride` and is contiguous. */
export interface Target {
  readonly data: TypedArray
  readonly base: number
  readonly stride: number
}
