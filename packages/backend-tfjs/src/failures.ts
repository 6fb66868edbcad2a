// What went wrong on a device, in words that say what to do: textures too large, contexts lost, memory gone.

import { AdjointError, isAdjointError } from '@adjoint/core'

interface GpuBackend {
  readonly device?: { readonly lost?: Promise<{ message: string }> }
  readonly gpgpu?: { readonly gl?: { isContextLost?(): boolean; readonly canvas?: EventTarget } }
}

const lostDevices = /* @__PURE__ */ new WeakMap<object, string>()
/** What to call when a device goes, by tfjs backend: a reader each. */
const readers = /* @__PURE__ */ new WeakMap<object, Set<(error: Error) => void>>()

/** Notes when the device of a tfjs backend goes, and tells its readers. */
export function watchDevice(backend: object): void {
  if (readers.has(backend)) return
  const waiting = new Set<(error: Error) => void>()
  readers.set(backend, waiting)
  const lose = (why: string) => {
    lostDevices.set(backend, why)
    for (const reject of waiting) reject(new Error(why))
  }
  const { device, gpgpu } = backend as GpuBackend
  device?.lost?.then(({ message }) => lose(`the WebGPU device is lost (${message})`))
  gpgpu?.gl?.canvas?.addEventListener('webglcontextlost', () => lose('the WebGL context is lost'))
}

/** Why the device is gone, where it is. */
export function whyLost(backend: object): string | undefined {
  const { gpgpu } = backend as GpuBackend
  return gpgpu?.gl?.isContextLost?.() === true ? 'the WebGL context is lost' : lostDevices.get(backend)
}

/** What is read from a device; a lost one never answers. */
export async function readUnlessLost<T>(backend: object, read: () => Promise<T>): Promise<T> {
  const why = whyLost(backend)
  if (why !== undefined) throw new Error(why)
  const waiting = readers.get(backend)
  let reject: (error: Error) => void = () => undefined
  const loss = new Promise<never>((_, no) => {
    reject = no
  })
  waiting?.add(reject)
  try {
    return await Promise.race([read(), loss])
  } finally {
    waiting?.delete(reject)
  }
}

/** An error of tfjs as an AdjointError. */
export function describeFailure(error: unknown, device: string, lost: string | undefined): unknown {
  if (isAdjointError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const details = { fn: `tfjs-${device}`, cause: error }
  if (lost !== undefined) {
    return new AdjointError('device-failed', {
      ...details,
      given: lost,
      expected: 'a device that keeps its memory',
      fix: 'Its tensors are gone. Save state now and then, make a new backend, and load the state there',
    })
  }
  if (/texture size|maximum on this/i.test(message)) {
    return new AdjointError('device-failed', {
      ...details,
      given: `a tensor too large for a texture: ${message}`,
      fix: 'Split it, or compute it on the host: x.to(hostBackend())',
    })
  }
  if (/out of memory|cannot enlarge memory|allocation failed/i.test(message)) {
    return new AdjointError('device-failed', {
      ...details,
      given: `no memory left: ${message}`,
      fix: 'Free tensors by scope() or dispose(), or work in smaller batches',
    })
  }
  return new AdjointError('device-failed', { ...details, given: `a failure of tfjs: ${message}` })
}
