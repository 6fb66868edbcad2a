// Runs in the page: the cases one after the other, then one report to the server that sent the page.

import type { CaseResult, PageCases, PageReport } from './api.js'

/** Runs the cases of a page and reports what became of each. */
export async function runCases(cases: PageCases): Promise<void> {
  const results: CaseResult[] = []
  for (const [name, run] of Object.entries(cases)) {
    try {
      results.push({ name, value: await run() })
    } catch (error) {
      results.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }
  await send({ results })
}

async function send(report: PageReport): Promise<void> {
  await fetch('/report', { method: 'POST', body: JSON.stringify(report) })
}
