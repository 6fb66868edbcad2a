// Opens a GPU: `navigator.gpu` where there is one, else the npm package `webgpu` (Dawn).

import { AdjointError } from '@adjoint/core'
import type { WebgpuOptions } from '../api.js'

/** Dawn crashes when its GPU object is collected while devices live: it is kept for the life of the process. */
const keptAlive: GPU[] = []

/** Limits worth raising to what the adapter has. */
const RAISED = [
  'maxStorageBuffersPerShaderStage',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupStorageSize',
] as const

/**
 * The device to run on.
 *
 * @throws AdjointError `device-failed` where there is no WebGPU or no adapter
 */
export async function openDevice({ device, gpu, powerPreference }: WebgpuOptions): Promise<GPUDevice> {
  if (device !== undefined) return device
  const source = gpu ?? (await findGpu())
  const adapter = await source.requestAdapter(powerPreference === undefined ? {} : { powerPreference })
  if (adapter === null) {
    throw unavailable(
      'WebGPU without an adapter',
      'Check the driver; without a GPU, a software one such as SwiftShader serves (see the README)',
    )
  }
  const requiredLimits = Object.fromEntries(RAISED.map((name) => [name, adapter.limits[name]]))
  const requiredFeatures: GPUFeatureName[] = adapter.features.has('timestamp-query') ? ['timestamp-query'] : []
  return adapter.requestDevice({ requiredLimits, requiredFeatures })
}

async function findGpu(): Promise<GPU> {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu
  if (own !== undefined) return own
  const kept = keptAlive[0]
  if (kept !== undefined) return kept
  // Not a literal, so that bundlers of pages leave it alone.
  const name = 'webgpu'
  const dawn = await import(/* @vite-ignore */ name).catch(() => undefined)
  if (typeof dawn?.create !== 'function')
    throw unavailable('a system without navigator.gpu', 'In Node, install the package `webgpu`')
  const made = dawn.create([]) as GPU
  keptAlive.push(made)
  return made
}

function unavailable(given: string, fix: string): AdjointError {
  return new AdjointError('device-failed', { fn: 'webgpu', given, expected: 'a GPU that WebGPU can use', fix })
}
