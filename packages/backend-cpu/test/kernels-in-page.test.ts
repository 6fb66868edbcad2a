// The WebAssembly kernels in a real Chromium: the bits of Node.

import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { type PageResult, runPage, whySkipPages } from '../../../scripts/browser/run-page.js'
import { createCpu } from '../src/index.js'
import { results } from './browser/kernels.js'

const entry = fileURLToPath(new URL('./browser/kernels-page.ts', import.meta.url))
const reason = whySkipPages()
let page: PageResult | undefined

beforeAll(async () => {
  if (reason === undefined) page = await runPage({ entry })
}, 90_000)

const here = (dtype: 'float32' | 'float64') => results(createCpu({ webassemblyFrom: 1 }), dtype)

it.for(['float32', 'float64'] as const)('%s kernels', (dtype, ctx) => {
  ctx.skip(reason !== undefined, reason)
  expect(page?.get(dtype)?.error).toBeUndefined()
  expect(page?.get(dtype)?.value).toEqual(here(dtype))
})

it('relaxed SIMD', (ctx) => {
  ctx.skip(reason !== undefined, reason)
  expect(page?.get('fuses')?.value).toBe(true)
  const relaxed = page?.get('relaxed')?.value as ReturnType<typeof here>
  for (const [name, expected] of Object.entries(here('float64')))
    for (let i = 0; i < expected.length; i++)
      expect(Math.abs(relaxed[name][i] - expected[i])).toBeLessThanOrEqual(1e-13 * (1 + Math.abs(expected[i])))
})
