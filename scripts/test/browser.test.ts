// The harness that runs pages: what it reports, and that it gives up and cleans up.

import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runPage, whySkipPages } from '../browser/run-page.js'

const reason = whySkipPages()
const CASES = fileURLToPath(new URL('./pages/cases.ts', import.meta.url))
const CRASH = fileURLToPath(new URL('./pages/crash.ts', import.meta.url))
const SILENT = fileURLToPath(new URL('./pages/silent.ts', import.meta.url))
const profiles = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`adjoint-chromium-${process.pid}-`))

describe('pages in Chromium', () => {
  it('reports case by case, under the headers, flags and files it was given', async (ctx) => {
    ctx.skip(reason !== undefined, reason)
    const cases = await runPage({
      entry: CASES,
      csp: "default-src 'self'",
      headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
      files: { '/file.txt': new TextEncoder().encode('hello') },
      flags: ['--user-agent=adjoint'],
    })
    expect(cases.get('a value')?.value).toBe('hello')
    expect(cases.get('an error')?.error).toMatch(/as planned/)
    expect(cases.get('isolated')?.value).toBe(true)
    expect(cases.get('no eval')?.error).toMatch(/EvalError/)
    expect(cases.get('name')?.value).toBe('adjoint')
    expect(profiles()).toEqual([])
  })

  it('fails with the error of a page that throws outside its cases', async (ctx) => {
    ctx.skip(reason !== undefined, reason)
    await expect(runPage({ entry: CRASH })).rejects.toThrow(/before any case/)
  })

  it('gives a silent page up, and leaves nothing behind', async (ctx) => {
    ctx.skip(reason !== undefined, reason)
    await expect(runPage({ entry: SILENT, timeout: 3000 })).rejects.toThrow(/No report after 3000 ms/)
    expect(profiles()).toEqual([])
  })

  it('fails at once when the browser does not start', async (ctx) => {
    ctx.skip(reason !== undefined, reason)
    await expect(runPage({ entry: SILENT, flags: ['--version'] })).rejects.toThrow(/Chromium ended/)
  })
})
