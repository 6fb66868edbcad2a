import { expect, test } from 'vitest'
import { summarise } from '../lib/summary.mjs'

const task = (name: string, exitCode?: number) => ({
  taskId: `pkg#${name}`,
  task: name,
  directory: 'nowhere',
  execution: exitCode === undefined ? null : { exitCode },
})

test('each check counts as one and a build counts only where it fails', () => {
  expect(summarise([task('lint', 0), task('build', 0)])).toEqual({ passed: 1, failed: [], skipped: [] })
  expect(summarise([task('lint', 1), task('build', 2)]).failed).toEqual(['pkg#lint', 'pkg#build'])
})

test('a check that never ran is a failure', () => {
  expect(summarise([task('site')]).failed).toHaveLength(1)
})

test('tests without a report are a failure, and so is a run of nothing', () => {
  expect(summarise([task('test', 0)]).failed).toEqual(['pkg#test left no report'])
  expect(summarise([]).failed).toEqual(['turbo ran nothing'])
})
