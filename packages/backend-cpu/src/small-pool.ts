// Small arrays given back and handed out again as they are, by dtype and length.

import type { DType, TypedArray } from '@adjoint/core'
import { newArray } from '@adjoint/core/codegen'
import { dtypeOf } from './views.js'

/** Most arrays kept of one kind, and in all. */
const MOST_ALIKE = 64
const MOST = 1024

const ORDER: Record<DType, number> = { float32: 0, float64: 1, int32: 2, uint32: 3, bool: 4 }

/** Bounded cache of small arrays. */
export class SmallPool {
  private readonly free = new Map<number, TypedArray[]>()
  private count = 0

  /** An array with arbitrary contents. */
  take(dtype: DType, size: number): TypedArray {
    const data = this.free.get(keyOf(dtype, size))?.pop()
    if (data === undefined) return newArray(dtype, size)
    this.count--
    return data
  }

  /** Keeps an array that nobody uses any more. */
  keep(data: TypedArray): void {
    if (this.count >= MOST) {
      this.free.clear()
      this.count = 0
    }
    const key = keyOf(dtypeOf(data), data.length)
    const alike = this.free.get(key)
    if (alike !== undefined && alike.length >= MOST_ALIKE) return
    if (alike === undefined) this.free.set(key, [data])
    else alike.push(data)
    this.count++
  }
}

function keyOf(dtype: DType, size: number): number {
  return 8 * size + ORDER[dtype]
}
