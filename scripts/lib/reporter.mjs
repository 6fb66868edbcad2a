// A vitest reporter that leaves .reports/tests.json: what passed, failed, and was skipped for which reason.
import { mkdirSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from './paths.mjs'

/** @typedef {{ passed: number, failed: string[], skipped: string[] }} TestReport */

export class SummaryReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('vitest/node').SerializedError[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    /** @type {TestReport} */
    const report = { passed: 0, failed: unhandled.map((error) => `unhandled: ${error.message}`), skipped: [] }
    for (const module of modules) {
      const file = relative(root, module.moduleId)
      for (const error of module.errors()) report.failed.push(`${file}: ${error.message}`)
      for (const test of module.children.allTests()) {
        const name = `${file}: ${test.fullName}`
        const result = test.result()
        if (result.state === 'passed') report.passed++
        else if (result.state === 'failed') report.failed.push(name)
        else report.skipped.push(`${name} (${(result.state === 'skipped' && result.note) || 'no reason given'})`)
      }
    }
    mkdirSync('.reports', { recursive: true })
    writeFileSync('.reports/tests.json', JSON.stringify(report, null, 2))
  }
}
