// A device in disguise: kernels resolve later, reading waits, no float64, and every buffer is counted.
// It runs the reference kernels, so whatever differs from them is the queue's doing.

import { type Backend, type BackendSpec, type DType, defineBackend, reference, type TypedArray } from '@adjoint/core'

/** Options of `createFakeAsync`. */
export interface FakeAsyncOptions {
  /** @defaultValue 'fake-async' */
  readonly name?: string
  /** Names of primitives without a kernel: they go to the host. @defaultValue none */
  readonly missing?: readonly string[]
  /** Names of primitives whose kernels fail, late. @defaultValue none */
  readonly failing?: readonly string[]
}

/** A buffer of the fake device. */
interface DeviceBuffer {
  readonly id: number
  readonly data: TypedArray
}

const DTYPES: readonly DType[] = ['float32', 'int32', 'uint32', 'bool']

/**
 * An asynchronous backend that is strict about memory: releasing a buffer twice, or one of another device, throws.
 *
 * @example
 * const device = createFakeAsync()
 * const x = tensor([1, 2], { backend: device })
 * await x.add(1).data()   // Float32Array [2, 3]; dataSync() would throw
 */
export function createFakeAsync({ name = 'fake-async', missing = [], failing = [] }: FakeAsyncOptions = {}): Backend {
  const live = new Set<DeviceBuffer>()
  let made = 0
  const write = (data: TypedArray): DeviceBuffer => {
    const buffer = { id: ++made, data: data.slice() }
    live.add(buffer)
    return buffer
  }
  const open = (storage: unknown): TypedArray => {
    if (!live.has(storage as DeviceBuffer))
      throw new Error(`buffer ${(storage as DeviceBuffer | undefined)?.id} is not alive on '${name}'`)
    return (storage as DeviceBuffer).data
  }
  const spec: BackendSpec = {
    name,
    dtypes: DTYPES,
    sync: false,
    external: true,
    write,
    read: async (storage) => {
      await later()
      return open(storage)
    },
    release: (storage) => {
      open(storage)
      live.delete(storage as DeviceBuffer)
    },
    memory: () => ({ buffers: live.size, bytes: [...live].reduce((sum, b) => sum + b.data.byteLength, 0) }),
    find: (primitive, call) => {
      const kernel = missing.includes(primitive.name) ? undefined : reference.find?.(primitive, call)
      if (kernel === undefined) return undefined
      return async (storages, c) => {
        await later()
        if (failing.includes(primitive.name)) throw new Error(`the device lost '${primitive.name}'`)
        return (kernel(storages.map(open), c) as readonly TypedArray[]).map(write)
      }
    },
  }
  return defineBackend(spec)
}

/** The next turn of the event loop. */
function later(): Promise<void> {
  const { setImmediate: soon = (resolve: () => void) => setTimeout(resolve, 0) } = globalThis as {
    setImmediate?: (resolve: () => void) => unknown
  }
  return new Promise((resolve) => {
    soon(resolve)
  })
}
