// A counting backend that compiles fused kernels: it refuses use after release, and knows what is still live.

import type { Backend } from '../../src/backend/backend.js'
import { defineBackend } from '../../src/backend/backend.js'
import type { Storage } from '../../src/backend/kernel.js'
import { referenceKernel } from '../../src/backend/reference.js'
import { type ArrayKernel, codegen, type FusionLimits } from '../../src/codegen/index.js'
import type { ScalarKernel } from '../../src/codegen/ir.js'
import { DTYPES, newArray, type TypedArray } from '../../src/dtype.js'

interface Held {
  readonly data: TypedArray
}

/** The backend and its live storages. */
export interface Counting {
  readonly backend: Backend
  readonly live: ReadonlySet<Storage>
  /** How many storages there have been. */
  made(): number
}

export function countingBackend(compile: (kernel: ScalarKernel) => ArrayKernel, fusion: FusionLimits): Counting {
  const live = new Set<Storage>()
  let made = 0
  const hold = (data: TypedArray): Held => {
    const storage = { data }
    live.add(storage)
    made++
    return storage
  }
  const arrays = (storages: readonly Storage[]) =>
    storages.map((storage) => {
      if (!live.has(storage)) throw new Error('a storage is used after its release')
      return (storage as Held).data
    })
  const backend = defineBackend({
    name: 'counting',
    dtypes: DTYPES,
    sync: true,
    write: (data) => hold(data.slice()),
    read: (storage) => arrays([storage])[0],
    release: (storage) => {
      if (!live.delete(storage)) throw new Error('a storage is released twice')
    },
    memory: () => ({ buffers: live.size, bytes: 0 }),
    codegen: codegen({
      limits: fusion,
      inPlace: true,
      // Not zeroed: a kernel that leaves elements out is found.
      allocate: (dtype, size) => hold(newArray(dtype, size).fill(77)),
      compile: (kernel) => {
        const run = compile(kernel)
        return (inputs, outputs, scalars) => run(arrays(inputs), arrays(outputs), scalars)
      },
    }),
    find: (primitive, call) => {
      const kernel = referenceKernel(primitive, call)
      if (kernel === undefined) return undefined
      return (storages, own) =>
        (kernel(arrays(storages), own) as readonly TypedArray[]).map((data) => hold(data.slice()))
    },
  })
  return { backend, live, made: () => made }
}
