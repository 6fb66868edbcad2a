// The front door in a real Chromium: the numbers of Node, with and without the right to make code.

import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type PageResult, runPage, whySkipPages } from '../../../scripts/browser/run-page.js'
import { cases } from './browser/cases.js'

const entry = fileURLToPath(new URL('./browser/page.ts', import.meta.url))
const reason = whySkipPages()

/** Equal to six digits: two engines, and two halves of a backend, round in different places. */
const close = (value: number) => expect.closeTo(value, value === 0 ? 6 : 5 - Math.floor(Math.log10(Math.abs(value))))

describe.each([
  { where: 'Chromium', csp: undefined, rights: { eval: true, WebAssembly: true } },
  {
    where: 'Chromium without eval',
    csp: "default-src 'self' 'wasm-unsafe-eval'",
    rights: { eval: false, WebAssembly: true },
  },
  {
    where: 'Chromium without eval and WebAssembly',
    csp: "default-src 'self'",
    rights: { eval: false, WebAssembly: false },
  },
])('$where', ({ csp, rights }) => {
  let page: PageResult | undefined

  beforeAll(async () => {
    if (reason === undefined) page = await runPage({ entry, csp })
  }, 90_000)

  it('grants what its policy says', (ctx) => {
    ctx.skip(reason !== undefined, reason)
    for (const [name, granted] of Object.entries(rights))
      expect(page?.get(name), name).toEqual({ name, value: granted })
  })

  it.for(Object.keys(cases))('%s: as in Node', async (name, ctx) => {
    ctx.skip(reason !== undefined, reason)
    const expected = await cases[name]()
    const value = typeof expected === 'string' ? expected : expected.map(close)
    expect(page?.get(name)).toEqual({ name, value })
  })
})
