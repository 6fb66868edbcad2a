// The kernels of the core's primitives by name; element-wise ones come from their scalar rules instead.

import type { CpuKernelFactory } from '@adjoint/core'
import { argReduce } from './arg-reduce.js'
import { cumulative } from './cumulative.js'
import { gather, scatter } from './gather.js'
import { dotGeneral } from './matmul/dot-general.js'
import type { ProductTools } from './matmul/product.js'
import { broadcast, concat, dynamicSlice, dynamicUpdate, flip, iota, pad, slice, transpose } from './movement.js'
import { randomBits } from './random-bits.js'
import { reduce } from './reduce.js'
import { sort } from './sort.js'

/** Makes the entries; a name that is missing here has another way to run. */
export function kernelTable(tools: ProductTools): ReadonlyMap<string, CpuKernelFactory<never>> {
  return new Map<string, CpuKernelFactory<never>>(
    Object.entries({
      iota,
      transpose,
      broadcast,
      slice,
      flip,
      pad,
      concat,
      dynamicSlice,
      dynamicUpdate,
      reduceSum: reduce('sum'),
      reduceProd: reduce('prod'),
      reduceMax: reduce('max'),
      reduceMin: reduce('min'),
      argMax: argReduce('max'),
      argMin: argReduce('min'),
      cumulative,
      dotGeneral: dotGeneral(tools),
      gather,
      scatter,
      sort,
      randomBits,
    }),
  )
}
