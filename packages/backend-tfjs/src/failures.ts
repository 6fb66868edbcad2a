// What went wrong on a device, in words that say what to do: textures too large, contexts lost, memory gone.

import { AdjointError, isAdjointError } from '@adjoint/core'

const lostDevices = /* @__PURE__ */ new WeakMap<object, string>()

/** Notes when a WebGPU device goes; the others are asked. */
export function watchDevice(backend: object): void {
  const { device } = backend as { device?: { lost?: Promise<{ message: string }> } }
  device?.lost?.then(({ message }) => lostDevices.set(backend, `the WebGPU device is lost (${message})`))
}

/** Why the device is gone, where it is. */
export function whyLost(backend: object): string | undefined {
  const { gpgpu } = backend as { gpgpu?: { gl?: { isContextLost?(): boolean } } }
  return gpgpu?.gl?.isContextLost?.() === true ? 'the WebGL context is lost' : lostDevices.get(backend)
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
