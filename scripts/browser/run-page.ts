// Runs a module in a real Chromium: bundled from sources, served by a small server, ended in any case.

import { build } from 'esbuild'
import type { CaseResult } from './api.js'
import { findChromium, openChromium } from './chromium.js'
import { servePage } from './server.js'

/** A module to be run in a page. */
export interface PageRun {
  /** Path of the module, which calls `runCases`. */
  readonly entry: string
  /** More flags of Chromium, such as `--enable-unsafe-webgpu`. @defaultValue none */
  readonly flags?: readonly string[]
  /** Content security policy of the page. @defaultValue none */
  readonly csp?: string
  /** More headers of the page, such as those of cross-origin isolation. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>
  /** Files that the page may fetch, by path. @defaultValue none */
  readonly files?: Readonly<Record<string, Uint8Array>>
  /** Milliseconds until the run is given up. @defaultValue 60 000 */
  readonly timeout?: number
}

/** What became of the cases of a page, by name. */
export type PageResult = ReadonlyMap<string, CaseResult>

/** The reason to skip tests of pages on this machine, or `undefined` where they run. */
export function whySkipPages(): string | undefined {
  return findChromium() === undefined ? 'chromium is not installed' : undefined
}

/**
 * What the page reports, case by case.
 *
 * @throws Error where Chromium is missing, ends early, or says nothing in time, and where the page fails outside its cases
 */
export async function runPage(run: PageRun): Promise<PageResult> {
  const { entry, flags = [], csp, headers = {}, files = {}, timeout = 60_000 } = run
  const program = findChromium()
  if (program === undefined) throw new Error('chromium is not installed; ask whySkipPages() before')
  const policy: Record<string, string> = csp === undefined ? {} : { 'content-security-policy': csp }
  const server = await servePage({ script: await bundle(entry), headers: { ...headers, ...policy }, files })
  try {
    const browser = await openChromium(program, server.url, flags)
    try {
      const late = after(timeout, () => `No report after ${timeout} ms.\n${browser.lastWords()}`)
      const { results, crash } = await Promise.race([server.report, browser.ended, late.promise]).finally(late.cancel)
      if (crash !== undefined) throw new Error(`The page failed: ${crash}`)
      return new Map(results.map((result) => [result.name, result]))
    } finally {
      await browser.close()
    }
  } finally {
    await server.close()
  }
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@adjoint/source', 'module'],
    sourcemap: 'inline',
    logLevel: 'silent',
  })
  return outputFiles[0].text
}

function after(ms: number, message: () => string) {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), ms)
  })
  return { promise, cancel: () => clearTimeout(timer) }
}
