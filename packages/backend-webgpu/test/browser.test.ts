// The same kit in a real Chromium, on its software adapter.

import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type PageResult, runPage, whySkipPages } from '../../../scripts/browser/run-page.js'

const reason = whySkipPages()
const TIMEOUT = 400_000

describe('in Chromium', () => {
  let page: PageResult | undefined

  beforeAll(async () => {
    if (reason !== undefined) return
    page = await runPage({
      entry: fileURLToPath(new URL('./browser/page.ts', import.meta.url)),
      flags: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
      timeout: TIMEOUT,
    })
  }, TIMEOUT)

  it('runs a jitted function', (ctx) => {
    ctx.skip(reason !== undefined, reason)
    expect(page?.get('a jitted function')).toEqual({ name: 'a jitted function', value: [14] })
  })

  it('passes the conformance kit', (ctx) => {
    ctx.skip(reason !== undefined, reason)
    expect(page?.get('the whole kit')).toEqual({
      name: 'the whole kit',
      value: { checks: expect.any(Number), failed: [] },
    })
  })
})
