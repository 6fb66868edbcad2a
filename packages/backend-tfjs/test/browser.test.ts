// The conformance kit on the GPU backends of tfjs, in a real Chromium whose GPU is a program (SwiftShader).

import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type PageResult, runPage, whySkipPages } from '../../../scripts/browser/run-page.js'
import { capabilities } from './capabilities.js'
import { kitRecord } from './kit.js'

const reason = whySkipPages()
const SOFTWARE = ['--ignore-gpu-blocklist', '--enable-unsafe-swiftshader']
const FLAGS = {
  webgl: [...SOFTWARE, '--use-angle=swiftshader'],
  webgpu: [
    ...SOFTWARE,
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
    '--use-vulkan=swiftshader',
  ],
}

describe.each(['webgl', 'webgpu'] as const)('tfjs on %s in Chromium', (device) => {
  let page: PageResult | undefined

  beforeAll(async () => {
    if (reason !== undefined) return
    page = await runPage({
      entry: fileURLToPath(new URL('./browser/page.ts', import.meta.url)),
      files: { '/device': new TextEncoder().encode(device) },
      flags: FLAGS[device],
      timeout: 170_000,
    })
  }, 180_000)

  it('holds what the conformance kit asks', async (ctx) => {
    ctx.skip(reason !== undefined, reason)
    const results = [...(page?.values() ?? [])]
    const first = results.find(({ error }) => /does not start|no backend/.test(error ?? ''))
    ctx.skip(device === 'webgpu' && first !== undefined, 'this Chromium has no WebGPU')
    expect(results.length).toBeGreaterThan(130)
    expect(results.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`]))).toEqual([])
    const passed = results.filter(({ value }) => value === 'holds').length
    await expect(kitRecord(passed, capabilities(device))).toMatchFileSnapshot(`kit/tfjs-${device}.json`)
    expect(page?.get('border')?.value).toEqual([5, 9, 13])
    expect(page?.get('upstream')?.value).toEqual([])
    if (device === 'webgl')
      expect(page?.get('lost context')?.value).toMatch(/^device-failed: the WebGL context is lost/)
  })
})
