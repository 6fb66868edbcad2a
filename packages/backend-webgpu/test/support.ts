// The GPU of this machine for tests, a software one where there is no other, or the reason why there is none.

import { existsSync } from 'node:fs'
import { describe, it } from 'vitest'
import { type WebgpuBackend, type WebgpuOptions, webgpu } from '../src/index.js'

/** Where Debian's chromium installs its software Vulkan. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json'
const HARDWARE = ['/dev/dri', '/dev/nvidia0', '/dev/dxg']

if (process.platform === 'linux' && !HARDWARE.some((path) => existsSync(path)) && existsSync(SWIFTSHADER))
  process.env.VK_ICD_FILENAMES ??= SWIFTSHADER

/** A backend of this test file. */
export function open(options?: WebgpuOptions): Promise<WebgpuBackend> {
  return webgpu(options)
}

// Why tests on a GPU cannot run here; undefined where they can.
const whySkip: string | undefined = await open().then(
  (backend) => {
    backend.destroy()
    return undefined
  },
  (error: Error) => error.message,
)

/** Registers tests that need a GPU, or one skipped test that says why they do not run. */
export function onGpu(name: string, register: () => void): void {
  describe(name, () => {
    if (whySkip === undefined) register()
    else it('runs on a GPU', (ctx) => ctx.skip(whySkip))
  })
}
