// The kernels of primitives that neither fuse nor print themselves.

import type { KernelCall } from '@adjoint/core'
import * as primitives from '@adjoint/core/primitives'
import type { GpuStorage } from '../device/buffers.js'
import type { Engine } from '../engine.js'
import { fusedAlone } from './alone.js'
import { argReduction } from './arg-reduce.js'
import { cumulative } from './cumulative.js'
import { dotGeneral } from './dot.js'
import { dynamicSlice, dynamicUpdate } from './dynamic.js'
import { gather } from './gather.js'
import { concat, flip, pad, slice } from './movement.js'
import { randomBits } from './random-bits.js'
import { scatter } from './scatter.js'
import { sort } from './sort.js'

/** Records the work of one call; fresh storages out. */
export type Run = (inputs: readonly GpuStorage[]) => GpuStorage[]

/** Builds what runs all calls of one signature. */
// biome-ignore lint/suspicious/noExplicitAny: each kernel knows the parameters of its primitive
export type KernelFactory = (engine: Engine, call: KernelCall<any>) => Run

/** Kernels by primitive name. */
export function kernelTable(): ReadonlyMap<string, KernelFactory> {
  const fused = [
    primitives.sumPrimitive,
    primitives.prodPrimitive,
    primitives.reduceMaxPrimitive,
    primitives.reduceMinPrimitive,
    primitives.broadcastPrimitive,
    primitives.transposePrimitive,
    primitives.iotaPrimitive,
  ]
  return new Map<string, KernelFactory>([
    ...fused.map((primitive): [string, KernelFactory] => [
      primitive.name,
      (engine, call) => fusedAlone(engine, primitive as never, call),
    ]),
    ['slice', slice],
    ['flip', flip],
    ['pad', pad],
    ['concat', concat],
    ['dynamicSlice', dynamicSlice],
    ['dynamicUpdate', dynamicUpdate],
    ['gather', gather],
    ['scatter', scatter],
    ['randomBits', randomBits],
    ['argMax', argReduction('argMax')],
    ['argMin', argReduction('argMin')],
    ['cumulative', cumulative],
    ['dotGeneral', dotGeneral],
    ['sort', sort],
  ])
}
