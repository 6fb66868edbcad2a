// Threads in a real Chromium: with the headers that isolate a page, without them, and where workers are forbidden.

import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { type PageResult, runPage, whySkipPages } from '../../../scripts/browser/run-page.js'

const entry = fileURLToPath(new URL('./browser/threads-page.ts', import.meta.url))
const reason = whySkipPages()
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}
const ALONE = { 'the same bits': true, 'memory of their own': true, 'a worker that hangs': 'no threads' }
const FIX = 'Allow workers (in a page `worker-src blob:` in its content security policy), or do without threads'

describe.each([
  {
    where: 'an isolated page',
    headers: ISOLATED,
    csp: undefined,
    expected: {
      isolated: true,
      threads: 2,
      notices: 0,
      'the same bits': true,
      'memory of their own': true,
      'a worker that hangs': ['device-failed', true, true],
    },
  },
  {
    where: 'an isolated page that allows blobs',
    headers: ISOLATED,
    csp: "default-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
    expected: { isolated: true, threads: 2, notices: 0, 'the same bits': true },
  },
  {
    where: 'an isolated page that forbids workers',
    headers: ISOLATED,
    csp: "default-src 'self' 'wasm-unsafe-eval'",
    expected: { isolated: true, threads: ['device-failed', FIX], ...ALONE },
  },
  {
    where: 'a page that is not isolated',
    headers: undefined,
    csp: undefined,
    expected: { isolated: false, threads: 1, notices: 1, ...ALONE },
  },
])('$where', ({ headers, csp, expected }) => {
  let page: PageResult | undefined

  beforeAll(async () => {
    if (reason === undefined) page = await runPage({ entry, headers, csp })
  }, 90_000)

  it.for(Object.entries(expected))('%s', ([name, value], ctx) => {
    ctx.skip(reason !== undefined, reason)
    expect(page?.get(name)).toEqual({ name, value })
  })
})
