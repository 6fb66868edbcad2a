// What a turbo run did, counted: each test of vitest is one, each other check is one.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, root } from './paths.mjs'

/**
 * @typedef {import('./reporter.mjs').TestReport} TestReport
 * @typedef {{ taskId: string, task: string, directory: string, execution?: { exitCode: number | null } | null }} Task
 */

/** The tasks of the newest run that turbo summarised. @returns {Task[]} */
export function latestRun() {
  const dir = join(root, '.turbo', 'runs')
  const newest = existsSync(dir) ? readdirSync(dir).sort().at(-1) : undefined
  return newest ? readJson(join(dir, newest)).tasks : []
}

/** @param {Task} task @returns {TestReport} */
function countTests({ taskId, directory, execution }) {
  const path = join(root, directory, '.reports', 'tests.json')
  if (!existsSync(path)) return { passed: 0, failed: [`${taskId} left no report`], skipped: [] }
  const report = readJson(path)
  if (execution?.exitCode !== 0 && report.failed.length === 0) report.failed.push(`${taskId} failed outside its tests`)
  return report
}

/** @param {Task} task @returns {TestReport} */
function countTask(task) {
  const { execution, taskId } = task
  if (!execution) return { passed: 0, failed: [`${taskId} did not run: something it needs failed`], skipped: [] }
  if (task.task === 'test') return countTests(task)
  if (execution.exitCode !== 0) return { passed: 0, failed: [taskId], skipped: [] }
  return { passed: task.task === 'build' ? 0 : 1, failed: [], skipped: [] }
}

/** @param {readonly Task[]} tasks @returns {TestReport} */
export function summarise(tasks) {
  if (tasks.length === 0) return { passed: 0, failed: ['turbo ran nothing'], skipped: [] }
  const reports = tasks.map(countTask)
  return {
    passed: reports.reduce((sum, report) => sum + report.passed, 0),
    failed: reports.flatMap((report) => report.failed),
    skipped: reports.flatMap((report) => report.skipped),
  }
}
